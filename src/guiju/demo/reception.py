"""The front desk of the demonstration: the talks of the last days, letters, mail, promises, checks of the shift."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guiju.customers.operations.contacts import add_contact, mark, plan_care, record_contact
from guiju.demo import scenes
from guiju.desk.models import Incoming
from guiju.desk.operations import checks
from guiju.desk.operations.inbox import take_in
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.sales.models import Deal, DealBuyer

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)

# channel, kind, hours ago, words, need, problem, category, what became of it
TALKS: tuple[tuple[str, str, int, str, str, str, str, str], ...] = (
    ("call", "repair", 200, "主卧飘窗下雨就渗水，窗台都湿了。", "尽快来修", "主卧飘窗渗水", "leak_window", "after_sales"),
    ("call", "inquiry", 150, "产权证什么时候能办下来？要带什么资料？", "告知办证时间和资料", "", "title", "answered"),
    ("visit", "complaint", 90, "楼道里装修垃圾堆了三天，没人管。", "马上清走，以后不要再堆", "楼道堆放装修垃圾", "noise", "complaint"),
    ("wechat", "repair", 52, "师傅你好，卫生间地漏返味，还有点堵。", "来疏通", "地漏堵塞返味", "pipe_blocked", "after_sales"),
    ("letter", "complaint", 48, "关于房屋渗漏要求书面答复的函。", "书面答复处理办法", "飘窗渗漏", "leak_window", "letter"),
    ("ticket", "complaint", 30, "市民反映小区夜间施工噪声扰民，要求核查。", "核查并答复市民", "夜间施工噪声", "noise", "stay"),
    ("call", "help", 26, "家里老人在家，门锁打不开，能不能帮忙联系师傅？", "联系开锁师傅", "入户门打不开", "door_window", "answered"),
    ("call", "inquiry", 5, "物业费能不能按年交？有没有发票？", "告知交费办法", "", "fees", "later"),
    ("visit", "suggestion", 4, "建议在地库加几个充电桩。", "研究后回复", "", "", "stay"),
    ("call", "praise", 3, "维修的魏师傅很负责，鞋套都自己带了，谢谢他。", "转达谢意", "", "", "closed"),
    ("online", "repair", 2, "阳台推拉门关不严，漏风。", "来调一下", "推拉门关不严", "door_window", "stay"),
)  # fmt: skip


def build(project: Project, staff: dict[str, Person], at: datetime) -> list[Case]:
    """Receive the customers of the last days, through the one door."""
    deals = list(
        Deal.objects.filter(project=project, live=True, stage=Deal.SIGNED)
        .select_related("unit__building")
        .order_by("pk")[: len(TALKS)]
    )
    scan = scenes.signature(staff["ma"], at - 60 * HOUR)
    made = []
    for place, (talk, deal) in enumerate(zip(TALKS, deals, strict=False)):
        buyer = DealBuyer.objects.filter(deal=deal).select_related("customer").order_by("position").first()
        if buyer is not None:
            by = staff["wu"] if place % 4 == 3 else staff["ma"]
            made.append(_talk(project, by, buyer, talk, at - talk[2] * HOUR, scan, place))
    _file(project, staff, at)
    _arrived(project, at)
    _checks(staff, at)
    return made


def _talk(
    project: Project, by: Person, buyer: DealBuyer, talk: tuple[str, str, int, str, str, str, str, str],
    at: datetime, scan: str, place: int,
) -> Case:  # fmt: skip
    channel, kind, _, words, need, problem, category, then = talk
    given: dict[str, Any] = {
        "channel": channel, "kind": kind, "phone": buyer.customer.phone, "customer": buyer.customer_id,
        "unit": buyer.deal.unit_id, "words": words, "need": need, "problem": problem, "category": category,
        "category_suggested": category, "confirmed": True, "repeated_back": True,
        "arrived_at": (at - 2 * MINUTE).isoformat(),
    }  # fmt: skip
    if channel == "visit":
        given |= {"purpose": problem or need, "area": "洽谈区"}
    elif channel == "letter":
        given |= {
            "subject": "关于房屋渗漏的函", "received_date": at.astimezone(ZONE).date().isoformat(), "files": [scan],
        }  # fmt: skip
    elif channel == "wechat":
        given |= {"chat": f"{buyer.customer.name}：{words}\n客服：收到，马上登记。"}
    elif channel == "ticket":
        given |= {
            "external_number": f"DEMO12345-{place:03d}", "external_due_at": (at + 60 * HOUR).isoformat(),
        }  # fmt: skip
    if then == "stay":
        given |= {"promise": "明天中午前回电", "promise_due": (at + 40 * HOUR).isoformat()}
    event = engine.open_case(
        "reception", by=by, at=at, given=given, chain_id=project.company_id, scope_id=project.pk
    )
    assert event.case_id is not None
    case = Case.objects.get(pk=event.case_id)
    if channel == "visit":
        scenes.take(case.pk, "welcome", by, at + MINUTE, {"area": "洽谈区", "greeted": True})
    _after(case, by, at + 2 * MINUTE, then)
    return Case.objects.get(pk=case.pk)


def _after(case: Case, by: Person, at: datetime, then: str) -> None:
    """Take the talk where it went: handed on, answered, arranged for later, closed."""
    closing = {"solved": "yes", "explained": "有事随时来电"}
    if then in ("after_sales", "complaint"):
        scenes.take(case.pk, "hand_on", by, at, {"to": then, "urgency": "urgent"})
        closing = {"solved": "no", "explained": "有安排就联系您", "number_told": True}  # type: ignore[dict-item]
    elif then in ("answered", "later"):
        scenes.take(
            case.pk, "answer", by, at, {"answer": "当场说明了办法和时间", "advice": "可以先在公众号里查进度"}
        )
    if then == "later":
        scenes.take(
            case.pk, "end_contact", by, at + MINUTE,
            {"what": "确认发票能否按年开", "due_at": (at + 20 * HOUR).isoformat()},
        )  # fmt: skip
    elif then in ("after_sales", "complaint", "answered", "closed"):
        scenes.take(case.pk, "close", by, at + MINUTE, closing)


def _file(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Fill the files of two customers: what everybody must know, a second number, care, calls that failed."""
    ma = staff["ma"]
    buyers = DealBuyer.objects.filter(deal__project=project, deal__live=True, deal__stage=Deal.SIGNED)
    customers = [buyer.customer for buyer in buyers.select_related("customer").order_by("pk")[:2]]
    if len(customers) < 2:
        return
    first, second = customers
    mark(
        customer=first, important="老人独居，先打女儿电话", preferred_channel="call", by=ma, at=at - 30 * HOUR
    )
    add_contact(customer=first, kind="phone", value="19900009001", remark="女儿", by=ma, at=at - 30 * HOUR)
    day = at.astimezone(ZONE).date()
    plan_care(
        customer=second, due_date=day + timedelta(days=2), subject="入住满月问候", person=ma, by=ma, at=at - HOUR
    )  # fmt: skip
    for hours in (28, 4):
        record_contact(
            customer=second, channel="call", summary="回访无人接听", outward=True, reached=False, by=ma,
            at=at - hours * HOUR,
        )  # fmt: skip


def _arrived(project: Project, at: datetime) -> None:
    """Let two mails lie in the inbox."""
    for place, (subject, text, hours) in enumerate(
        (
            ("咨询交房时间", "您好，请问三号楼什么时候交房？需要带哪些材料？", 7),
            ("阳台地漏问题", "阳台地漏排水慢，下雨积水，请安排查看，谢谢。", 3),
        )
    ):
        take_in(
            company_id=project.company_id, project_id=project.pk, channel=Incoming.MAIL, key=f"demo-{place}",
            sender="示范业主", address="owner@example.invalid", subject=subject, text=text, at=at - hours * HOUR,
        )  # fmt: skip


def _checks(staff: dict[str, Person], at: datetime) -> None:
    """Confirm yesterday's appearance, spot-checked, and the tidy lounge."""
    ma, tang = staff["ma"], staff["tang"]
    yesterday = at - 24 * HOUR
    items = [key for key, _ in checks.APPEARANCE]
    check = checks.confirm_appearance(items=items, by=ma, at=yesterday)
    checks.spot_check(check=check, good=True, note="", by=tang, at=yesterday + HOUR)
    checks.check_area(area="洽谈区", tidy=False, note="收走杯子，补齐资料", by=ma, at=yesterday)
    checks.check_area(area="洽谈区", tidy=True, note="", by=ma, at=yesterday + HOUR)
