"""What the steps of compensation and of contractors' work do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db.models import Q

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.engine import Context
from guiju.kernel.process import need
from guiju.quality.forms import compensation as forms
from guiju.quality.models import Compensation, Complaint, ContractorWork
from guiju.quality.record import Facts, attach, case_numbered, enter, facts_of

YEAR = timedelta(days=365)


def load_compensation(context: Context) -> Facts:
    """Read the compensation of the case; an empty one while it is being opened."""
    row = Compensation.objects.filter(case_id=context.case.pk or 0).first()
    return Facts(row if row is not None else Compensation(), context.case.pk or 0)


def load_work(context: Context) -> Facts:
    """Read the contractor's work of the case; an empty one while it is being opened."""
    row = ContractorWork.objects.filter(case_id=context.case.pk or 0).first()
    return Facts(row if row is not None else ContractorWork(), context.case.pk or 0)


def compensation_of(context: Context) -> Compensation:
    """Return the compensation of the case."""
    row: Compensation = facts_of(context).row
    return row


def work_of(context: Context) -> ContractorWork:
    """Return the contractor's work of the case."""
    row: ContractorWork = facts_of(context).row
    return row


# --- compensation ----------------------------------------------------------------------------------------------------
@need("I-2.8-h", given=True)
def amount_is_the_proposed(context: Context) -> str | None:
    """What is approved, agreed and paid is one amount."""
    amount = getattr(context.given, "amount", None)
    row = compensation_of(context)
    return None if amount == row.amount else f"金额应为 {row.amount} 元；要改金额的，请重新提出并报批"


@need("I-2.8-e", given=True)
def payment_is_new(context: Context) -> str | None:
    """A voucher pays one compensation, and not before its day."""
    given = context.given
    assert isinstance(given, forms.PayForm)
    if given.paid_date > local_date(context.at):
        return "付款日期不能晚于今天"
    used = Compensation.objects.filter(case__chain_id=context.case.chain_id, voucher=given.voucher)
    return f"凭证 {given.voucher} 已经登记过" if used.exists() else None


def amount_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    """What the approval looks at: the amount in yuan, with what the same matter was given before."""
    row = compensation_of(context)
    return {"amount": (row.amount or Decimal(0)) + given_beside(row)}


def given_beside(row: Compensation) -> Decimal:
    """
    Return what else was proposed for the same complaint, or for the same home within a year, in yuan: a limit of a post is
    not passed in pieces (I-2.8-h). What was dropped does not count.
    """
    same = Q(pk__in=[])
    if row.source_id is not None:
        same |= Q(source_id=row.source_id)
    if row.unit_id is not None:
        same |= Q(unit_id=row.unit_id, case__opened_at__gte=row.case.opened_at - YEAR)
    beside = Compensation.objects.filter(same, case__chain_id=row.case.chain_id).exclude(pk=row.pk)
    amounts = beside.exclude(case__state="dropped").values_list("amount", flat=True)
    return sum((amount for amount in amounts if amount is not None), Decimal(0))


def complained_about(context: Context) -> set[int]:
    """Return whom the complaint behind a compensation is about: whoever it is does not approve it."""
    about = Complaint.objects.filter(case_id=compensation_of(context).source_id or 0)
    return {person for person in about.values_list("about_person_id", flat=True) if person is not None}


def propose(context: Context) -> None:
    """Write down what for, on what ground and how much."""
    given = context.given
    assert isinstance(given, forms.ProposeForm)
    case = context.case
    source = case_numbered(given.source, company_id=case.chain_id)
    Compensation.objects.create(
        case=case, source=source, payee=given.payee, ground=given.ground, amount=given.amount,
        unit=Unit.objects.filter(pk=given.unit or context.subject("unit") or 0).first(),
        customer=Customer.objects.filter(pk=given.customer or 0, company_id=case.chain_id).first(),
    )  # fmt: skip
    context.forget_facts()
    if source is not None:
        context.link("case", source.pk)
    enter(context, "proposed", given.ground, amount=str(given.amount))
    context.title = f"赔偿 {given.payee} {given.amount} 元"


def approve(context: Context) -> None:
    """The chain has said yes to the amount."""
    enter(
        context, "approved", getattr(context.given, "note", ""), amount=str(compensation_of(context).amount)
    )


def agree(context: Context) -> None:
    """Keep the agreement that both sides signed."""
    given = context.given
    assert isinstance(given, forms.AgreeForm)
    row = compensation_of(context)
    row.agreement = given.agreement
    row.save(update_fields=["agreement"])
    attach(context, [given.agreement], "compensation_agreement", "赔偿协议")
    enter(context, "agreed", "", amount=str(given.amount), agreement=given.agreement)


def pay(context: Context) -> None:
    """Record the payment with its voucher."""
    given = context.given
    assert isinstance(given, forms.PayForm)
    row = compensation_of(context)
    row.voucher, row.paid_date = given.voucher, given.paid_date
    row.save(update_fields=["voucher", "paid_date"])
    enter(context, "paid", "", amount=str(given.amount), voucher=given.voucher)


def drop(context: Context) -> None:
    """No compensation, for a reason told to the customer."""
    enter(context, "dropped", getattr(context.given, "reason", ""))


# --- contractor's work -----------------------------------------------------------------------------------------------
@need("I-2.8-c", given=True)
def refusal_was_noticed(context: Context) -> str | None:
    """Who refuses was told in writing: the ground of the charge-back."""
    given = context.given
    assert isinstance(given, forms.RefuseForm)
    return None if given.notice else "请先书面通知责任单位，填写通知凭证号"


@need("E-2.4-a", given=True)
def work_is_tested(context: Context) -> str | None:
    """Work is tested before it is reported as done; a third party's has its cost."""
    given = context.given
    assert isinstance(given, forms.WorkDoneForm)
    if not given.passed:
        return "测试合格后才能报告完工"
    if work_of(context).third_party and given.cost is None:
        return "第三方维修的请填费用"
    return None


@need("E-2.4-b")
def inspector_is_another(context: Context) -> str | None:
    """Who reported the work does not inspect it."""
    done = facts_of(context).last("done")
    if done is not None and done.entered_by_id == context.by_id:
        return "报告完工的人不能验收"
    return None


@need("E-2.4-b", given=True)
def inspection_is_passed(context: Context) -> str | None:
    """What does not pass goes back."""
    given = context.given
    assert isinstance(given, forms.InspectForm)
    return None if given.passed else "验收不合格的请办「退回返工」"


def finish_due(context: Context) -> object:
    """The day asked for, by its end; else the SOP's limit."""
    day = work_of(context).finish_date
    return end_of(day) if day is not None and end_of(day) > context.at else None


def dispatch(context: Context) -> None:
    """Write the order to the responsible contractor."""
    given = context.given
    assert isinstance(given, forms.DispatchForm)
    case = context.case
    source = case_numbered(given.source, company_id=case.chain_id)
    unit = Unit.objects.filter(pk=given.unit or context.subject("unit") or 0).first()
    ContractorWork.objects.create(
        case=case, source=source, unit=unit, contractor=given.contractor, contact=given.contact, phone=given.phone,
        contract_number=given.contract_number, scope=given.scope, finish_date=given.finish_date,
        retention=given.retention,
    )  # fmt: skip
    context.forget_facts()
    if source is not None:
        context.link("case", source.pk)
    if unit is not None:
        context.link("unit", unit.pk)
    enter(context, "dispatched", given.scope, contractor=given.contractor)
    context.title = f"责任单位维修 {given.contractor} {unit.label if unit else ''}".strip()


def accept(context: Context) -> None:
    """The contractor takes the order."""
    given = context.given
    assert isinstance(given, forms.AcceptForm)
    starts = given.starts_date.isoformat() if given.starts_date else None
    enter(context, "accepted", given.words, by_whom=given.by_whom, starts_date=starts)


def refuse(context: Context) -> None:
    """The contractor refuses, or does not come."""
    given = context.given
    assert isinstance(given, forms.RefuseForm)
    enter(context, "refused", given.words, notice=given.notice)


def replace(context: Context) -> None:
    """A third party does the work instead."""
    given = context.given
    assert isinstance(given, forms.ReplaceForm)
    row = work_of(context)
    row.third_party = given.third_party
    row.save(update_fields=["third_party"])
    enter(context, "replaced", given.reason, third_party=given.third_party, estimate=str(given.estimate))


def report(context: Context) -> None:
    """The work is done and tested."""
    given = context.given
    assert isinstance(given, forms.WorkDoneForm)
    row = work_of(context)
    row.cost = given.cost
    row.save(update_fields=["cost"])
    photos = attach(context, given.photos, "contractor_photo", "责任单位维修照片")
    enter(
        context,
        "done",
        given.words,
        test=given.test,
        cost=str(given.cost) if given.cost else None,
        photos=photos,
    )


def inspect(context: Context) -> None:
    """Somebody else has accepted the work."""
    given = context.given
    assert isinstance(given, forms.InspectForm)
    enter(context, "inspected", given.words)


def redo(context: Context) -> None:
    """The work goes back."""
    enter(context, "redo", getattr(context.given, "reason", ""))


def finish(context: Context) -> None:
    """The work is over and settled."""
    enter(context, "finished", getattr(context.given, "note", ""))


def cancel(context: Context) -> None:
    """The work is no longer needed."""
    enter(context, "cancelled", getattr(context.given, "reason", ""))
