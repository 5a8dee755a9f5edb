"""Unit control 销控登记 (document I, process 七; domain 2.1).

Somebody applies to release, hold, restrict or reopen units; the signing group executes what the chain has approved;
a hold ends by itself at its limit, a restriction when it is lifted. A seizure has the term of its paper, three years at
most: before it ends somebody asks whether it is renewed, and no job ends it. Subscriptions move units by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from guiju.estate.facts import facts_of, load
from guiju.estate.forms import ApplyForm, ExecuteForm, Kind, LiftForm, RenewForm
from guiju.estate.models import Control, Unit
from guiju.estate.operations import releasing
from guiju.kernel.calendar import local_date
from guiju.kernel.duration import months_after
from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, need, register
from guiju.org.posts import CS_CLERK, CS_MANAGER, SALES, SALES_DIRECTOR, SIGNING_SUPERVISOR

SEIZURE_LAW = "民诉法解释 485"


class Is(State):
    """Where a change of unit control stands."""

    APPLIED = "applied", "待执行", "brand"
    IN_FORCE = "in_force", "生效中", "hold"
    ENDED = "ended", "已办结", "done"
    WITHDRAWN = "withdrawn", "已撤回", "done"


@need("I-5.7-0", given=True)
def units_are_ours(context: Context) -> str | None:
    """The units lie in the case's project and are in a state that the change starts from."""
    given = context.given
    assert isinstance(given, ApplyForm)
    units = list(
        Unit.objects.select_related("building").filter(
            pk__in=given.units, project_id=context.case.scope_id or 0
        )
    )
    if len(units) != len(set(given.units)):
        return "有房屋不在本项目"
    wrong = [unit.label for unit in units if unit.control not in releasing.FROM[given.kind]]
    if given.kind is Kind.VERIFY:
        wrong = [unit.label for unit in units if not unit.unverified]
    if wrong:
        shown = "、".join(wrong[:5]) + (f"等 {len(wrong)} 套" if len(wrong) > 5 else "")
        return f"{shown}的现状不能办「{given.kind.label}」"
    doubtful = [unit.label for unit in units if unit.unverified]
    if doubtful and given.kind in (Kind.RELEASE, Kind.REOPEN):
        return f"{'、'.join(doubtful[:5])}待核实，请先核实"
    returned = [unit.label for unit in units if unit.control == Control.COOLING and unit.holder_case_id]
    if returned and given.kind in (Kind.HOLD, Kind.REOPEN):
        return f"{'、'.join(returned[:5])}的退房还没有办结，办结后自动恢复公开销售"
    return None


@need("I-5.7-0", given=True)
def hold_is_limited(context: Context) -> str | None:
    """A hold has an end, at most the SOP's days away."""
    given = context.given
    assert isinstance(given, ApplyForm)
    if given.kind is not Kind.HOLD:
        return None
    longest = int(context.setting("hold_days_longest", 7))
    if given.until_at is None:
        return "销控保留要填保留至何时"
    if not context.recorded_at < given.until_at <= context.at + timedelta(days=longest):
        return f"销控保留最长 {longest} 日"
    return None


@need("I-5.7-0", given=True)
def seizure_is_proved(context: Context) -> str | None:
    """A seizure names authority, paper and term, with the paper itself."""
    given = context.given
    assert isinstance(given, ApplyForm)
    if given.kind is not Kind.SEIZE or (
        given.authority and given.paper_number and given.until_at and given.paper
    ):
        return None
    return "查封要写明机关、文书号和期限，并上传查封文书"


@need("I-5.7-0", given=True)
def lifted_by_paper(context: Context) -> str | None:
    """A seizure ends by the authority's paper only."""
    number: str = getattr(context.given, "paper_number", "")
    facts = facts_of(context)
    if facts.kind is not Kind.SEIZE or number:
        return None
    # A seizure that nobody renewed has no force after its term; a person looks it up and says so, no job does.
    if facts.until_at is not None and facts.until_at <= context.at:
        return None
    return "解除查封要有机关的解封文书，请填文书号"


@need(SEIZURE_LAW, given=True)
def seizure_within_law(context: Context) -> str | None:
    """Real property is seized for three years at most, and not for a term that has ended."""
    given = context.given
    assert isinstance(given, ApplyForm)
    if given.kind is not Kind.SEIZE or given.until_at is None:
        return None
    return _term_problem(given.until_at, start=context.at, now=context.recorded_at)


def _term_problem(until: datetime, *, start: datetime, now: datetime) -> str | None:
    if until <= now:
        return "查封期限已经届满，请核对文书"
    last = months_after(local_date(start), 36)
    return f"查封不动产的期限一次不超过三年（至 {last}），请核对文书" if local_date(until) > last else None


@need("I-5.7-0")
def is_a_seizure(context: Context) -> str | None:
    """Only a seizure is renewed."""
    return None if facts_of(context).kind is Kind.SEIZE else "只有查封办续封；保留或限制到期的，重新申请"


@need(SEIZURE_LAW, given=True)
def renewal_within_law(context: Context) -> str | None:
    """A renewal reaches beyond the term in hand, by three years at most."""
    given, before = context.given, facts_of(context).until_at
    assert isinstance(given, RenewForm)
    if before is not None and given.until_at <= before:
        return f"原期限到 {local_date(before)}，续封应晚于这一天"
    return _term_problem(given.until_at, start=before or context.at, now=context.recorded_at)


@need("I-5.7-0")
def no_seizure_lapses(context: Context) -> str | None:
    """No job ends a seizure."""
    return "查封不自动解除：期满没有续封的，核实后由人解控" if facts_of(context).kind is Kind.SEIZE else None


@need("城市房地产管理法 45")
def permits_cover(context: Context) -> str | None:
    """Units are released only under a valid presale permit and with a price (domain 1.1, 2.1)."""
    facts = facts_of(context)
    if facts.kind not in (Kind.RELEASE, Kind.REOPEN):
        return None
    return releasing.release_problem(facts.units, context.at)


@need("I-5.7-0")
def lasting(context: Context) -> str | None:
    """Only a hold or a restriction stays in force."""
    return None if facts_of(context).kind.lasts else "这类调整用「执行」"


@need("I-5.7-0")
def passing(context: Context) -> str | None:
    """Release, reopening and verification are done at once."""
    return "这类调整用「生效」" if facts_of(context).kind.lasts else None


def _is_lasting(context: Context) -> bool:
    return facts_of(context).kind.lasts


def _is_passing(context: Context) -> bool:
    return not facts_of(context).kind.lasts


def _approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    facts = facts_of(context)
    return {
        "kind": facts.kind.value,
        "units": len(facts.units),
        "days": 0 if facts.kind is Kind.SEIZE else facts.days,
    }


FACTS = ("kind", "units", "days")


def _term_is_ending(context: Context) -> bool:
    """Whether somebody asks the authority now: the term of a seizure ends within its first reminder."""
    facts = facts_of(context)
    if facts.kind is not Kind.SEIZE or facts.until_at is None:
        return False
    return context.at >= facts.until_at - timedelta(days=int(context.setting("seizure_ask_days", 30)))


def _term(context: Context) -> datetime | None:
    return facts_of(context).until_at


def _until(context: Context) -> datetime | None:
    facts = facts_of(context)
    # No job ends a seizure: somebody does, by the authority's paper.
    return (None if facts.kind is Kind.SEIZE else facts.until_at) or context.at + timedelta(days=3650)


UNIT_CONTROL = register(
    Process(
        "unit_control",
        "销控登记",
        series="XK",
        sop="KF-ZY-07",
        starts=Is.APPLIED,
        ends=(Is.ENDED, Is.WITHDRAWN),
        facts=load,
        steps=(
            Step(
                "apply", "申请销控调整", (), (SIGNING_SUPERVISOR, CS_CLERK, SALES_DIRECTOR, SALES, CS_MANAGER), "I-5.7-0",
                to=Is.APPLIED, opens=True, form=ApplyForm, needs=(units_are_ours, hold_is_limited, seizure_is_proved, seizure_within_law),
                does=(releasing.write_application,),
            ),
            Step(
                "execute", "执行", (Is.APPLIED,), (SIGNING_SUPERVISOR, CS_CLERK), "I-5.7-0", to=Is.ENDED,
                form=ExecuteForm, needs=(passing, permits_cover), does=(releasing.execute,), todo=_is_passing,
                main=True,
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
            Step(
                "put_in_force", "生效", (Is.APPLIED,), (SIGNING_SUPERVISOR, CS_CLERK), "I-5.7-0", to=Is.IN_FORCE,
                form=ExecuteForm, needs=(lasting,), does=(releasing.execute,), todo=_is_lasting, main=True,
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
            Step(
                "lift", "解控", (Is.IN_FORCE,), (SIGNING_SUPERVISOR, CS_CLERK), "I-5.7-0", to=Is.ENDED,
                form=LiftForm, needs=(lifted_by_paper,), does=(releasing.lift,), main=True,
            ),
            Step(
                "lapse", "保留到期", (Is.IN_FORCE,), (), "I-5.7-0", to=Is.ENDED, needs=(no_seizure_lapses,),
                does=(releasing.lift,), by_clock=True,
            ),
            Step(
                "renew", "登记续封", (Is.IN_FORCE,), (SIGNING_SUPERVISOR, CS_CLERK), "I-5.7-0", form=RenewForm,
                needs=(is_a_seizure, renewal_within_law), does=(releasing.renew,), todo=_term_is_ending,
            ),
            Step(
                "withdraw", "撤回", (Is.APPLIED,), (SIGNING_SUPERVISOR, CS_CLERK, SALES_DIRECTOR, SALES, CS_MANAGER),
                "I-5.7-0", to=Is.WITHDRAWN, form=WithReason,
            ),
        ),
        clocks=(
            ClockRule(
                "execute", "执行", starts=("apply",), stops=("execute", "put_in_force", "withdraw"),
                limit="1 工作日", clause="I-5.7-0",
            ),
            ClockRule(
                "hold", "保留期限", starts=("put_in_force",), stops=("lift", "lapse"), limit="7 日", clause="I-5.7-0",
                law=True, due=_until, then="lapse",
            ),
            ClockRule(
                "seizure", "查封期限", starts=("renew",), stops=("lift",), limit="3 年", clause="I-5.7-0", law=True,
                due=_term, replans=True,
            ),
        ),
    )
)  # fmt: skip
