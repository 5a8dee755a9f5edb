"""After-sales and visits of the last days in the demonstration: the people who mend things, their stock, and their day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from guiju.demo import scenes
from guiju.desk.models import Material, Skill, Visit, WarrantyStart
from guiju.estate.models import Building, Project, Unit
from guiju.kernel import engine
from guiju.kernel.numbering import ZONE
from guiju.org import people as roster
from guiju.org.models import Certificate, Department, Holding, Person, Post
from guiju.org.operations.people import add_person
from guiju.org.seed import DEMO_PASSWORD
from guiju.sales.models import DealBuyer

Say = Callable[[str], None]
DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)

# Sign-in, name, post, trades, certificate.
PEOPLE = (
    ("shen", "沈一鸣", "after_sales", (), ""),
    ("duan", "段若兰", "service_manager", (), ""),
    ("guo", "郭海宁", "foreman", (), ""),
    ("ling", "凌书瑶", "inspector", (), ""),
    ("du", "杜明轩", "technician", ("electrician", "hvac"), "低压电工作业证、制冷与空调设备作业证"),
    ("kang", "康家豪", "onsite", ("waterproof", "plumber", "mason"), ""),
)
MATERIALS = (
    ("GL-01", "耐候密封胶", "590 mL", "支", 4200, 0),
    ("FS-02", "JS 防水涂料", "", "kg", 6000, 0),
    ("WJ-03", "窗执手", "", "个", 0, 1000),
    ("SL-04", "水龙头", "厨房", "个", 300, 0),
    ("DQ-05", "漏电保护器", "63 A", "个", 200, 500),
    ("PS-06", "防臭地漏芯", "", "个", 1500, 0),
)
PROBLEMS: tuple[dict[str, Any], ...] = (
    {"words": "下雨天主卧飘窗下面的墙皮起泡，用手一摸是湿的", "symptom": "飘窗渗水", "part": "outer_wall", "nature": "leak",
     "where": "主卧飘窗左下角", "since": "上周下雨以后", "effect": "墙皮起泡，地板有点翘", "diagnosis": "窗边密封胶开裂，雨水渗入",
     "offer": "铲除旧胶，窗框四周补防水两遍，重打耐候胶，约半天"},
    {"words": "厨房水龙头关不紧，一直滴，晚上听着难受", "symptom": "水龙头滴水", "part": "sanitary", "nature": "damage",
     "where": "厨房", "since": "三天前", "effect": "费水，夜里有声音", "diagnosis": "阀芯磨损", "offer": "更换水龙头，半小时"},
    {"words": "卫生间下水慢，洗澡水漫到脚面", "symptom": "地漏堵", "part": "pipe_block", "nature": "blockage",
     "where": "主卫淋浴地漏", "since": "前天", "effect": "不能洗澡", "diagnosis": "地漏芯被头发堵住", "offer": "清理并换防臭地漏芯，二十分钟"},
    {"words": "插座一插就跳闸，冰箱都没电了", "symptom": "跳闸", "part": "electrical", "nature": "power",
     "where": "餐厅插座回路", "since": "今天早上", "effect": "冰箱断电", "diagnosis": "回路绝缘损坏或者漏电保护器老化",
     "offer": "查清漏电点，更换漏电保护器"},
    {"words": "入户门关不上，要用力往上抬一下才锁得住", "symptom": "入户门下沉", "part": "door_window", "nature": "damage",
     "where": "入户门", "since": "半个月", "effect": "锁门费力", "diagnosis": "合页松动", "offer": "调整合页，更换一副"},
    {"words": "地暖有一间房不热，另外几间都热", "symptom": "次卧地暖不热", "part": "heating", "nature": "equipment",
     "where": "次卧", "since": "供暖以后", "effect": "晚上冷", "diagnosis": "分水器这一路有气堵", "offer": "排气并清洗过滤网"},
    {"words": "客厅墙上有一道裂缝，有半米长", "symptom": "墙面裂缝", "part": "plaster", "nature": "crack",
     "where": "客厅电视墙", "since": "一个月前", "effect": "难看，担心是不是结构", "diagnosis": "抹灰层温度裂缝，不影响结构",
     "offer": "铲开挂网重新批嵌，颜色补齐"},
    {"words": "楼上好像漏水，卫生间顶上有水印", "symptom": "卫生间顶水印", "part": "wet_room", "nature": "leak",
     "where": "次卫吊顶", "since": "昨天", "effect": "水印在变大", "diagnosis": "楼上防水层或者管道渗漏，要进楼上查",
     "offer": "与楼上约时间闭水试验，查清后修补"},
)  # fmt: skip
STOPS = ("visit_now", "visit_later", "visit_waits", "closed", "proposed", "visit_later", "tested", "recorded")


def prepare(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Add the people who mend things, with trades and certificates, the material, and the days of warranty."""
    company = project.company
    for username, name, post, trades, certificate in PEOPLE:
        person = Person.objects.filter(username=username).first()
        if person is None:
            person, _ = add_person(
                username=username,
                name=name,
                company=company,
                by=staff["admin"],
                at=at,
                password=DEMO_PASSWORD,
            )
            Person.objects.filter(pk=person.pk).update(
                must_change_password=False, password=make_password(DEMO_PASSWORD)
            )
            Holding.objects.create(
                person=person, post=Post.objects.get(code=post), company=company, from_at=at
            )
        staff[username] = Person.objects.get(pk=person.pk)
        for trade in trades:
            Skill.objects.get_or_create(person=person, trade=trade, defaults=_assessed(staff, trade, at))
        for number, paper in enumerate(filter(None, certificate.split("、")), 1001):
            Certificate.objects.get_or_create(
                person=person, name=paper,
                defaults={"number": f"DZ-{number}", "expires_date": (at + 900 * DAY).date()},
            )  # fmt: skip
    for trade in ("general", "carpenter", "plumber"):
        Skill.objects.get_or_create(person=staff["wei"], trade=trade, defaults=_assessed(staff, trade, at))
    Department.objects.filter(company=company, code="after_sales").update(head=staff["duan"])
    roster.forget()
    for code, name, spec, measure, stock, expected in MATERIALS:
        Material.objects.get_or_create(
            company=company, code=code,
            defaults={
                "name": name, "spec": spec, "measure": measure, "stock": stock, "expected": expected,
                "expected_date": (at + 63 * DAY).date() if expected else None,
            },
        )  # fmt: skip
    for building in Building.objects.filter(project=project):
        WarrantyStart.objects.get_or_create(
            building=building, unit=None,
            defaults={"start_date": (at - 500 * DAY).date(), "source": "竣工验收备案表", "recorded_at": at},
        )  # fmt: skip


def _assessed(staff: dict[str, Person], trade: str, at: datetime) -> dict[str, Any]:
    """Return a level of skill; refrigeration is still being learnt."""
    level = Skill.Level.LEARNING if trade == "hvac" else Skill.Level.SKILLED
    return {"level": level, "assessed_date": (at - 30 * DAY).date(), "assessed_by": staff["zheng"]}


def build(project: Project, staff: dict[str, Person], at: datetime, *, say: Say = lambda text: None) -> None:
    """Take after-sales cases to different steps; today's visits lie around the present hour."""
    say("演示：售后和上门")
    prepare(project, staff, at - 60 * DAY)
    buyers = list(
        DealBuyer.objects.filter(deal__project=project, deal__live=True)
        .select_related("deal__unit__building", "customer").order_by("pk")[: len(PROBLEMS) + 2]
    )  # fmt: skip
    for place, (problem, stop) in enumerate(zip(PROBLEMS, STOPS, strict=True)):
        if place >= len(buyers):
            return
        buyer = buyers[place]
        unit: Unit = buyer.deal.unit
        WarrantyStart.objects.get_or_create(
            building=unit.building, unit=unit,
            defaults={"start_date": (at - 400 * DAY).date(), "source": "交付", "recorded_at": at},
        )  # fmt: skip
        days = {"closed": 6, "tested": 3, "proposed": 2, "recorded": 0}.get(stop, 1)
        begun = at - 20 * MINUTE
        if days:
            day = (at - days * DAY).astimezone(ZONE)
            begun = day.replace(hour=9, minute=5 + 4 * place, second=0, microsecond=0)
        _case(project, staff, unit, buyer, problem, stop, begun, at, place)


def _case(
    project: Project, staff: dict[str, Person], unit: Unit, buyer: DealBuyer, problem: dict[str, Any], stop: str,
    begun: datetime, now: datetime, place: int,
) -> None:  # fmt: skip
    take, name = scenes.take, buyer.customer.name
    opened = engine.open_case(
        "after_sales", by=staff["ma"], at=begun, chain_id=project.company_id, scope_id=project.pk,
        given={
            "words": problem["words"], "contact_name": name, "contact_phone": buyer.customer.phone,
            "symptom": problem["symptom"], "part": problem["part"], "unit": unit.pk, "customer": buyer.customer_id,
            "problem": problem["symptom"], "service": "fault" if problem["part"] == "electrical" else "repair",
            "urgency": "urgent" if problem["part"] in ("electrical", "wet_room") else "ordinary",
        },
    )  # fmt: skip
    case_id = opened.case_id
    assert case_id is not None
    if stop == "recorded":
        return
    take(
        case_id, "contact", staff["shen"], begun + 25 * MINUTE,
        {"who": name, "where": problem["where"], "since": problem["since"], "effect": problem["effect"], "minutes": 6},
    )  # fmt: skip
    diagnosis = {
        "diagnosis": problem["diagnosis"], "nature": problem["nature"], "complexity": "medium", "part": problem["part"],
        "urgency": "urgent" if problem["part"] in ("electrical", "wet_room") else "ordinary",
    }  # fmt: skip
    visits = stop.startswith("visit")
    take(
        case_id,
        "diagnose_on_site" if visits else "diagnose_remote",
        staff["shen"],
        begun + 40 * MINUTE,
        diagnosis,
    )
    if visits:
        if stop != "visit_waits":
            _visit(staff, case_id, stop, now, name, place)
        return
    take(
        case_id, "propose", staff["shen"], begun + 60 * MINUTE,
        {"kind": "repair", "words": problem["offer"], "adapted": "客户白天上班，安排在周末或者晚上"},
    )  # fmt: skip
    if stop == "proposed":
        return
    take(
        case_id,
        "consent",
        staff["shen"],
        begun + 90 * MINUTE,
        {"who": name, "how": "message", "words": "可以"},
    )
    take(
        case_id, "arrange", staff["guo"], begun + 100 * MINUTE,
        {"way": "workshop", "worker": staff["kang"].pk, "confirmed": True},
    )  # fmt: skip
    take(
        case_id, "finish", staff["kang"], begun + 26 * HOUR,
        {"words": problem["offer"], "cause": "wear", "cause_words": problem["diagnosis"], "measure": problem["offer"],
         "minutes": 80},
    )  # fmt: skip
    take(
        case_id,
        "test",
        staff["ling"],
        begun + 27 * HOUR,
        {"passed": True, "method": "试用三次正常，周边无渗漏"},
    )
    if stop == "tested":
        return
    take(
        case_id,
        "review_report",
        staff["duan"],
        begun + 28 * HOUR,
        {"complied": True, "accurate": True},
    )
    take(
        case_id,
        "confirm",
        staff["shen"],
        begun + 46 * HOUR,
        {"who": name, "solved": True, "words": "好了，谢谢"},
    )
    take(
        case_id,
        "rate",
        staff["shen"],
        begun + 46 * HOUR + 5 * MINUTE,
        {"score": 5, "attitude": 5, "timely": 4},
    )
    take(case_id, "close", staff["shen"], begun + 46 * HOUR + 10 * MINUTE, {"met": "full"})


def _visit(
    staff: dict[str, Person], case_id: int, stop: str, now: datetime, name: str, place: int
) -> None:  # fmt: skip
    """Agree on a visit of today: the one in hand for the worker, the others later."""
    visit = Visit.objects.select_related("case").get(for_case_id=case_id)
    worker = staff["du"] if visit.trade in ("electrician", "hvac") else staff["kang"]
    if visit.trade == "carpenter":
        worker = staff["wei"]
    local = now.astimezone(ZONE)
    hour = local.replace(minute=0, second=0, microsecond=0) + HOUR
    start = hour if stop == "visit_now" else hour + (1 + place % 3) * HOUR
    if stop == "visit_now":
        start = (local + 24 * MINUTE).replace(second=0, microsecond=0)
    scenes.take(
        visit.case_id, "agree", staff["guo"], now - 2 * HOUR,
        {"starts_at": start, "ends_at": start + 50 * MINUTE, "technician": worker.pk, "who": name, "how": "call",
         "later_why": "客户约定的时间"},
    )  # fmt: skip
    if stop == "visit_now" and start.date() == local.date():
        scenes.take(visit.case_id, "depart", worker, now - 5 * MINUTE, {})
