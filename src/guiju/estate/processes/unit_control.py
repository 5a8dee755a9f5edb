"""Unit control 销控登记 (document I, process 七; domain 2.1).

Somebody applies to release, hold, restrict or reopen units; the signing group executes what the chain has approved;
a hold ends by itself at its limit, a restriction when it is lifted. Subscriptions move units by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from guiju.estate.facts import facts_of, load
from guiju.estate.forms import ApplyForm, ExecuteForm, Kind, LiftForm
from guiju.estate.models import Control, Unit
from guiju.estate.operations import releasing
from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, need, register
from guiju.org.posts import CS_CLERK, CS_MANAGER, SALES, SALES_DIRECTOR, SIGNING_SUPERVISOR


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
    if facts_of(context).kind is not Kind.SEIZE or number:
        return None
    return "解除查封要有机关的解封文书，请填文书号"


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
                to=Is.APPLIED, opens=True, form=ApplyForm, needs=(units_are_ours, hold_is_limited, seizure_is_proved),
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
                "lapse", "保留到期", (Is.IN_FORCE,), (), "I-5.7-0", to=Is.ENDED, does=(releasing.lift,), by_clock=True,
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
        ),
    )
)  # fmt: skip
