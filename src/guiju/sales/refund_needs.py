"""Needs of returning a home and paying money back: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from guiju.estate.models import Control
from guiju.estate.seizures import seized_text
from guiju.kernel import calendar
from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.money import ZERO, money
from guiju.kernel.process import need
from guiju.ledger.models import Invoice
from guiju.ledger.queries import book_of_deal, statement
from guiju.papers.models import AttachmentUse
from guiju.sales import refund_forms as forms
from guiju.sales.changing import pending_change
from guiju.sales.models import Deal, DealBuyer, RoomReturn
from guiju.sales.refund_facts import facts_of
from guiju.sales.refund_sheet import ReasonClass, UnableToCalculate
from guiju.sales.second_person import voucher_used

A, B = "I-5.10-0a", "I-5.10-0b"


def deal_asked(context: Context) -> Deal | None:
    """Return the deal an application is about: the one named, else the unit's live one, else its newest."""
    if "deal" not in context.kept:
        given = context.given
        rows = Deal.objects.select_related("unit__building", "unit__project")
        rows = rows.filter(project_id=context.case.scope_id or 0)
        named = given.deal if isinstance(given, forms.ApplyForm) else None
        key = named or context.subject("deal")
        found = rows.filter(pk=key).first() if key else None
        unit = context.subject("unit")
        if found is None and unit is not None:
            found = rows.filter(unit_id=unit).order_by("-live", "-pk").first()
        context.kept["deal"] = found
    deal: Deal | None = context.kept["deal"]
    return deal


def rescinded_by(case_id: int) -> int | None:
    """Return the dunning case whose decision began this return, or None."""
    rows = CaseLink.objects.filter(case=case_id, kind="case").values_list("key", flat=True)
    return Case.objects.filter(pk__in=list(rows), process="dunning").values_list("pk", flat=True).first()


# --- application -----------------------------------------------------------------------------------------------------
@need(A, given=True)
def deal_can_be_returned(context: Context) -> str | None:
    """A home is returned of a deal that lives and on which nothing else is asked for; its unit is not seized."""
    given, deal = context.given, deal_asked(context)
    assert isinstance(given, forms.ApplyForm)
    if deal is None:
        return "这套房没有成交，不能申请退房或退款"
    if (said := seized_text(deal.unit)) and context.by is not None:
        return f"{said}，退房退款须凭法院文书，请先转法务"
    if deal.unit.control == Control.RESTRICTED and context.by is not None:
        return f"{deal.unit.label}已被限制（查封等），退房退款须凭法院文书，请先转法务"
    if given.kind is forms.Kind.ROOM:
        if not deal.live or deal.stage == Deal.SUBSCRIBING:
            return "没有生效的认购书或合同，不能退房；已收的款项办「只退款」"
        if number := pending_change(deal.pk):
            return f"本单已有变更或退房 {number} 在办，办结后再申请"
        return None
    book = book_of_deal(deal.pk)
    if book is None or statement(book).over <= 0:
        return "没有可退的款项：已收的款都抵付着应收；要解除成交的，申请「退房」"
    running = RoomReturn.objects.filter(deal=deal, case__closed_at=None).select_related("case").first()
    return f"已有 {running.case.number} 在退这笔款" if running is not None else None


@need(A, given=True)
def application_is_signed(context: Context) -> str | None:
    """Every buyer signs the application, or the signed scan is there."""
    given, deal = context.given, deal_asked(context)
    assert isinstance(given, forms.ApplyForm)
    # What follows a decision on the deposit begins without the customer; the signatures come before it goes to approval.
    return (
        None
        if deal is None or given.signed or context.by is None
        else "退房、退款申请要全体买受人签字：请上传签字扫描件，或请买受人在屏幕上签字"
    )


@need(A, given=True)
def ground_is_proved(context: Context) -> str | None:
    """After signing there is no way out without a ground: law, contract, or the company's consent (domain 2.9)."""
    given, deal = context.given, deal_asked(context)
    assert isinstance(given, forms.ApplyForm)
    if deal is None or deal.stage != Deal.SIGNED or given.kind is not forms.Kind.ROOM:
        return None
    if given.cause in (ReasonClass.LEGAL, ReasonClass.CONTRACT) and not (given.clause and given.proofs):
        return "签约以后没有法定或约定的理由不能退房：请写明依据的条款，并上传证明"
    return None


@need(A, given=True)
def notice_is_past(context: Context) -> str | None:
    """The notice that ends the contract has been delivered when it is entered."""
    given = context.given
    assert isinstance(given, forms.ApplyForm)
    if given.notice_date is not None and given.notice_date > local_date(context.recorded_at):
        return "解除通知送达日期不能晚于今天"
    return None


# --- calculation and review -------------------------------------------------------------------------------------------
@need(A)
def talk_was_held(context: Context) -> str | None:
    """Somebody has talked with the customer before it goes to approval."""
    facts = facts_of(context)
    if facts.room and facts.row.talked_at is None:
        return "还没有和客户洽谈，请先办「挽留洽谈」"
    return None


@need(A)
def is_calculated(context: Context) -> str | None:
    """What is kept and paid is shown line by line before anybody approves it."""
    return None if facts_of(context).row.calculated_at is not None else "还没有测算，请先逐项测算扣款和应退款"


@need(A, given=True)
def calculation_holds(context: Context) -> str | None:
    """The figures fit together: interest where the reason asks for it, banks first, payees add up to what is payable."""
    from guiju.sales.operations.refunding import drafted

    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.CalculateForm)
    if given.until_date < local_date(context.at):
        return "计息日期不能早于今天"
    if not facts.paid:
        return "没有收过款，不用退款；请办「释放房源」或撤销"
    if facts.room and facts.loaned and not given.payoffs:
        return f"贷款已放款 {money(facts.loaned)}，应先还银行：请填银行的结清金额"
    for wanted in facts.payoffs:
        if wanted.amount is None:
            return f"{wanted.bank}的结清金额还没有登记，请按揭岗位先向银行取得结清金额"
    if sum((one.amount for one in given.payoffs), ZERO) > facts.loaned:
        return f"银行结清金额超过已放贷款 {money(facts.loaned)}，请和银行核对"
    payers = facts.own_by_payer
    for one in given.payees:
        if one.kind is forms.PayeeKind.PAYER and one.name not in payers:
            return (
                f"{one.name}不是原付款人（{'、'.join(payers) or '无'}）；退给别人的，选择收款人类别并写明依据"
            )
        if one.kind is not forms.PayeeKind.PAYER and not (one.ground and one.proof):
            return f"退给{one.name}不是退回原付款账户：请写明依据，并上传账户注销、继承或法院的证明"
    if facts.deceased and not any(one.kind is forms.PayeeKind.HEIR for one in given.payees):
        return f"买受人{'、'.join(facts.deceased)}已去世，退款应付给继承人，凭继承公证或法院文书"
    try:
        drafted(facts, given)
    except UnableToCalculate as wrong:
        return str(wrong)
    return None


@need(A, given=True)
def amounts_are_the_calculated(context: Context) -> str | None:
    """What is approved is what was calculated."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.SubmitForm)
    if given.payable != row.payable or given.kept != row.kept:
        return f"测算为应退 {money(row.payable or ZERO)}、扣款 {money(row.kept or ZERO)}，所填不符；要改的请重新测算"
    return None


@need(A, given=True)
def application_is_in(context: Context) -> str | None:
    """A refund that began by itself is not approved without the application that every buyer signed."""
    given = context.given
    assert isinstance(given, forms.SubmitForm)
    if given.notice_date is not None and given.notice_date > local_date(context.recorded_at):
        return "解除通知送达日期不能晚于今天"
    if (given.notice_date is None) != (given.notice is None):
        return "解除通知的送达日期和送达凭证要一起填"
    if given.signed or given.notice or context.case.opened_by is not None:
        return None
    if rescinded_by(context.case.pk):
        return "本单随催款决定自动立案：请打印并送达解除合同通知书，填送达日期，上传送达凭证"
    kept = AttachmentUse.objects.filter(case_id=context.case.pk, kind="refund_application")
    return (
        None
        if kept.exists()
        else "本单随认购结束自动立案，买受人还没有签退款申请：请上传全体买受人签字的申请"
    )


@need(A, given=True)
def lawyer_has_said(context: Context) -> str | None:
    """After signing the legal opinion goes with it (domain 2.29: + LEG)."""
    given = context.given
    assert isinstance(given, forms.SubmitForm)
    if facts_of(context).signed and not (given.legal and given.legal_paper):
        return "签约以后的退房须有法务意见：请写明意见，并上传意见书"
    return None


# --- agreement -------------------------------------------------------------------------------------------------------
@need(A)
def is_a_room(context: Context) -> str | None:
    """Only a home that comes back has an agreement, a checklist and an execution."""
    return None if facts_of(context).room else "只退款的没有这一步，请办「核对退款」"


@need(B)
def is_money_only(context: Context) -> str | None:
    """A home that comes back goes through agreement and checklist first."""
    return "退房的先签解除协议、办完解除清单，再付款" if facts_of(context).room else None


@need(A, given=True)
def every_buyer_signs(context: Context) -> str | None:
    """Every buyer signs the agreement, or who stands for the buyer with proof (domain 1.17)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AgreeForm)
    signed = {one.buyer: one for one in given.signers}
    for place, buyer in enumerate(facts.buyers, 1):
        name, one = buyer.customer.name, signed.get(place)
        if one is None:
            return f"解除协议要全体买受人签字：{name}还没有签"
        if one.kind is not forms.SignerKind.SELF and one.proof is None:
            return f"{name}由{one.kind.label}签字的，请上传公证委托书、继承证明或法院文书"
        if buyer.customer.deceased_date is not None and one.kind not in (
            forms.SignerKind.HEIR,
            forms.SignerKind.COURT,
        ):
            return f"{name}已去世，解除协议由继承人签，凭继承公证或法院文书"
    if len(signed) > len(facts.buyers):
        return f"只有 {len(facts.buyers)} 位买受人"
    return None


@need(A, given=True)
def agreement_is_dated(context: Context) -> str | None:
    """The agreement was made after the approval and not tomorrow."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.AgreeForm)
    if given.agreed_date > local_date(context.recorded_at):
        return "协议日期不能晚于今天"
    if row.approved_at is not None and given.agreed_date < local_date(row.approved_at):
        return "批准以前不能签解除协议"
    return None


# --- checklist -------------------------------------------------------------------------------------------------------
ORDER = ("bank", "mortgage", "pre_notice", "filing")


@need(A, given=True)
def released_in_order(context: Context) -> str | None:
    """The bank is paid off before the mortgage goes, this before the pre-notice, and this before the filing (domain 1.10)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.ReleaseForm)
    kind = given.kind.value
    rows = {one.kind: one for one in facts.releases}
    own = rows.get(kind)
    if own is None:
        return f"解除清单里没有「{given.kind.label}」"
    if own.done_at is not None:
        return f"「{given.kind.label}」已经登记"
    if kind in ORDER:
        for before in ORDER[: ORDER.index(kind)]:
            earlier = rows.get(before)
            if earlier is not None and earlier.needed and earlier.done_at is None:
                return f"先{earlier.get_kind_display()}，才能{given.kind.label}"
    return None


@need(A, given=True)
def release_is_proved(context: Context) -> str | None:
    """What is undone has its proof; what does not concern this deal, or was lost, says so in words."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.ReleaseForm)
    kind = given.kind
    if kind is forms.ReleaseKind.FILING and (filing := facts.open_filing()) is not None:
        if filing.case.closed_at is None:
            return f"备案 {filing.filing_number} 还没有注销：请在 {filing.case.number} 办注销备案"
        if given.not_needed or not given.number:
            return f"备案 {filing.filing_number} 还没有注销：请填注销凭证号"
    if kind is forms.ReleaseKind.INVOICE and facts.book is not None:
        rows = Invoice.objects.filter(request__book=facts.book, red_of=None, red_letter=None)
        if first := rows.order_by("id").first():
            return f"发票 {first.number} 还没有红冲，请财务先红冲"
    if given.not_needed:
        return None if given.note else "不涉及的请写明原因"
    if kind is forms.ReleaseKind.PAPERS and not given.proof:
        return "请上传收回的原件；原件遗失的，上传遗失声明和证件"
    if not given.number and not given.proof:
        return f"「{kind.label}」要有凭证号或凭证"
    return None


@need(B, given=True)
def bank_gets_what_it_wants(context: Context) -> str | None:
    """Each bank gets the figure it gave, once, and no more than the loan that came (SPC-CH 21)."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayBankForm)
    row = next((one for one in facts.payees if one.kind == "bank" and one.name == given.bank), None)
    if row is None:
        return f"{given.bank}不在收款人里：{'、'.join(one.name for one in facts.payees if one.kind == 'bank') or '没有贷款银行'}"
    if row.paid_date is not None:
        return f"{given.bank}已于 {row.paid_date} 结清"
    if problem := _day_is_right(context, given.paid_date) or voucher_used(context, [given.voucher]):
        return problem
    if given.amount > facts.loaned - facts.bank_paid:
        return f"结清金额超过已放贷款 {money(facts.loaned - facts.bank_paid)}，请和银行核对"
    wanted = next((one for one in facts.payoffs if one.bank == given.bank and one.amount is not None), None)
    if wanted is not None and wanted.amount != given.amount:
        return f"银行的结清金额是 {money(wanted.amount)}（计算到 {wanted.on_date}），所填不符"
    more = given.amount - row.amount
    rest = sum((one.amount for one in facts.payees if one.kind != "bank"), ZERO)
    return f"比批准的多 {money(more)}，超过了应退买受人的款，请重新测算" if more > rest else None


@need(A)
def no_bank_was_paid(context: Context) -> str | None:
    """Once a bank has its money back, there is no way back to the deal as it was."""
    return "银行贷款已经结清，不能撤回，请办完退房" if facts_of(context).bank_paid else None


@need(A)
def everything_is_released(context: Context) -> str | None:
    """Nothing of the checklist is open when the deal ends."""
    left = facts_of(context).unreleased
    return (
        f"解除清单还有 {len(left)} 项没有办：{'、'.join(one.get_kind_display() for one in left)}"
        if left
        else None
    )


@need(A)
def banks_are_paid(context: Context) -> str | None:
    """Before the buyers get anything, and before the deal ends, the banks have their money."""
    open_ = [one for one in facts_of(context).payees if one.kind == "bank" and one.paid_date is None]
    return f"应先还银行：{open_[0].name} {money(open_[0].amount)} 还没有结清" if open_ else None


@need(A)
def filing_is_withdrawn(context: Context) -> str | None:
    """A unit whose contract is on the city's file is not sold to anybody else."""
    filing = facts_of(context).open_filing()
    return f"备案 {filing.filing_number} 还没有注销，不能办理" if filing is not None else None


# --- payment ---------------------------------------------------------------------------------------------------------
@need(B)
def receipts_are_checked(context: Context) -> str | None:
    """Nothing is paid back out of a receipt that no second person has compared with its slip (domain 2.8)."""
    for row in facts_of(context).receipts:
        first = row
        while first.moved_from is not None and not hasattr(first, "check_row"):
            first = first.moved_from
        if not hasattr(first, "check_row"):
            return f"收据 {row.number} 还没有复核，请先由另一人复核收款"
    return None


@need(B, person=True)
def payer_is_apart(context: Context) -> str | None:
    """Who calculated does not pay (domain 2.0, segregation)."""
    row = facts_of(context).row
    return "测算的人不能办理付款" if row.calculated_by_id == context.by_id else None


def late_rate(context: Context) -> Decimal:
    """Return the yearly rate in percent for paying late where the sheet bears no interest."""
    return Decimal(str(context.setting("late_rate", 3)))


def _day_is_right(context: Context, paid_date: date) -> str | None:
    """Money is paid after the approval and not tomorrow."""
    row = facts_of(context).row
    if paid_date > local_date(context.recorded_at):
        return "付款日期不能晚于今天"
    if row.approved_at is not None and paid_date < local_date(row.approved_at):
        return f"批准以前不能付款，{local_date(row.approved_at)} 才批准"
    return None


@need(B, given=True)
def each_payee_gets_his_own(context: Context) -> str | None:
    """Every payee gets what was approved, with interest if late, to the cent, and each with its voucher."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayForm)
    if problem := _day_is_right(context, given.paid_date):
        return problem
    paid = {one.payee: one.amount for one in given.payments}
    for due in facts.due_now(given.paid_date, rate=late_rate(context)):
        name, wanted = due.payee.name, due.amount
        extra = f"（含逾期利息 {money(due.late)}）" if due.late else ""
        if name not in paid:
            return f"{name}的 {money(wanted)}{extra} 没有付款明细，应一次付清；分次付的，办「分次付款」"
        if paid.pop(name) != wanted:
            return f"应付{name} {money(wanted)}{extra}，所填不符"
    if paid:
        return f"{next(iter(paid))}不在批准的收款人里"
    return voucher_used(context, [one.voucher for one in given.payments])


@need(B, given=True)
def parts_are_agreed(context: Context) -> str | None:
    """In parts only with the buyers' consent in writing (domain 2.9); a part is less than what is open, the last one is no part."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayPartForm)
    if problem := _day_is_right(context, given.paid_date):
        return problem
    kept = AttachmentUse.objects.filter(case_id=context.case.pk, kind="refund_parts")
    if given.consent is None and not kept.exists():
        return "分次退款要买受人书面同意：请上传同意书"
    open_ = {
        one.name: facts.open_of(one) for one in facts.payees if one.kind != "bank" and one.paid_date is None
    }
    paid: dict[str, Decimal] = {}
    for one in given.payments:
        if one.payee not in open_:
            return f"{one.payee}不在批准的收款人里，或已付清"
        paid[one.payee] = paid.get(one.payee, ZERO) + one.amount
        if paid[one.payee] > open_[one.payee]:
            return f"{one.payee}还有 {money(open_[one.payee])} 未付，本次超过了"
    if sum(paid.values(), ZERO) == sum(open_.values(), ZERO):
        return "这次付清，请办「付款」"
    return voucher_used(context, [one.voucher for one in given.payments])


@need(B, given=True)
def was_paid_to(context: Context) -> str | None:
    """Money comes back that went out."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.CameBackForm)
    found = [one for one in facts.parts if one.payee == given.payee and not one.bank]
    if given.returned:
        found = [one for one in found if one.voucher == given.returned]
    return None if found else f"没有付给{given.payee}的款"


# --- back on sale ----------------------------------------------------------------------------------------------------
@need(A)
def city_lock_is_over(context: Context) -> str | None:
    """Some cities let a returned unit be sold again only after some days: the setting says how many."""
    facts = facts_of(context)
    days = int(context.setting("relist_days", 0))
    if not facts.room or facts.row.executed_at is None or not days:
        return None
    first = local_date(facts.row.executed_at) + timedelta(days=days)
    first = calendar.current(context.case.chain_id).next_workday(first)
    return (
        None
        if local_date(context.at) >= first
        else f"城市规定退房满 {days} 日后才能再售，{first} 起可以恢复公开销售"
    )


def buyers_of(deal_id: int) -> list[DealBuyer]:
    """Return the buyers of a deal in order."""
    return list(DealBuyer.objects.filter(deal_id=deal_id).select_related("customer").order_by("position"))
