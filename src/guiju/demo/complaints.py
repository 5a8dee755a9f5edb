"""Complaints of the last days in the demonstration: each in another place, one of them the second in its home."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from guiju.demo import scenes
from guiju.estate.models import Project, Unit
from guiju.kernel import engine
from guiju.org.models import Certificate, Department, Person
from guiju.quality.models import ComplaintClerk, CorrectiveAction

Say = Callable[[str], None]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def build(project: Project, staff: dict[str, Person], at: datetime, *, say: Say = lambda text: None) -> None:
    """Build the complaints, with what follows from them; everything is done by the people who would do it."""
    say("演示：投诉、纠正措施、联系单")
    start = at - 6 * DAY
    _prepare(project, staff, start)
    units = list(
        Unit.objects.filter(project=project).order_by("building_id", "entrance", "floor", "room", "pk")[40:52]
    )
    _negotiated(project, staff, units, start)
    _quality(project, staff, units, start)
    _waiting(project, staff, units, at)
    _others(project, staff, units, at)


def _prepare(project: Project, staff: dict[str, Person], at: datetime) -> None:
    company = project.company
    if not ComplaintClerk.objects.filter(company=company, until_at=None).exists():
        ComplaintClerk.objects.create(
            company=company, person=staff["wu"], named_at=at, named_by=staff["zhou"]
        )
    for number, name in enumerate(("zheng", "luo"), 2001):
        Certificate.objects.get_or_create(
            person=staff[name],
            name="质量检验员证",
            defaults={"number": f"JY-{number}", "expires_date": date(at.year + 2, 6, 30)},
        )
    Certificate.objects.get_or_create(
        person=staff["wei"],
        name="防水维修资质证书",
        defaults={"number": "FS-1001", "expires_date": date(at.year + 1, 12, 31)},
    )
    Department.objects.filter(company=company, code="engineering").update(head=staff["sun"])


def _open(
    process: str, project: Project, by: Person, at: datetime, given: dict[str, Any], unit: Unit | None = None
) -> int:
    event = engine.open_case(
        process, by=by, at=at, given=given, chain_id=project.company_id, scope_id=project.pk,
        links=[("unit", unit.pk)] if unit is not None else [],
    )  # fmt: skip
    assert event.case_id is not None
    return event.case_id


def _negotiated(project: Project, staff: dict[str, Person], units: list[Unit], at: datetime) -> None:
    """A complaint about the service, settled after two rounds; and a second one of the same home since then."""
    words = "约好周三回电话，没人打来，打到前台又说不知道这回事"
    key = _open(
        "complaint", project, staff["ma"], at,
        {"words": words, "quality": False, "cause": "delay", "complainant": "苏清越", "phone": "19900001111", "channel": "call"},
        units[0],
    )  # fmt: skip
    scenes.take(
        key,
        "talk",
        staff["ma"],
        at + HOUR,
        {"words": "致歉，说明交接时漏登", "answer": "光道歉不行", "satisfied": False},
    )
    scenes.take(
        key, "talk", staff["tang"], at + 5 * HOUR,
        {"words": "主管登门说明，今后由唐宁专门跟进", "offer": "专人跟进，每周回电", "answer": "可以", "satisfied": True},
    )  # fmt: skip
    scenes.take(key, "reply", staff["ma"], at + 6 * HOUR, {"words": "由唐宁专门跟进，每周回电。"})
    scenes.take(key, "close", staff["ma"], at + 7 * HOUR, {"result": "专人跟进，顾客满意"})
    _open(
        "complaint", project, staff["ma"], at + 5 * DAY,
        {"words": "说好每周回电，这周又没有", "quality": False, "cause": "delay", "complainant": "苏清越", "upset": True},
        units[0],
    )  # fmt: skip


def _quality(project: Project, staff: dict[str, Person], units: list[Unit], at: datetime) -> None:
    """A leaking window from the first word to the record handed back, with the corrective action under way."""
    key = _open(
        "complaint", project, staff["ma"], at,
        {
            "words": "主卧飘窗右下角渗水，窗台木饰面起鼓，孩子住这间，周末前要修好", "quality": True, "cause": "seepage",
            "complainant": "许文静", "phone": "19900002067", "channel": "visit", "need": "周末前修好",
        },
        units[1],
    )  # fmt: skip
    signature = scenes.signature(staff["ma"], at)
    scenes.take(
        key,
        "plan",
        staff["wu"],
        at + HOUR,
        {"situation": "飘窗渗水，木饰面起鼓", "plan": "先查渗漏点，再定维修办法"},
    )
    scenes.take(key, "hand_over", staff["wu"], at + 2 * HOUR, {"no_letters": True})
    scenes.take(
        key, "judge", staff["zheng"], at + 3 * HOUR,
        {"departments": ["工程部"], "analysis": "窗框交接处密封失效", "measures": "重做密封并淋水试验"},
    )  # fmt: skip
    scenes.take(
        key,
        "opine",
        staff["zheng"],
        at + 4 * HOUR,
        {"opinion": "查清渗漏点，重做附加防水层，淋水试验三十分钟"},
    )
    scenes.take(
        key, "delegate", staff["zheng"], at + 5 * HOUR,
        {"person": "wei", "qualification": "防水维修资质", "region": "province"},
    )  # fmt: skip
    scenes.take(key, "read", staff["wei"], at + 6 * HOUR, {"confirmed": True})
    scenes.take(key, "arrive", staff["wei"], at + DAY, {})
    scenes.take(
        key, "investigate", staff["wei"], at + DAY + HOUR,
        {"words": "窗框右下角密封胶开裂约三十厘米", "cause": "seepage", "reason": "交接处没有做附加防水层"},
    )  # fmt: skip
    scenes.take(
        key,
        "decide",
        staff["wei"],
        at + DAY + 2 * HOUR,
        {"fault": "own", "remedy": "rectify", "words": "拆窗套，重做附加防水层"},
    )
    scenes.take(
        key, "execute", staff["wei"], at + DAY + 6 * HOUR,
        {"words": "拆窗套，补做防水两遍，重打密封胶", "test": "淋水三十分钟不渗", "passed": True},
    )  # fmt: skip
    scenes.take(key, "check", staff["zheng"], at + DAY + 7 * HOUR, {"passed": True, "words": "复看合格"})
    scenes.take(
        key, "confirm", staff["wei"], at + DAY + 7 * HOUR,
        {"agreed": True, "signature": signature, "signed_by": "许文静", "satisfied": True, "words": "可以"},
    )  # fmt: skip
    scenes.take(key, "hand_in", staff["wei"], at + DAY + 8 * HOUR, {})
    scenes.take(
        key,
        "corrective",
        staff["zheng"],
        at + 2 * DAY,
        {"department": "工程部", "fact": "飘窗交接处没有附加防水层"},
    )
    action = CorrectiveAction.objects.get(source_id=key).case_id
    scenes.take(action, "issue", staff["zheng"], at + 2 * DAY + HOUR, {})
    scenes.take(action, "acknowledge", staff["sun"], at + 2 * DAY + 2 * HOUR, {})


def _waiting(project: Project, staff: dict[str, Person], units: list[Unit], at: datetime) -> None:
    """Today's: one that has to be with the quality department by tonight, one there, one at a technician's."""
    _open(
        "complaint", project, staff["ma"], at - 3 * HOUR,
        {"words": "卫生间顶棚渗水，楼上防水没做好", "quality": True, "channel": "letter", "complainant": "陶梓明"}, units[2],
    )  # fmt: skip
    judged = _open(
        "complaint", project, staff["ma"], at - 9 * HOUR,
        {"words": "入户门门锁松动关不严", "quality": True, "complainant": "卫宇敏"}, units[3],
    )  # fmt: skip
    scenes.take(
        judged, "plan", staff["wu"], at - 8 * HOUR, {"situation": "门锁松动", "plan": "先看锁体，再定换修"}
    )
    scenes.take(judged, "hand_over", staff["wu"], at - 7 * HOUR, {"no_letters": True})
    _open(
        "complaint",
        project,
        staff["lin"],
        at - HOUR,
        {"words": "销售承诺的车位优惠没有兑现", "channel": "visit"},
        units[4],
    )


def _others(project: Project, staff: dict[str, Person], units: list[Unit], at: datetime) -> None:
    """A memo to the leadership, a dispute that has been heard, a compensation to be approved, a contractor's work."""
    memo = _open(
        "internal_memo", project, staff["wu"], at - DAY,
        {"to_post": "deputy_gm", "kind": "opinion", "subject": "业主建议增设快递柜", "content": "三号楼六户建议在大堂增设快递柜。", "wish": "请研究答复"},
    )  # fmt: skip
    scenes.take(memo, "receive", staff["sun"], at - 20 * HOUR, {})
    dispute = _open(
        "dispute",
        project,
        staff["ma"],
        at - DAY,
        {"complainant": "韩桂玉", "subject": "公摊面积的算法"},
        units[5],
    )
    scenes.take(
        dispute, "write", staff["ma"], at - 23 * HOUR,
        {"account": "合同写公摊二十平，觉得偏大，要求说明怎么算的", "read_back": True},
    )  # fmt: skip
    _open(
        "compensation", project, staff["wu"], at - 5 * HOUR,
        {"payee": "许文静", "ground": "窗台木饰面泡坏，评估单附后", "amount": "3200"}, units[1],
    )  # fmt: skip
    _open(
        "contractor_work", project, staff["wu"], at - 4 * HOUR,
        {"contractor": "恒筑防水", "contact": "李工", "phone": "19900003333", "scope": "飘窗外侧防水整改", "retention": "80000"}, units[1],
    )  # fmt: skip
