"""
A process for the tests of the kernel: somebody asks for money out of a pot, it is checked, approved and paid.

The people and the SOP around it are small real objects that answer the kernel's ports; the pot is a counter row.
"""

from collections import defaultdict
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

from django.db.models import F

from guiju.kernel import forms, ports
from guiju.kernel import process as processes
from guiju.kernel.forms import Form, LongText, Money, Text, WithReason
from guiju.kernel.models import Case, Counter, Event
from guiju.kernel.policy import ApprovalSeat, ClockPolicy, Point, Policy, StepPolicy
from guiju.kernel.process import ClockRule, Process, State, Step, need
from guiju.kernel.reactions import reaction
from guiju.kernel.refusals import Refused

COMPANY, OTHER_COMPANY = 91, 92
PROJECT, OTHER_PROJECT = 911, 912
POT = "toy-pot"

# A Friday, ten in the morning in Beijing; no holiday is near.
FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


class Person:
    """Somebody who acts."""

    def __init__(self, pk, name):
        self.pk, self.name = pk, name

    def __repr__(self):
        return self.name


LIN, WU, HE, ZHOU, SUN, QIAN, BAI = (
    Person(1, "林"), Person(2, "吴"), Person(3, "何"), Person(4, "周"), Person(5, "孙"), Person(6, "钱"), Person(7, "白"),
)  # fmt: skip
EVERYBODY = {person.pk: person for person in (LIN, WU, HE, ZHOU, SUN, QIAN, BAI)}

LABELS = {
    "cs_clerk": "客户服务", "cs_manager": "客服经理", "deputy_gm": "主管副总", "general_manager": "总经理",
    "finance": "财务", "auditor": "审计（只读）",
}  # fmt: skip
SUPERIOR = {
    "cs_clerk": "cs_manager",
    "cs_manager": "deputy_gm",
    "deputy_gm": "general_manager",
    "finance": "deputy_gm",
}


class People:
    """Who holds which post where, and who acts for whom."""

    def __init__(self):
        self.holdings = [
            (LIN, "cs_clerk", COMPANY, None), (WU, "cs_manager", COMPANY, None), (HE, "finance", COMPANY, None),
            (ZHOU, "deputy_gm", COMPANY, None), (SUN, "general_manager", COMPANY, None),
            (QIAN, "auditor", COMPANY, None), (BAI, "cs_clerk", COMPANY, OTHER_PROJECT),
        ]  # fmt: skip
        self.delegations = []

    def give(self, person, post, company=COMPANY, project=None):
        self.holdings.append((person, post, company, project))

    def take(self, person, post):
        self.holdings = [held for held in self.holdings if held[:2] != (person, post)]

    def delegate(self, giver, taker):
        self.delegations.append((giver, taker))

    def _own(self, person_id, company_id, project_id):
        return [
            post
            for person, post, company, project in self.holdings
            if person.pk == person_id and company == company_id and project in (None, project_id)
        ]

    def posts_of(self, person_id, *, company_id, project_id, at):
        found = dict.fromkeys(self._own(person_id, company_id, project_id))
        for giver, taker in self.delegations:
            if taker.pk == person_id:
                for post in self._own(giver.pk, company_id, project_id):
                    found.setdefault(post, giver.pk)
        return found

    def holders(self, post, *, company_id, project_id, at):
        return [p.pk for p in EVERYBODY.values() if post in self._own(p.pk, company_id, project_id)]

    def duty_post(self, process, step, posts, *, company_id, at):
        return posts[0]

    def superior(self, post):
        return SUPERIOR.get(post)

    def delegates_of(self, person_id, *, at):
        return {taker.pk for giver, taker in self.delegations if giver.pk == person_id}

    def name(self, person_id):
        return EVERYBODY[person_id].name

    def post_label(self, post):
        return LABELS[post]


class Policies:
    """The SOP versions of the toy; the newest governs new cases. Other processes are asked of whoever answered before."""

    def __init__(self, *versions, before=None):
        self.versions, self.before = {}, before
        for version in versions:
            self.publish(version)

    def publish(self, version):
        self.versions[version.id] = version

    def current(self, process, *, company_id, project_id, at):
        mine = [version for version in self.versions.values() if version.process == process]
        if not mine and self.before is not None:
            return self.before.current(process, company_id=company_id, project_id=project_id, at=at)
        return max(mine, key=lambda version: version.id)

    def get(self, version_id):
        if version_id not in self.versions and self.before is not None:
            return self.before.get(version_id)
        return self.versions[version_id]


class Scopes:
    """What the toy's projects are called in numbers."""

    def __init__(self, before):
        self.before = before

    def code(self, scope_id):
        return {PROJECT: "YQ1", OTHER_PROJECT: "YQ2"}.get(scope_id) or self.before.code(scope_id)


class Is(State):
    ASKED = "asked", "已提出"
    CHECKED = "checked", "已核对"
    WAITING = "waiting", "等补件"
    PAID = "paid", "已付", "ok"
    DROPPED = "dropped", "已作废"


class Asking(Form):
    subject: Text = forms.field("事由", min_length=1)
    amount: Money = forms.field("金额", default=Decimal(0), ge=0)


class Paying(Form):
    amount: Money = forms.field("金额", gt=0)
    remark: LongText = forms.field("说明", default="")


class PotIsEmpty(Refused):
    """The pot does not hold the amount."""


def in_pot():
    row = Counter.objects.filter(series=POT).first()
    return row.value if row else 0


def fill_pot(yuan):
    Counter.objects.update_or_create(series=POT, defaults={"value": yuan})


@need("G-4.2-a")
def something_in_the_pot(context):
    return None if in_pot() > 0 else "款项已用完，不能再付"


@need("G-4.2-a", given=True)
def amount_is_covered(context):
    return None if in_pot() >= context.given.amount else f"款项只剩 {in_pot()} 元，不够付"


def take_from_pot(context):
    taken = Counter.objects.filter(series=POT, value__gte=int(context.given.amount)).update(
        value=F("value") - int(context.given.amount)
    )
    if taken != 1:
        raise PotIsEmpty("款项刚被别人用完")
    context.say(left=in_pot())


def two_pots_never(context):
    """Break, after the pot was changed, when asked to: nothing may remain of it."""
    if context.given.remark == "break":
        raise PotIsEmpty("中途停下")
    if context.given.remark == "hang":
        hanging.pop()()


def ask_another(context):
    context.nested(int(context.given.reason.split("#")[1]), "drop", given={"reason": "随另一件作废"})


def amount_asked(context):
    return {"amount": context.given.amount}


def agreed(context):
    return context.setting("agreed_at")


TOY = Process(
    "toy",
    "请款",
    series="QK",
    sop="S-T",
    starts=Is.ASKED,
    ends=(Is.PAID, Is.DROPPED),
    steps=(
        Step("ask", "提出", when=(), by=("cs_clerk", "cs_manager"), clause="G-1", to=Is.ASKED, form=Asking, opens=True),
        Step(
            "check", "核对", when=(Is.ASKED,), by=("cs_clerk", "cs_manager"), clause="G-2", to=Is.CHECKED, todo=True,
            main=True,
        ),
        Step(
            "pay", "付款", when=(Is.CHECKED,), by=("cs_clerk", "finance"), clause="G-3", to=Is.PAID, form=Paying,
            needs=(something_in_the_pot, amount_is_covered), does=(take_from_pot, two_pots_never), todo=True,
            main=True, facts_for_approval=amount_asked, approval_facts=("amount",),
        ),
        Step("wait", "等补件", when=(Is.CHECKED,), by=("cs_clerk",), clause="G-4", to=Is.WAITING, form=WithReason),
        Step("go_on", "补件收到", when=(Is.WAITING,), by=("cs_clerk",), clause="G-4", to=Is.CHECKED, todo=True),
        Step("remark", "补充说明", when=tuple(Is), by=("cs_clerk",), clause="G-5", while_pending=True),
        Step("recheck", "重新核对", when=(Is.CHECKED,), by=("cs_clerk",), clause="G-2"),
        Step(
            "drop", "作废", when=(Is.ASKED, Is.CHECKED, Is.WAITING), by=("cs_manager",), clause="G-6", to=Is.DROPPED,
            form=WithReason,
        ),
        Step(
            "drop_two", "一并作废", when=(Is.ASKED, Is.CHECKED), by=("cs_manager",), clause="G-6", to=Is.DROPPED,
            form=WithReason, does=(ask_another,),
        ),
        Step("lapse", "过期", when=(Is.ASKED,), by=(), clause="G-7", to=Is.DROPPED, by_clock=True),
    ),
    clocks=(
        ClockRule("answer", "答复时限", starts=("ask",), stops=("check",), limit="24 小时", clause="G-7", then="lapse"),
        ClockRule(
            "finish", "办结时限", starts=("ask", "recheck"), stops=("pay",), limit="3 工作日", paused_in=(Is.WAITING,)
        ),
        ClockRule("law", "法定时限", starts=("check",), stops=("pay",), limit="30 日", law=True),
        ClockRule(
            "meet", "约定时间", starts=("check",), stops=("pay",), limit="7 日", due=agreed,
        ),
    ),
    untimed=(Is.WAITING,),
)  # fmt: skip

hanging = []
runs = defaultdict(list)
failing = set()


@reaction("toy", "pay", name="toy.tell")
def tell(event, at):
    runs["tell"].append(event.pk)
    if "tell" in failing:
        Counter.objects.create(series=f"half-done-{event.pk}-{len(runs['tell'])}")
        raise RuntimeError("the line is dead")


@reaction("toy", "pay", name="toy.file_away")
def file_away(event, at):
    runs["file_away"].append(event.pk)


def step_policy(name, **said):
    return StepPolicy(name, **said)


def policy(number=1, **changes):
    """Return version ``number`` of the toy's SOP: nothing but words. ``steps``, ``clocks``, ``settings`` add to it."""
    said = {
        "id": number, "code": "S-T", "version": f"1.{number - 1}", "title": "请款作业标准", "process": "toy",
        "clauses": {"G-3": {"number": "第三部分 一 3"}},
    }  # fmt: skip
    return Policy(**{**said, **changes})


def point(key="seen", label="看过原件", **facts):
    return Point(key, label, **facts)


def with_points(*points, step="check", number=1, **said):
    return policy(number, steps={step: StepPolicy(step, points=points, **said)})


def with_approval(*seats, step="pay", number=1, **said):
    chain = tuple(seat if isinstance(seat, ApprovalSeat) else ApprovalSeat(*seat) for seat in seats)
    return policy(number, steps={step: StepPolicy(step, approval=chain, **said)})


def with_clock(name, number=1, **said):
    return policy(number, clocks={name: ClockPolicy(name, **said)})


@contextmanager
def installed(*versions, people=None):
    """Register the toy with its people and SOP while the block runs. ``people`` False leaves those of the program."""
    port, before_people, before_policies, before_scopes = (
        people,
        ports._people,
        ports._policies,
        ports._scopes,
    )
    if port is None:
        port = People()
    policies = Policies(*(versions or (policy(),)), before=before_policies)
    processes.register(TOY)
    if port is not False:
        ports.register_people(port)
    ports.register_policies(policies)
    ports.register_scopes(Scopes(before_scopes))
    runs.clear()
    failing.clear()
    try:
        yield port, policies
    finally:
        processes._processes.pop("toy", None)
        processes._by_name.pop("toy", None)
        ports._people, ports._policies, ports._scopes = before_people, before_policies, before_scopes


def story(case):
    """Return what happened to a case: step, from, to, who."""
    rows = Event.objects.filter(case_id=getattr(case, "pk", case)).order_by("case_seq")
    return [
        (e.step, e.from_state, e.to_state, EVERYBODY[e.actor_id].name if e.actor_id else "系统") for e in rows
    ]


def whole(case):
    """Return everything stored that an act on the case could change, to show that a refusal changed nothing."""
    from guiju.kernel.models import (
        ApprovalRequest,
        ChainHead,
        Clock,
        ClockPause,
        Deviation,
        Reaction,
        Tick,
        Todo,
        Vote,
    )

    return {
        "case": list(Case.objects.order_by("id").values()),
        "pot": list(Counter.objects.order_by("id").values()),
        **{
            model.__name__: list(model.objects.order_by("id").values())
            for model in (
                ApprovalRequest, ChainHead, Clock, ClockPause, Deviation, Event, Reaction, Tick, Todo, Vote,
            )
        },
    }  # fmt: skip
