"""The papers of complaints, corrective actions and memos, built from their records."""

from __future__ import annotations

from datetime import datetime

from guiju.estate.models import Project
from guiju.kernel import ports
from guiju.kernel.duration import moment_text
from guiju.kernel.models import ApprovalRequest, Case, Clock, Vote
from guiju.kernel.numbering import ZONE
from guiju.org.masking import mask_phone
from guiju.papers import records as paper
from guiju.papers.forms import LetterForm, Signed, Tick
from guiju.papers.offers import NotYetPrintable, offer
from guiju.quality.choices import Cause, Channel, Fault, Level, Region, Remedy, said
from guiju.quality.forms.corrective import Grade, Sort
from guiju.quality.forms.memo import Kind
from guiju.quality.models import Complaint, CorrectiveAction, Memo, RecordEntry
from guiju.quality.record import Facts
from guiju.sales.forms import Labelled

SYSTEM = "系统"


def _project(case: Case) -> str:
    return Project.objects.filter(pk=case.scope_id or 0).values_list("name", flat=True).first() or ""


def _name(entry: RecordEntry) -> str:
    return entry.entered_by.name if entry.entered_by is not None else SYSTEM


def _signed(entry: RecordEntry | None) -> Signed | None:
    if entry is None:
        return None
    return Signed(_name(entry), entry.entered_at.astimezone(ZONE).date())


def _words(entry: RecordEntry | None) -> str:
    return entry.words if entry is not None else ""


def _said(entry: RecordEntry | None, key: str) -> str:
    return str(entry.data.get(key, "")) if entry is not None else ""


def _ticks(choices: type[Labelled], chosen: str) -> tuple[Tick, ...]:
    return tuple(Tick(choice.label, choice.value == chosen) for choice in choices)


def _line(entry: RecordEntry, words: str = "") -> paper.Line:
    return paper.Line(entry.entered_at, _name(entry), words or entry.words)


def _written_channel(channel: str) -> str:
    known = {choice.value for choice in Channel} | {choice.label for choice in Channel}
    return channel if channel in known else "other" if channel else ""


def _complaint(case: Case, *, inner: bool) -> paper.ComplaintRecordForm:
    row = (
        Complaint.objects.select_related("unit__building", "delegate", "repeat_of__case")
        .filter(case=case)
        .first()
    )
    if row is None:
        raise NotYetPrintable("投诉还没有登记")
    facts = Facts(row, case.pk)
    recorded, delegated = facts.last("recorded"), facts.last("delegated")
    judged, investigated = facts.last("analysis"), facts.last("investigated")
    executed, confirmed, handed = facts.last("executed"), facts.last("confirmed"), facts.last("handed_over")
    decided, checked, closed = facts.last("decided"), facts.last("checked"), facts.last("closed")
    times = ("首次", "二次", "多次")
    which = 0 if row.repeat_of is None else 1 if row.repeat_of.repeat_of_id is None else 2
    channel = _written_channel(row.channel)
    arrival = Clock.objects.filter(case=case, name="arrive").order_by("-id").first()
    corrective = CorrectiveAction.objects.filter(source=case).select_related("case").order_by("pk")
    replies = facts.all("replied")
    letters = (recorded.data.get("letters") if recorded else None) or []
    phone = row.phone
    return paper.ComplaintRecordForm(
        case=case.number,
        project=_project(case),
        inner=inner,
        complainant=row.complainant or "（未留名）",
        phone=phone if inner else mask_phone(phone),
        unit=row.unit.label if row.unit is not None else row.unit_as_read,
        received_at=recorded.entered_at if recorded is not None else case.opened_at,
        channels=tuple(Tick(c.label, channel in (c.value, c.label)) for c in Channel),
        kinds=(Tick("质量", row.quality is True), Tick("非质量", row.quality is False)),
        times=tuple(Tick(label, at == which) for at, label in enumerate(times)),
        cause=said(Cause, row.cause),
        level=said(Level, row.level),
        words=row.words,
        wish=row.wish,
        earlier=row.repeat_of.case.number if row.repeat_of is not None else "",
        receiver=_signed(recorded),
        letters=len(letters) + len((handed.data.get("letters") if handed else None) or []),
        rounds=tuple(
            _line(entry, f"{entry.words}　顾客：{entry.data.get('answer') or '—'}")
            for entry in facts.all("round")
        ),
        situation=_said(facts.last("planned"), "situation") if inner else "",
        plan=_words(facts.last("planned")) if inner else "",
        planner=_signed(facts.last("planned")) if inner else None,
        handed_over=_signed(handed) if inner else None,
        handed_late=bool(handed is not None and handed.data.get("late")) and inner,
        departments="、".join(judged.data.get("departments", [])) if judged is not None and inner else "",
        analysis=_words(judged) if inner else "",
        measures=_said(judged, "measures") if inner else "",
        analyst=_signed(judged) if inner else None,
        opinion=_words(facts.last("opinion")) if inner else "",
        opinion_by=_signed(facts.last("opinion")) if inner else None,
        delegate=row.delegate.name if row.delegate is not None else "",
        qualification=_said(delegated, "qualification"),
        regions=_ticks(Region, row.region),
        delegated_on=delegated.entered_at.astimezone(ZONE).date() if delegated is not None else None,
        arrive_by=moment_text(arrival.due_at) if arrival is not None else "",
        arrived_at=_moment(facts.last("arrived")),
        investigation=_words(investigated),
        found=_said(investigated, "reason") if inner else "",
        investigator=_signed(investigated),
        faults=_ticks(Fault, row.fault) if inner else (),
        remedies=_ticks(Remedy, row.remedy) if inner else (),
        decision=_words(decided) if inner else said(Remedy, row.remedy),
        execution=_words(executed),
        test=_said(executed, "test"),
        executor=_signed(executed),
        checked=_words(checked) if inner else "",
        confirmation=_words(confirmed),
        customer=Signed(_said(confirmed, "signed_by"), confirmed.entered_at.astimezone(ZONE).date())
        if confirmed is not None
        else None,
        satisfactions=(Tick("满意", row.satisfied is True), Tick("不满意", row.satisfied is False)),
        answer=_words(replies[-1]) if replies else "",
        handed_in=_signed(facts.last("handed_in")) if inner else None,
        corrective="、".join(one.case.number for one in corrective) if inner else "",
        result=row.result if closed is not None or row.result else "",
        closed=_signed(closed),
    )


def _moment(entry: RecordEntry | None) -> datetime | None:
    return entry.entered_at if entry is not None else None


@offer("complaint", "record_inner", "complaint_record", "顾客投诉及处理记录表（内部联）")
def inner_copy(case: Case, at: datetime) -> paper.ComplaintRecordForm:
    """Build the copy of the house: all columns."""
    return _complaint(case, inner=True)


@offer("complaint", "record_customer", "complaint_record", "顾客投诉及处理记录表（客户联）")
def customers_copy(case: Case, at: datetime) -> paper.ComplaintRecordForm:
    """Build the customer's copy: no plan, judgement, fault or opinion, and a masked phone (DECISIONS 28)."""
    return _complaint(case, inner=False)


@offer("complaint", "reply", "letter", "投诉答复函")
def reply_letter(case: Case, at: datetime) -> LetterForm:
    """Build the written reply to the customer from the last answer recorded (I-2.8-d).

    :raises NotYetPrintable: nothing has been answered yet.
    """
    row = Complaint.objects.select_related("unit__building").get(case=case)
    replies = Facts(row, case.pk).all("replied")
    if not replies:
        raise NotYetPrintable("还没有答复顾客，请先办「书面答复」")
    project = Project.objects.select_related("company").filter(pk=case.scope_id or 0).first()
    day = f"{row.complained_date:%Y 年 %m 月 %d 日}" if row.complained_date else "近日"
    return LetterForm(
        title="投诉答复函",
        number=f"DF-{case.number}",
        to=row.complainant or "顾客",
        paragraphs=(
            f"您于 {day} 反映的问题，给您带来不便，我们深表歉意。现将处理情况答复如下：",
            replies[-1].words,
            "如对处理结果有不同意见，请随时与我们联系。",
        ),
        company=project.company.name if project is not None else "",
        written_on=at.astimezone(ZONE).date(),
        facts=(("投诉编号", case.number), ("房屋", row.unit.label if row.unit else row.unit_as_read or "—")),
        phone=project.seller_phone if project is not None else "",
        address=project.signing_place if project is not None else "",
    )


@offer("corrective_action", "notice", "corrective", "纠正措施通知单")
def corrective_notice(case: Case, at: datetime) -> paper.CorrectiveForm:
    """Build the 纠正措施通知单.

    :raises NotYetPrintable: nothing was raised.
    """
    row = CorrectiveAction.objects.select_related("department", "source").filter(case=case).first()
    if row is None:
        raise NotYetPrintable("通知单还没有填写")
    facts = Facts(row, case.pk)
    cause, plan = facts.last("cause"), facts.last("plan")
    done, effect = facts.last("done"), facts.last("effect")
    return paper.CorrectiveForm(
        case=case.number,
        project=_project(case),
        kinds=_ticks(Sort, row.kind),
        grades=_ticks(Grade, row.grade),
        department=row.department.name if row.department is not None else "",
        source=row.source.number if row.source is not None else "",
        clause=ports.policies().get(case.sop_version_id).number(row.clause) if row.clause else "",
        fact=row.fact,
        raised=_signed(facts.last("raised")),
        issued=_signed(facts.last("issued")),
        acknowledged=_signed(facts.last("acknowledged")),
        corrected=_words(facts.last("corrected")),
        corrected_by=_signed(facts.last("corrected")),
        whys=tuple(cause.data.get("whys", [])) if cause is not None else (),
        cause=_words(cause),
        cause_by=_signed(cause),
        measures=tuple(
            paper.Measure(one["what"], one["who"], one["due_date"])
            for one in (plan.data.get("actions", []) if plan is not None else [])
        ),
        planned=_signed(plan),
        approved=_approved(case, "plan"),
        result=f"{done.data.get('done_date', '')}　{done.words}" if done is not None else "",
        done=_signed(done),
        verification=_words(facts.last("verified")),
        verified=_signed(facts.last("verified")),
        effect=_words(effect),
        effects=(
            Tick("有效，关闭", row.effective is True), Tick("没有效果，重新签发", row.effective is False),
        ),
        evaluated=_signed(effect),
    )  # fmt: skip


def _approved(case: Case, step: str) -> tuple[Signed, ...]:
    request = ApprovalRequest.objects.filter(case=case, step=step, state=ApprovalRequest.TAKEN).last()
    if request is None:
        return ()
    votes = Vote.objects.filter(request=request, decision=Vote.YES).order_by("id")
    return tuple(
        Signed(ports.people().name(vote.person_id), vote.voted_at.astimezone(ZONE).date()) for vote in votes
    )


@offer("internal_memo", "memo", "memo", "内部工作联系单")
def memo_form(case: Case, at: datetime) -> paper.MemoForm:
    """Build the 内部工作联系单.

    :raises NotYetPrintable: nothing was sent.
    """
    row = Memo.objects.select_related("sender", "to_department", "source").filter(case=case).first()
    if row is None:
        raise NotYetPrintable("联系单还没有发出")
    facts = Facts(row, case.pk)
    to = ports.people().post_label(row.to_post)
    department = f"{row.to_department.name} " if row.to_department is not None else ""
    clock = Clock.objects.filter(case=case, name="answer").order_by("-id").first()
    return paper.MemoForm(
        case=case.number,
        project=_project(case),
        kinds=_ticks(Kind, row.kind),
        sender=row.sender.name if row.sender is not None else SYSTEM,
        receiver=f"{department}{to}",
        subject=row.subject,
        content=row.content,
        wish=row.wish,
        source=row.source.number if row.source is not None else "",
        due=moment_text(clock.due_at) if clock is not None else "",
        sent=_signed(facts.last("sent")),
        receipts=tuple(_line(entry, "签收") for entry in facts.all("received")),
        instructions=tuple(
            _line(entry, f"{entry.words}（转{ports.people().post_label(entry.data.get('to', ''))}）")
            for entry in facts.all("forwarded")
        ),
        analysis=_words(facts.last("analysis")),
        analyst=_signed(facts.last("analysis")),
        result=row.result,
        answered=_signed(facts.last("answered")),
        finished=_signed(facts.last("finished")),
    )
