"""What the steps of a corrective action do (K-2.6), and the rules that raise one (level, repeats, KPI misses)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

from guiju.kernel import engine
from guiju.kernel.calendar import end_of
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, Todo
from guiju.kernel.process import need
from guiju.org.models import Department
from guiju.quality import people
from guiju.quality.choices import Cause, said
from guiju.quality.forms import corrective as forms
from guiju.quality.models import Complaint, CorrectiveAction
from guiju.quality.record import Facts, attach, case_numbered, enter, facts_of

DOING = {"minor": "7 日", "major": "30 日"}
OF_DEPARTMENT = ("acknowledge", "correct", "analyse", "plan", "report")


def load(context: Context) -> Facts:
    """Read the corrective action of the case; an empty one while it is being raised."""
    found = CorrectiveAction.objects.select_related("department__head", "source", "replaces__case")
    row = found.filter(case_id=context.case.pk or 0).first()
    return Facts(row if row is not None else CorrectiveAction(), context.case.pk or 0)


def row_of(context: Context) -> CorrectiveAction:
    """Return the corrective action of the case."""
    row: CorrectiveAction = facts_of(context).row
    return row


@need("K-2.6-c")
def is_of_department(context: Context) -> str | None:
    """The responsible department acts."""
    row = row_of(context)
    if people.works_in(context, row.department_id):
        return None
    name = row.department.name if row.department is not None else ""
    return f"责任部门是{name}，由该部门的人办理"


@need("K-2.6-c", given=True)
def department_is_named(context: Context) -> str | None:
    """A notice goes to a department."""
    given = context.given
    assert isinstance(given, forms.IssueForm)
    if row_of(context).department_id is None and not given.department_name:
        return "请选定责任部门"
    return None


@need("K-2.6-d")
def is_corrected(context: Context) -> str | None:
    """What is wrong now is put right before the measures are planned."""
    return None if facts_of(context).last("corrected") else "请先纠正眼前的问题"


@need("K-2.6-d")
def cause_is_known(context: Context) -> str | None:
    """Measures rest on a cause."""
    return None if facts_of(context).last("cause") else "请先查明根本原因，再制定措施"


@need("K-2.6-d")
def verifier_is_another(context: Context) -> str | None:
    """Who did it does not verify it (domain 2.23)."""
    row = row_of(context)
    if row.doer_id is not None and row.doer_id == context.by_id:
        return "不能验证自己做的措施，请由别人验证"
    if (
        context.by_id is not None
        and people.works_in(context, row.department_id)
        and row.department_id is not None
    ):
        own = people.departments_of(context.by_id, context.posts, company_id=context.case.chain_id)
        if own == {row.department_id} and row.department is not None and row.department.code != "quality":
            return "责任部门自己不能验证，请由质检部验证"
    return None


@need("K-2.6-d")
def was_watched(context: Context) -> str | None:
    """The effect shows after a while."""
    verified = facts_of(context).last("verified")
    days = int(context.setting("watch_days", 30))
    if verified is not None and context.at < verified.entered_at + timedelta(days=days):
        return f"验证后观察满 {days} 日才能确认效果"
    return None


@need("K-2.6-d", given=True)
def is_effective(context: Context) -> str | None:
    """What had no effect is not closed but issued anew."""
    given = context.given
    assert isinstance(given, forms.EffectForm)
    return None if given.effective else "没有效果的不能关闭，请办「重新签发」"


def plan_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the approval of the plan looks at: whether the finding is major."""
    return {"major": int(row_of(context).grade == CorrectiveAction.MAJOR)}


def doing_due(context: Context) -> str | datetime:
    """Until the last day of the plan approved, within the SOP's limit of the grade."""
    row = row_of(context)
    table = context.setting("doing_limits", DOING)
    if row.due_date is not None and end_of(row.due_date) > context.at:
        return end_of(row.due_date)
    return str(table.get(row.grade, "7 日")) if isinstance(table, dict) else "7 日"


def effect_due(context: Context) -> datetime:
    """When the watch is over and the effect is to be judged; five days are left for it."""
    return context.at + timedelta(days=int(context.setting("watch_days", 30)) + 5)


def _route(context: Context) -> None:
    """Let the department's acts stand with its head."""
    row, case, work = row_of(context), context.case, context.work
    head = row.department.head_id if row.department is not None else None
    if head is None or work is None:
        return
    post = people.post_to_ask(head, company_id=case.chain_id, project_id=case.scope_id, at=context.at)
    if post is None:
        return
    case_id = case.pk

    def give() -> None:
        for todo in Todo.objects.filter(case_id=case_id, act__in=OF_DEPARTMENT):
            Todo.objects.filter(pk=todo.pk).update(post=post, person_id=head)

    work.after.append(give)


def raise_one(context: Context) -> None:
    """Write the fact down for the quality department to issue."""
    given = context.given
    assert isinstance(given, forms.RaiseForm)
    case = context.case
    source = case_numbered(given.source, company_id=case.chain_id)
    department = Department.objects.filter(pk=given.department or 0, company_id=case.chain_id).first()
    if department is None and given.department_name:
        department = people.department_named(
            given.department_name, company_id=case.chain_id, field="department_name", label="责任部门"
        )
    CorrectiveAction.objects.create(
        case=case, source=source, kind=given.kind.value, trigger=given.trigger, department=department,
        fact=given.fact, clause=given.clause, grade=given.grade.value, cause=given.cause or _cause_of(source),
        owner=given.owner, due_date=given.due_date,
    )  # fmt: skip
    context.forget_facts()
    if source is not None:
        context.link("case", source.pk)
    enter(context, "raised", given.fact, clause=given.clause, trigger=given.trigger)
    name = department.name if department is not None else "待定部门"
    context.title = f"{given.kind.label} {name} {given.fact[:40]}"
    _route(context)


def _cause_of(source: Case | None) -> str:
    if source is None or source.process != "complaint":
        return ""
    row = Complaint.objects.filter(case=source).first()
    return (row.cause_found or row.cause) if row is not None else ""


def issue(context: Context) -> None:
    """Send the notice to the responsible department (K-2.6-c)."""
    given = context.given
    assert isinstance(given, forms.IssueForm)
    row = row_of(context)
    if given.department_name:
        row.department = people.department_named(
            given.department_name, company_id=context.case.chain_id, field="department_name", label="责任部门"
        )
    if given.grade is not None:
        row.grade = given.grade.value
    row.save()
    enter(context, "issued", given.note, department=row.department.name if row.department else "")
    _route(context)


def acknowledge(context: Context) -> None:
    """The department signs for the notice (K-2.6-c)."""
    enter(context, "acknowledged", getattr(context.given, "note", ""))
    _route(context)


def refuse_notice(context: Context) -> None:
    """The department sends it back; the quality department decides anew."""
    enter(context, "returned", getattr(context.given, "reason", ""))


def drop(context: Context) -> None:
    """The notice is not issued, for a reason."""
    enter(context, "dropped", getattr(context.given, "reason", ""))


def correct(context: Context) -> None:
    """Record what was put right at once (K-2.6-d)."""
    given = context.given
    assert isinstance(given, forms.CorrectForm)
    row = row_of(context)
    row.doer_id = context.by_id
    row.save(update_fields=["doer"])
    enter(context, "corrected", given.words)
    _route(context)


def analyse(context: Context) -> None:
    """Record the cause, why after why (K-2.6-d)."""
    given = context.given
    assert isinstance(given, forms.CauseForm)
    enter(context, "cause", given.root, whys=list(given.whys))
    _route(context)


def plan(context: Context) -> None:
    """Record the measures approved, each with a person and a day."""
    given = context.given
    assert isinstance(given, forms.PlanForm)
    row = row_of(context)
    row.due_date = max(action.due_date for action in given.actions)
    row.owner = given.actions[0].who
    row.save(update_fields=["due_date", "owner"])
    enter(context, "plan", "", actions=[action.model_dump(mode="json") for action in given.actions])
    _route(context)


def report(context: Context) -> None:
    """Record the measures taken, with date and result (K-2.6-d)."""
    given = context.given
    assert isinstance(given, forms.ReportForm)
    row = row_of(context)
    row.doer_id = context.by_id
    row.save(update_fields=["doer"])
    evidence = attach(context, given.evidence, "corrective_evidence", "纠正措施证据")
    enter(context, "done", given.result, done_date=given.done_date.isoformat(), evidence=evidence)


def verify(context: Context) -> None:
    """Somebody else has seen that it was done."""
    given = context.given
    assert isinstance(given, forms.VerifyForm)
    enter(context, "verified", given.words)


def refuse(context: Context) -> None:
    """It was not done as planned: the department goes on."""
    enter(context, "refused", getattr(context.given, "reason", ""))
    _route(context)


def evaluate(context: Context) -> None:
    """The measures have had their effect: the notice is closed."""
    given = context.given
    assert isinstance(given, forms.EffectForm)
    row = row_of(context)
    row.effective = True
    row.save(update_fields=["effective"])
    enter(context, "effect", given.words, effective=True)


def reissue(context: Context) -> None:
    """The measures had no effect: this notice ends, a new one takes its place."""
    given = context.given
    assert isinstance(given, forms.ReissueForm)
    row = row_of(context)
    row.effective = False
    row.save(update_fields=["effective"])
    key = context.open(
        "corrective_action", links=[("case", context.case.pk)], title=context.case.title,
        given={
            "source": row.source.number if row.source is not None else "", "fact": f"{row.fact}（前次措施没有效果：{given.words}）"[:5000],
            "department": row.department_id, "grade": "major", "kind": row.kind, "clause": row.clause,
        },
    )  # fmt: skip
    CorrectiveAction.objects.filter(case_id=key).update(replaces=row)
    context.link("case", key)
    enter(context, "effect", given.words, effective=False, reissued=key)


# --- rules that raise one --------------------------------------------------------------------------------------------
def raise_by_rule(
    *, trigger: str, fact: str, company_id: int, project_id: int | None, at: datetime, source: str = "",
    grade: str = "minor", cause: str = "", clause: str = "K-2.6-b", kind: str = "corrective",
    department: int | None = None,
) -> Case | None:  # fmt: skip
    """
    Raise a corrective action for a rule, once for each ``trigger`` (what has been raised before is left as it is).

    The program raises it, the quality department issues it. Returns its case, or None if it was there before.
    """
    if CorrectiveAction.objects.filter(trigger=trigger, case__chain_id=company_id).exists():
        return None
    event = engine.open_case(
        "corrective_action", by=None, at=at, chain_id=company_id, scope_id=project_id,
        given={
            "fact": fact[:5000], "grade": grade, "clause": clause, "source": source, "trigger": trigger[:80],
            "cause": cause, "kind": kind, "department": department,
        },
    )  # fmt: skip
    return event.case


def raise_for_kpi_miss(
    *, kpi: str, label: str, periods: list[str], values: list[str], target: str, company_id: int,
    project_id: int | None, at: datetime,
) -> Case | None:  # fmt: skip
    """
    Raise a corrective action for a KPI that missed its target in period after period (two, unless the SOP says else).

    Called by the reports at the end of a period with the periods missed in a row, the last one last. Once per series of
    misses: further periods of the same series raise nothing. Returns the case, or None.
    """
    from guiju.kernel import ports

    policy = ports.policies().current(
        "corrective_action", company_id=company_id, project_id=project_id, at=at
    )
    least = int(policy.settings.get("kpi_periods", 2))
    if len(periods) < least:
        return None
    said = "、".join(f"{period} {value}" for period, value in zip(periods, values, strict=True))
    return raise_by_rule(
        trigger=f"kpi:{kpi}:{project_id or 0}:{periods[0]}",
        fact=f"指标「{label}」连续 {len(periods)} 期未达到目标 {target}：{said}", company_id=company_id,
        project_id=project_id, at=at, clause="A-2.2-b",
    )  # fmt: skip


def look_at(complaint: Complaint, *, at: datetime) -> list[Case]:
    """
    Raise what the rules demand for a complaint: level L3 or L4, a second complaint, the same cause found in several
    homes of a project. Each once.
    """
    case = complaint.case
    place = complaint.unit_as_read or complaint.complainant or case.number
    raised: list[Case | None] = []
    if complaint.level in ("L3", "L4"):
        raised.append(
            raise_by_rule(
                trigger=f"level:{case.pk}",
                fact=f"投诉 {case.number} 为{complaint.level}级：{complaint.words[:200]}",
                company_id=case.chain_id,
                project_id=case.scope_id,
                at=at,
                source=case.number,
                grade="major",
                cause=complaint.cause,
            )  # fmt: skip
        )
    elif complaint.repeat_of is not None:
        earlier = complaint.repeat_of.case.number
        raised.append(
            raise_by_rule(
                trigger=f"repeat:{case.pk}",
                fact=f"{place}二次投诉（前次 {earlier}）：{complaint.words[:200]}",
                company_id=case.chain_id,
                project_id=case.scope_id,
                at=at,
                source=case.number,
                cause=complaint.cause,
            )  # fmt: skip
        )
    raised.append(_same_cause(complaint, at))
    return [one for one in raised if one is not None]


def _same_cause(complaint: Complaint, at: datetime) -> Case | None:
    """The same cause found on site in several homes of a project within half a year."""
    from guiju.kernel import ports

    case = complaint.case
    if not complaint.cause_found or complaint.project_id is None:
        return None
    policy = ports.policies().current(
        "corrective_action", company_id=case.chain_id, project_id=case.scope_id, at=at
    )
    least = int(policy.settings.get("same_cause_units", 3))
    rows = Complaint.objects.filter(
        project_id=complaint.project_id, cause_found=complaint.cause_found, fault="own", unit__isnull=False,
        complained_date__gte=(at - timedelta(days=180)).date(),
    )  # fmt: skip
    units = set(rows.values_list("unit_id", flat=True))
    if len(units) < least:
        return None
    label = said(Cause, complaint.cause_found)
    half = f"{at.year}-{1 if at.month <= 6 else 2}"
    return raise_by_rule(
        trigger=f"cause:{complaint.project_id}:{complaint.cause_found}:{half}",
        fact=f"「{label}」在 {len(units)} 套房屋查实属本公司产品质量问题", company_id=case.chain_id,
        project_id=case.scope_id, at=at, source=case.number, grade="major", cause=complaint.cause_found,
        clause="A-2.2-b",
    )  # fmt: skip
