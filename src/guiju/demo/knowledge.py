"""Scenes of service done: eight weeks of repairs with their ratings and call-backs, articles, observations, training."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from guiju.customers.models import Customer
from guiju.desk.models import Skill
from guiju.estate.models import Project, Unit
from guiju.kernel import engine, reactions
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.org import people as roster
from guiju.org.models import Holding, Person, Post
from guiju.org.queries import head_over
from guiju.quality import observing
from guiju.quality.models import Callback
from guiju.sales.models import DealBuyer

Say = Callable[[str], None]
Take = Callable[[int, str, Person, datetime, dict[str, Any]], None]
REPAIRS, WEEKS = 36, 8

MORE = (
    ("shen", "沈一鸣", "after_sales", ()),
    ("guo", "郭建军", "foreman", ()),
    ("ling", "凌晓", "inspector", ()),
    ("kang", "康水生", "onsite", ("waterproof", "plumber")),
    ("du", "杜明", "technician", ("electrician", "carpenter", "mason")),
)


@dataclass(frozen=True)
class Trouble:
    """Something that goes wrong in a new home: where, what the customer says, what it was, what was done."""

    part: str
    nature: str
    words: str
    problem: str
    cause: str
    found: str
    done: str


TROUBLES = (
    Trouble("outer_wall", "leak", "下大雨主卧飘窗就往里渗水，墙皮都起泡了", "主卧飘窗渗水", "wear", "窗边密封胶开裂", "铲除旧胶，补防水两遍，重打耐候胶"),
    Trouble("outer_wall", "leak", "客厅窗户下面一片湿，壁纸翘边", "客厅窗下渗水", "workmanship", "窗框四周没有填实", "清理后重新填缝，外侧补防水"),
    Trouble("wet_room", "leak", "卫生间门口的地板泡胀了", "卫生间门口渗水", "workmanship", "门槛处防水没有做到位", "重做门槛防水，闭水 24 小时无渗漏"),
    Trouble("pipe_leak", "leak", "厨房水槽下面一直滴水", "厨房下水滴漏", "wear", "下水软管密封圈老化", "更换软管和密封圈"),
    Trouble("plaster", "crack", "客厅墙上有一道长裂缝", "客厅墙面开裂", "workmanship", "抹灰层收缩开裂", "切缝、挂网、修补、重刷"),
    Trouble("floor", "crack", "地砖踩上去咚咚响", "地砖空响", "workmanship", "粘贴时没有粘实", "起砖重贴"),
    Trouble("door_window", "damage", "阳台推拉门很难推", "阳台门推不动", "wear", "滑轮磨损，轨道有沙", "清理轨道，更换滑轮"),
    Trouble("electrical", "power", "厨房插座没电", "厨房插座无电", "workmanship", "接线端子松动", "重新压接，测试正常"),
    Trouble("plumbing", "equipment", "热水要放很久才热", "热水来得慢", "design", "回水管没有打开", "打开回水阀，调整时间"),
)  # fmt: skip

ARTICLES = (
    (
        "飘窗下雨渗水怎么办", "repair", "outer_wall", "下雨时飘窗或窗下墙面发湿、起泡。多半是窗边密封胶开裂，或窗框四周没有填实。",
        "先用毛巾接水、挪开家具，拍照留存。\n安排防水人员上门：铲除旧胶，检查窗框四周，补防水两遍，重打耐候胶。\n完工后淋水 30 分钟，不渗才算好。",
        "多半是窗边的胶老化了。您先用毛巾接一下、拍张照片，我们安排师傅上门重新打胶，半天就好。",
        ("关紧窗户，把窗台上的水擦干", "用毛巾垫住渗水的地方，挪开家具", "从里面和外面各拍一张照片发给我们"), "漏雨 窗户 墙皮 起泡",
    ),
    (
        "水槽下面滴水，先怎么做", "repair", "pipe_leak", "厨房或卫生间水槽下面滴水，多半是下水软管松动或密封圈老化。",
        "先关水槽下的角阀。能拧紧的拧紧，拧紧还滴的更换软管和密封圈。\n地板已经泡胀的，同时登记地板。",
        "您先把水槽下面的阀门顺时针拧紧，水就停了。我们约个时间上门换密封圈，二十分钟就好。",
        ("打开水槽柜门，找到墙边的小阀门", "顺时针拧到底，看看还滴不滴", "把柜子里的东西拿出来，垫一块抹布"), "漏水 厨房 下水",
    ),
    (
        "厨房插座没电，先看哪里", "repair", "electrical", "一个房间的插座都没电，灯还亮着。", "多半是电闸里这一路断开了。先看电箱，推不上去的不要硬推，安排电工上门。",
        "您先看看门口电箱，有没有一个开关和别的方向不一样。推上去又掉下来就不要再推，我们马上安排电工。",
        ("打开门口的电箱", "找到和别的方向不一样的那个开关", "先把厨房的插头都拔掉，再往上推一次"), "没电 断电 电闸",
    ),
    (
        "产权证什么时候能办好", "question", "", "客户问产权证的进度和要准备的资料。", "先查办理事项的状态，再告诉客户走到哪一步、还缺什么、预计哪天。说不准的不要答应日期，记下联系时间。",
        "我现在就帮您查进度，告诉您到了哪一步、还要带什么资料；今天查不清的，明天下班前给您回电话。", (), "办证 房产证 进度",
    ),
)  # fmt: skip

SAID = {
    5: ("师傅准时，收拾得很干净", "修得好，态度也好", "打电话当天就来人了", "", "", ""),
    4: ("修好了，就是等得久了点", "还可以，希望先打电话再来", "", ""),
    3: ("来了两次才修好", "说好上午来，下午才到"),
    2: ("修了还是有点渗，没人主动告诉我进度",),
}


def build(project: Project, staff: dict[str, Person], at: datetime, *, take: Take, say: Say) -> None:
    """Take the repairs of the last weeks from the first word to the closing, and what knowledge came of them."""
    say("演示：八周的维修、评价和知识")
    crew = staff | _crew(project, staff, at - timedelta(days=59))
    articles(project, crew, at - timedelta(days=57), take)
    closed = repairs(project, crew, at, take)
    lessons(crew, at, closed)


def _crew(project: Project, staff: dict[str, Person], since: datetime) -> dict[str, Person]:
    """Add the people of the service group, with their trades."""
    company = staff["admin"].company
    found: dict[str, Person] = {}
    for username, name, post, trades in MORE:
        person, new = Person.objects.get_or_create(
            username=username,
            defaults={
                "name": name,
                "password": staff["admin"].password,
                "company": company,
                "joined_at": since,
            },
        )
        if new or not person.holdings.exists():
            Holding.objects.get_or_create(
                person=person, post=Post.objects.get(code=post), company=company, defaults={"from_at": since}
            )
        for trade in trades:
            Skill.objects.get_or_create(person=person, trade=trade)
        found[username] = person
    roster.forget()
    return found


def articles(project: Project, crew: dict[str, Person], at: datetime, take: Take) -> None:
    """Write and publish the first articles; one is still waiting for its review."""
    for place, (title, kind, part, problem, solution, spoken, steps, keywords) in enumerate(ARTICLES):
        begun = at + timedelta(days=place, hours=1)
        opened = engine.open_case(
            "article", by=crew["shen"], at=begun, chain_id=project.company_id, scope_id=project.pk,
            given={
                "title": title, "kind": kind, "part": part, "problem": problem, "solution": solution, "spoken": spoken,
                "steps": list(steps), "keywords": keywords,
            },
        )  # fmt: skip
        assert opened.case_id is not None
        take(opened.case_id, "submit", crew["shen"], begun + timedelta(minutes=20), {})
        take(opened.case_id, "publish", crew["tang"], begun + timedelta(hours=3), {"note": "可以"})


def _buyers(project: Project) -> list[tuple[Unit, Customer]]:
    rows = (
        DealBuyer.objects.filter(deal__project=project, deal__live=True, position=1)
        .select_related("deal__unit__building", "customer")
        .order_by("deal_id")
    )
    return [(row.deal.unit, row.customer) for row in rows]


def repairs(project: Project, crew: dict[str, Person], at: datetime, take: Take) -> list[Case]:
    """Do the repairs of eight weeks, oldest first; a few are late, a few come back, the newest are still open."""
    random = Random(23)
    homes = _buyers(project)
    if not homes:
        return []
    closed: list[Case] = []
    for place in range(REPAIRS):
        back = WEEKS * 7 * (REPAIRS - place) / REPAIRS
        day = (at - timedelta(days=back)).astimezone(ZONE)
        begun = day.replace(hour=9, minute=(place * 11) % 50, second=0, microsecond=0)
        if begun > at - timedelta(hours=4):
            continue
        trouble = TROUBLES[random.choices(range(len(TROUBLES)), weights=[9, 6, 5, 5, 5, 3, 3, 2, 2])[0]]
        unit, customer = random.choice(homes)
        case = _repair(project, crew, unit, customer, trouble, begun, at, random, take)
        if case is not None:
            closed.append(case)
    return closed


def _repair(
    project: Project, crew: dict[str, Person], unit: Unit, customer: Customer, trouble: Trouble, begun: datetime,
    now: datetime, random: Random, take: Take,
) -> Case | None:  # fmt: skip
    """Take one repair through its steps; None if it is not closed by now."""
    minute, hour = timedelta(minutes=1), timedelta(hours=1)
    late = random.random() < 0.14
    opened = engine.open_case(
        "after_sales", by=crew["shen"], at=begun, chain_id=project.company_id, scope_id=project.pk,
        given={
            "words": trouble.words, "contact_name": customer.name, "contact_phone": customer.phone, "need": "尽快修好",
            "problem": trouble.problem, "service": "repair", "part": trouble.part, "symptom": trouble.problem,
            "unit": unit.pk, "customer": customer.pk, "channel": "call",
        },
    )  # fmt: skip
    case_id = opened.case_id
    assert case_id is not None
    worker = (
        crew["kang"] if trouble.part in ("outer_wall", "wet_room", "pipe_leak", "plumbing") else crew["du"]
    )
    head = head_over(worker.pk, company_id=project.company_id, at=begun) or crew["zhou"]
    people = {"worker": worker, "head": head}
    waited = (26 + random.randrange(20)) * hour if late else (10 + random.randrange(180)) * minute
    acts: Sequence[tuple[str, str, timedelta, dict[str, Any]]] = (
        ("contact", "shen", waited, {"how": "call", "who": customer.name, "where": trouble.problem, "since": "上周起", "effect": "影响日常使用", "minutes": 6}),
        (
            "diagnose_remote", "shen", waited + (20 + random.randrange(200)) * minute,
            {"diagnosis": trouble.found, "nature": trouble.nature, "complexity": "medium", "urgency": "ordinary", "part": trouble.part},
        ),
        ("propose", "shen", waited + 5 * hour, {"kind": "repair", "words": trouble.done, "sent_how": "call"}),
        ("consent", "shen", waited + 6 * hour, {"who": customer.name, "how": "call", "words": "同意"}),
        ("arrange", "guo", waited + 7 * hour, {"way": "workshop", "worker": worker.pk, "confirmed": True}),
        (
            "finish", "worker", waited + (22 + random.randrange(20)) * hour,
            {
                "words": trouble.done, "cause": trouble.cause, "cause_words": trouble.found, "measure": trouble.done,
                "minutes": 40 + random.randrange(150), "material": [{"name": "维修材料", "quantity": "1 份"}],
            },
        ),
        ("test", "ling", waited + 45 * hour, {"passed": True, "method": "现场试验正常"}),
        ("review_report", "head", waited + 46 * hour, {"complied": True, "accurate": True}),
        ("confirm", "shen", waited + 47 * hour, {"how": "call", "who": customer.name, "solved": True, "words": "好了"}),
    )  # fmt: skip
    last = begun
    for step, who, after, given in acts:
        last = _at_work(max(begun + after, last + 5 * minute))
        if last > now - minute:
            return None
        take(case_id, step, people[who] if who in people else crew[who], last, given)
    end = _at_work(max(begun + waited + 48 * hour, last + 20 * minute))
    if end > now - hour:
        return None
    score = random.choices((5, 4, 3, 2), weights=(58, 30, 9, 3))[0]
    said = random.choice(SAID[score])
    given = {
        "score": score,
        "attitude": min(5, score + 1),
        "timely": 3 if late else score,
        "quality": score,
        "words": said,
        "source": "phone",
    }
    take(case_id, "rate", crew["shen"], end, given)
    take(
        case_id,
        "close",
        crew["shen"],
        end + 5 * minute,
        {
            "met": "full" if score > 2 else "partly",
            "met_why": "" if score > 2 else "还要再观察一次雨天",
            "alternative": "" if score > 2 else "下雨后再上门看一次",
        },
    )
    reactions.run_due(end + 6 * minute)
    case = Case.objects.get(pk=case_id)
    _call_back(case, crew, end + (20 + random.randrange(70)) * hour, now, random, score, take)
    return case


def _at_work(moment: datetime) -> datetime:
    """Return the moment, or the next one at which people are at work."""
    local = moment.astimezone(ZONE)
    if local.hour < 9:
        return local.replace(hour=9, minute=local.minute // 2 + 10)
    if local.hour >= 18:
        return (local + timedelta(days=1)).replace(hour=9, minute=local.minute // 2 + 10)
    return local


def _call_back(
    case: Case, crew: dict[str, Person], when: datetime, now: datetime, random: Random, score: int, take: Take
) -> None:
    """Make the planned call, if the case was drawn and the hour has come."""
    row = Callback.objects.filter(about=case, case__closed_at=None).select_related("case").first()
    when = _at_work(when)
    if row is None or when > now - timedelta(hours=1):
        return
    items = {
        "attitude": str(min(5, score + 1)), "positive": str(score), "need_met": str(score), "trust_safety": str(min(5, score + 1)),
        "company_trust": str(score), "image": str(min(5, score + 1)), "reputation": str(score),
        "recommend": min(10, score * 2 + random.randrange(0, 2)),
    }  # fmt: skip
    if random.random() < 0.1:
        take(row.case_id, "decline", crew["ma"], when, {"reason": "客户说正在开会，不用回访"})
        return
    solved = "yes" if score > 2 else "no"
    said = random.choice(SAID[score])
    take(
        row.case_id, "finish", crew["ma"], when,
        {"score": str(score), "solved": solved, "marks": items, "words": said, "way": "phone"},
    )  # fmt: skip
    reactions.run_due(when + timedelta(minutes=1))


def lessons(crew: dict[str, Person], at: datetime, closed: Sequence[Case]) -> None:
    """Observe, plan training, and note what people are responsible for."""
    random = Random(5)
    day: date = at.astimezone(ZONE).date()
    for place, (who, form) in enumerate(
        (
            ("ma", "desk"),
            ("ma", "call"),
            ("shen", "call"),
            ("wu", "desk"),
            ("ma", "call"),
            ("shen", "case"),
            ("kang", "case"),
        )
    ):
        case = closed[-1 - place] if form == "case" and len(closed) > place else None
        if form == "case" and case is None:
            continue
        scores = {one.code: random.choice((3, 4, 4, 5, 5)) for one in observing.FORMS[form].criteria}
        observing.observe(
            person=crew[who], form=form, scores=scores, by=crew["tang"], at=at - timedelta(days=50 - 7 * place), case=case,
            record_errors=place % 2, remark="接得快，记得全" if place % 2 else "",
        )  # fmt: skip
    for who, topic, ago, done in (
        ("ma", "来电处理和话术", 40, True), ("shen", "保修范围和责任判断", 33, True), ("kang", "窗边防水新工艺", 20, True),
        ("wu", "投诉处理程序", -10, False), ("du", "电工安全复训", -5, False),
    ):  # fmt: skip
        planned = day - timedelta(days=ago)
        row = observing.plan_training(
            person=crew[who], topic=topic, planned_date=planned, by=crew["tang"], at=at - timedelta(days=45)
        )
        if done:
            observing.finish_training(
                training=row, done_date=planned, evidence="签到表和试卷", score=88, by=crew["tang"],
                at=at - timedelta(days=ago - 1),
            )  # fmt: skip
    for who, product, text in (
        ("kang", "窗边和卫生间防水", "考核 92 分"),
        ("du", "户内电气", "低压电工作业证"),
        ("shen", "保修条款", ""),
    ):
        observing.give_product(
            person=crew[who], product=product, from_date=day - timedelta(days=50), evidence="test" if text else "",
            evidence_text=text, evidence_date=day - timedelta(days=52) if text else None, by=crew["tang"],
            at=at - timedelta(days=44),
        )  # fmt: skip
