"""What the steps of contract approval and of filing change, and the milestones of a building that open gates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from guiju.estate.models import Building, Control
from guiju.estate.operations import control
from guiju.kernel import engine, search
from guiju.kernel.calendar import end_of, local_date
from guiju.kernel.duration import Limit
from guiju.kernel.engine import Context
from guiju.kernel.forms import WithReason
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost, Reason
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.org.models import Person
from guiju.org.operations.looks import note_unmasking
from guiju.papers.models import Seal
from guiju.papers.operations.seals import register_use
from guiju.sales import filing_fields, filing_searching, filings
from guiju.sales import filing_forms as forms
from guiju.sales.filing_facts import approval_in, contract_in, filing_in
from guiju.sales.models import BuildingRegime, Contract, ContractApproval, Filing, Milestone
from guiju.sales.operations.acting import keep, person_of
from guiju.sales.regimes import REGIMES

FILERS = (posts.REGISTRAR, posts.CS_CLERK, posts.SIGNING_SUPERVISOR)
KEEPERS = (posts.REGISTRAR, posts.SIGNING_SUPERVISOR, posts.CS_MANAGER)


def _index(context: Context, contract: Contract, *numbers: str) -> None:
    if context.title is not None:
        context.case.title = context.title[:200]
    search.index_many([filing_searching.document(context.case, contract, *numbers)])


# --- approval --------------------------------------------------------------------------------------------------------
def begin_approval(context: Context) -> None:
    """Open the approval of the deal's contract; a contract with deviations goes the longer way."""
    facts = contract_in(context)
    assert facts is not None
    contract = facts.contract
    ContractApproval.objects.create(
        case=context.case, contract=contract, deal_id=contract.deal_id, deviating=bool(contract.deviations),
    )  # fmt: skip
    context.link("deal", contract.deal_id)
    context.link("unit", facts.unit.pk)
    for buyer in facts.buyers:
        context.link("customer", buyer.customer_id)
    context.title = f"合同审批 {facts.unit.label} {contract.number}"
    _index(context, contract)
    context.forget_facts()


def _line(value: Any) -> str:
    if isinstance(value, dict):
        head = str(value.get("title") or value.get("clause") or value.get("name") or "")
        words = str(value.get("words") or value.get("text") or value.get("value") or value.get("after") or "")
        return "：".join(part for part in (head, words) if part) or str(value)
    return str(value)


def prepare_sheet(context: Context) -> None:
    """Fill in the 销售合同审批单: what is put to approval is written down as it stands now."""
    given = context.given
    assert isinstance(given, forms.SheetForm)
    facts = approval_in(context)
    contract, deal, row = facts.contract, facts.deal, facts.row
    row.deviating = bool(contract.deviations)
    row.prepared_by = context.by_id
    row.facts = {
        "terms_version": deal.terms_version,
        "prepared_at": context.at.isoformat(),
        "total": str(contract.total_price),
        "unit_price": str(contract.unit_price or ""),
        "list_price": str(deal.list_price or ""),
        "discount": f"{facts.discount_percent:.2f}",
        "payment": deal.payment,
        "bank": deal.bank,
        "plan": contract.plan,
        "paid": str(facts.paid),
        "deviations": [_line(one) for one in contract.deviations],
        "terms": contract.terms,
        "special": given.special,
        "regime": facts.regime.label,
        "permit": facts.permits[0].number if facts.permits else "",
    }
    row.save(update_fields=["deviating", "prepared_by", "facts"])
    context.say(total=contract.total_price, deviations=len(contract.deviations))


def note_legal_opinion(context: Context) -> None:
    """Keep the lawyer's opinion on the deviations, with the paper."""
    given = context.given
    assert isinstance(given, forms.LegalForm)
    row = approval_in(context).row
    row.opinions = [
        *(line for line in row.opinions if line.get("post") != "legal"),
        {
            "post": "legal", "asked": "legal", "person": None, "name": given.lawyer, "opinion": given.opinion,
            "agrees": given.agrees, "at": context.at.isoformat(), "by": context.by_id,
        },
    ]  # fmt: skip
    row.save(update_fields=["opinions"])
    keep(context, [given.attachment], "legal_opinion", "法律意见书")


def note_city_number(context: Context) -> None:
    """Write the number that the city's system gave the contract."""
    given = context.given
    assert isinstance(given, forms.CityNumberForm)
    facts = contract_in(context)
    assert facts is not None
    context.say(old=facts.contract.city_number, new=given.city_number)
    Contract.objects.filter(pk=facts.contract.pk).update(city_number=given.city_number)
    Filing.objects.filter(contract=facts.contract, open=True).update(city_number=given.city_number)
    context.forget_facts()


def approve_contract(context: Context) -> None:
    """The chain said yes: keep who said what, and that the contract is approved as of these terms."""
    facts = approval_in(context)
    row = facts.row
    row.approved_at, row.approved_terms = context.recorded_at, facts.deal.terms_version
    row.opinions = facts.opinions
    row.save(update_fields=["approved_at", "approved_terms", "opinions"])
    Contract.objects.filter(pk=row.contract_id).update(approved_at=context.recorded_at)


def redo_sheet(context: Context) -> None:
    """Send the sheet back to be filled anew; what was approved counts no more."""
    given = context.given
    assert isinstance(given, WithReason)
    row = approval_in(context).row
    row.returned = [
        *row.returned,
        {
            "at": context.at.isoformat(),
            "by": context.by_id,
            "from": context.case.state,
            "reason": given.reason,
        },
    ]
    row.opinions, row.facts, row.approved_at, row.approved_terms = [], {}, None, None
    row.save(update_fields=["returned", "opinions", "facts", "approved_at", "approved_terms"])
    Contract.objects.filter(pk=row.contract_id).update(approved_at=None)


def seal_contract(context: Context) -> None:
    """Put the contract seal on the contract and enter it in the seal register with the approval's number."""
    given = context.given
    assert isinstance(given, forms.ContractSealForm)
    facts = approval_in(context)
    seals = Seal.objects.in_use().filter(company_id=context.case.chain_id, kind=Seal.Kind.CONTRACT)
    found = (
        seals.filter(project_id=context.case.scope_id).order_by("pk").first()
        or seals.filter(project_id=None).order_by("pk").first()
    )
    if found is None:
        raise NotReady([Reason("公司还没有登记合同专用章，请先登记印章和保管人", "I-5.1-3b")])
    row = facts.row
    use = register_use(
        seal=found, by=person_of(context), at=context.recorded_at, used_at=min(context.at, context.recorded_at),
        copies=given.copies, approval=f"销售合同审批单 {context.case.number} 已批准", reason="商品房买卖合同用印",
        case=context.case, title=f"商品房买卖合同 {facts.contract.number}", across_pages=given.straddle,
        approval_number=context.case.number,
    )  # fmt: skip
    row.sealed_at, row.sealed_by, row.seal_number = context.at, context.by_id, use.number
    row.copies, row.open = given.copies, False
    row.save(update_fields=["sealed_at", "sealed_by", "seal_number", "copies", "open"])
    Contract.objects.filter(pk=row.contract_id).update(sealed_at=context.at)
    keep(context, [given.scan], "contract_sealed", "盖章合同")
    context.say(seal=use.number, copies=given.copies)


def cancel_approval(context: Context) -> None:
    """The contract ends, or is signed anew: its approval is no longer asked for."""
    row = approval_in(context).row
    row.open = False
    row.save(update_fields=["open"])


# --- filing ----------------------------------------------------------------------------------------------------------
def begin_filing(context: Context) -> None:
    """Open the filing of the deal's contract; the 30 days run from the day of signing, not from today."""
    facts = contract_in(context)
    assert facts is not None
    contract = facts.contract
    Filing.objects.create(
        case=context.case, contract=contract, deal_id=contract.deal_id, project_id=context.case.scope_id or 0,
        signed_date=contract.signed_date, due_date=filings.due_date(contract.signed_date),
        city_number=contract.city_number,
    )  # fmt: skip
    context.link("deal", contract.deal_id)
    context.link("unit", facts.unit.pk)
    for buyer in facts.buyers:
        context.link("customer", buyer.customer_id)
    context.title = f"预售登记 {facts.unit.label} {contract.number}"
    _index(context, contract)
    context.forget_facts()


def file_due(context: Context) -> datetime:
    """Return the end of the last day to file; the SOP may set fewer days than 30."""
    days = Limit.parse(context.policy.clock("file").limit or f"{filings.DAYS} 日").number
    return end_of(_signed(context) + timedelta(days=days))


def red_due(context: Context) -> datetime:
    """Return the end of the 27th day: from the 28th on the filing is red."""
    days = Limit.parse(context.policy.clock("red").limit or f"{filings.RED - 1} 日").number
    return end_of(_signed(context) + timedelta(days=days))


def _signed(context: Context) -> date:
    facts = contract_in(context)
    assert facts is not None
    return facts.contract.signed_date


def collect_documents(context: Context) -> None:
    """Write which papers of the set are there."""
    given = context.given
    assert isinstance(given, forms.DocumentsForm)
    row = filing_in(context).row
    row.documents = {
        **{name: getattr(given, name) for name in forms.DocumentsForm.model_fields if name not in ("pre_notice_agreed",)},
        "promised_date": given.promised_date.isoformat() if given.promised_date else "",
    }  # fmt: skip
    row.pre_notice_agreed = given.pre_notice_agreed
    row.save(update_fields=["documents", "pre_notice_agreed"])


def note_chase(context: Context) -> None:
    """Count a reminder to bring the missing papers."""
    given = context.given
    assert isinstance(given, forms.ChaseForm)
    row = filing_in(context).row
    promised = given.promised_date.isoformat() if given.promised_date else ""
    row.documents = {
        **row.documents, "chased": int(row.documents.get("chased", 0)) + 1, "chased_at": context.at.isoformat(),
        "promised_date": promised or row.documents.get("promised_date", ""),
    }  # fmt: skip
    row.save(update_fields=["documents"])


def compare_city(context: Context) -> None:
    """Compare what the city's system shows with the paper, field by field, and keep both."""
    given = context.given
    assert isinstance(given, forms.CityForm)
    shown = {name: str(getattr(given, name) or "") for name in forms.CityForm.model_fields}
    write_comparison(context, shown)


def write_comparison(context: Context, shown: dict[str, str]) -> None:
    """Keep the city's data with what of it is not as in the contract."""
    facts = filing_in(context)
    row, contract = facts.row, facts.contract
    found = filing_fields.differences(filing_fields.paper_fields(contract), shown)
    number = shown.get("city_number", "").strip()
    if number and not contract.city_number and not any(line.key == "city_number" for line in found):
        Contract.objects.filter(pk=contract.pk).update(city_number=number)
    row.city, row.differences = shown, [line.as_row() for line in found]
    row.city_number = number or contract.city_number
    row.compared_at, row.compared_by, row.compared_terms = context.at, context.by_id, facts.deal.terms_version
    row.save(
        update_fields=["city", "differences", "city_number", "compared_at", "compared_by", "compared_terms"]
    )
    context.say(differences=[line.label for line in found])


def submit_filing(context: Context) -> None:
    """Hand the set in to the authority, with the proof of it."""
    given = context.given
    assert isinstance(given, forms.SubmitForm)
    row = filing_in(context).row
    row.submitted_at, row.submitted_by = context.at, context.by_id
    row.submission_proof = f"{given.how} {given.proof}"[:80]
    row.accepted_at, row.acceptance_number = None, ""
    row.save(
        update_fields=["submitted_at", "submitted_by", "submission_proof", "accepted_at", "acceptance_number"]
    )


def note_outage(context: Context) -> None:
    """Keep the proof that the city's system was down; the days go on counting."""
    given = context.given
    assert isinstance(given, forms.OutageForm)
    keep(context, [given.proof], "city_outage", "登记系统故障")


def accept_filing(context: Context) -> None:
    """The authority accepted the set."""
    given = context.given
    assert isinstance(given, forms.AcceptForm)
    row = filing_in(context).row
    row.accepted_at, row.acceptance_number = context.at, given.acceptance_number
    row.save(update_fields=["accepted_at", "acceptance_number"])


def take_return(context: Context) -> None:
    """The authority sent the set back: why, for the report; the city's data is to be compared again."""
    given = context.given
    assert isinstance(given, forms.ReturnForm)
    row = filing_in(context).row
    row.returned = [
        *row.returned, {"at": context.at.isoformat(), "cause": given.cause.value, "reason": given.reason}
    ]  # fmt: skip
    row.compared_at = row.compared_by = None
    row.save(update_fields=["returned", "compared_at", "compared_by"])


def file_contract(context: Context) -> None:
    """The contract is on the city's file: number and day on the filing and the contract, the unit 已备案."""
    given = context.given
    assert isinstance(given, forms.FileForm)
    facts = filing_in(context)
    row = facts.row
    row.filing_number, row.filed_date, row.filed_at = given.filing_number, given.filed_date, context.at
    try:
        with transaction.atomic():
            row.save(update_fields=["filing_number", "filed_date", "filed_at"])
    except IntegrityError as error:
        raise NotReady([Reason("备案编号已用于另一份合同", "I-5.5-0b")]) from error
    Contract.objects.filter(pk=row.contract_id).update(
        filed_number=given.filing_number, filed_date=given.filed_date
    )
    if facts.unit.control == Control.SIGNED:
        control.move(
            unit_id=facts.unit.pk, to=Control.FILED, expected=[Control.SIGNED], case_id=context.case.pk,
            by_id=context.by_id, at=context.at, recorded_at=context.recorded_at,
            reason=f"合同备案 {given.filing_number}",
        )  # fmt: skip
    keep(context, [given.certificate], "filing_certificate", "备案证明")
    if context.setting("tell_buyer", 1):
        days = Limit.parse(context.policy.clock("tell").limit or "15 日").number
        context.start_clock("tell", due_at=end_of(given.filed_date + timedelta(days=days)))
    _index(context, facts.contract, given.filing_number)
    context.say(days=(given.filed_date - row.signed_date).days)


def note_told(context: Context) -> None:
    """The buyer was told in writing that the contract is filed."""
    given = context.given
    assert isinstance(given, forms.TellForm)
    row = filing_in(context).row
    row.told_at, row.told_how = context.at, f"{given.how} {given.proof} {given.told_date}"
    row.save(update_fields=["told_at", "told_how"])


def note_copies(context: Context) -> None:
    """Copies of the filed contract went to somebody, who signed for them."""
    given = context.given
    assert isinstance(given, forms.CopiesForm)
    row = filing_in(context).row
    row.copies_given = [
        *row.copies_given,
        {
            "at": context.at.isoformat(), "receiver": given.receiver, "capacity": given.capacity,
            "authority": given.authority, "copies": given.copies, "by": context.by_id,
        },
    ]  # fmt: skip
    row.save(update_fields=["copies_given"])
    keep(context, [given.signature], "contract_receipt", "合同领取签收")


def apply_pre_notice(context: Context) -> None:
    """The pre-notice was applied for."""
    given = context.given
    assert isinstance(given, forms.PreNoticeApplyForm)
    row = filing_in(context).row
    row.pre_notice_submitted_at = given.applied_at or context.at
    row.save(update_fields=["pre_notice_submitted_at"])


def note_pre_notice(context: Context) -> None:
    """The pre-notice is registered; from the first registration of the building it lapses in 90 days (CC 221)."""
    given = context.given
    assert isinstance(given, forms.PreNoticeForm)
    row = filing_in(context).row
    row.pre_notice_number = given.number
    row.pre_notice_at = end_of(given.registered_date) - timedelta(days=1)
    row.save(update_fields=["pre_notice_number", "pre_notice_at"])


def note_first_registration(context: Context) -> None:
    """The building has its first registration: the 90 days of the pre-notice begin."""
    given = context.given
    assert isinstance(given, forms.FirstRegisteredForm)
    days = Limit.parse(context.policy.clock("pre_notice").limit or f"{filings.PRE_NOTICE_DAYS} 日").number
    context.start_clock("pre_notice", due_at=end_of(given.registered_date + timedelta(days=days)))


def finish_filing(context: Context) -> None:
    """The filing line of this contract is done."""
    row = filing_in(context).row
    row.open = False
    row.save(update_fields=["open"])


def withdraw_filing(context: Context) -> None:
    """The contract is off the city's file; the unit is 已签约 again."""
    given = context.given
    assert isinstance(given, forms.WithdrawForm)
    facts = filing_in(context)
    row = facts.row
    row.withdrawn_at, row.open = context.at, False
    row.withdraw_reason = f"{given.withdrawn_date} {given.proof}"[:200]
    row.save(update_fields=["withdrawn_at", "open", "withdraw_reason"])
    Contract.objects.filter(pk=row.contract_id).update(filed_number="", filed_date=None)
    if facts.unit.control == Control.FILED:
        control.move(
            unit_id=facts.unit.pk, to=Control.SIGNED, expected=[Control.FILED], case_id=context.case.pk,
            by_id=context.by_id, at=context.at, recorded_at=context.recorded_at,
            reason=f"注销备案 {row.filing_number}",
        )  # fmt: skip


def cancel_filing(context: Context) -> None:
    """The contract ends before it was filed."""
    row = filing_in(context).row
    row.open = False
    row.save(update_fields=["open"])


def show_to_city(*, filing: Filing, by: Person, at: datetime) -> dict[str, str]:
    """
    Return what the contract says, identity numbers in full, for typing it into the city's system. It is recorded.

    :raises NotYourPost: ``by`` does not file contracts.
    """
    case = filing.case
    if not holds_post(by, *FILERS, at=at, company_id=case.chain_id, project_id=case.scope_id):
        names = "、".join(posts.label(post) for post in FILERS)
        raise NotYourPost([Reason(f"证件号码只给{names}录入网签时看", "I-5.5-0b")])
    note_unmasking(
        by, "case", case.number, what="买受人证件号码", reason="录入网签系统", at=at, company_id=case.chain_id
    )
    return filing_fields.paper_fields(filing.contract)


# --- buildings -------------------------------------------------------------------------------------------------------
def _may_record(building: Building, by: Person, at: datetime) -> None:
    project = building.project
    if not holds_post(by, *KEEPERS, at=at, company_id=project.company_id, project_id=project.pk):
        names = "、".join(posts.label(post) for post in KEEPERS)
        raise NotYourPost([Reason(f"楼栋的销售制度和节点由{names}登记", "I-5.5-0b")])


def _proof(text: str, label: str) -> str:
    if not text.strip():
        raise BadlyFilled({"proof": f"{label}：必填"})
    return text.strip()


@transaction.atomic
def set_regime(
    *, building: Building, regime: str, from_date: date, basis: str, by: Person, at: datetime
) -> BuildingRegime:
    """
    Write by which rules a building is sold from a day on (domain 0).

    :raises NotYourPost: ``by`` holds none of the posts that may.
    :raises BadlyFilled: unknown rules, no basis, or another row of the same day.
    """
    _may_record(building, by, at)
    if regime not in REGIMES:
        raise BadlyFilled({"regime": "销售制度：请从所列的选项中选"})
    basis = _proof(basis, "依据")
    if BuildingRegime.objects.filter(building=building, from_date=from_date).exists():
        raise BadlyFilled({"from_date": "起用日期：这一天已有登记，不能改，请另写日期"})
    row = BuildingRegime.objects.create(
        building=building, regime=regime, from_date=from_date, basis=basis, recorded_at=at, recorded_by=by
    )
    engine.record(
        company_id=building.project.company_id, step="sales.regime", by=by, at=at,
        given={"building": building.pk, "regime": regime, "from": from_date.isoformat(), "basis": basis},
    )  # fmt: skip
    return row


@transaction.atomic
def reach_milestone(
    *, building: Building, kind: str, on: date, proof: str, by: Person, at: datetime
) -> Milestone:
    """
    Write that a building topped out, has its 竣工备案 or its first registration, with the proof. What waits for it
    (pay-outs, the 90 days of the pre-notices) follows by itself.

    :raises NotYourPost: ``by`` holds none of the posts that may.
    :raises BadlyFilled: unknown kind, no proof, a day ahead, or recorded already.
    """
    _may_record(building, by, at)
    if kind not in dict(Milestone.KINDS):
        raise BadlyFilled({"kind": "节点：请从所列的选项中选"})
    proof = _proof(proof, "凭证")
    if on > local_date(at):
        raise BadlyFilled({"on": "日期：不能晚于今天"})
    if Milestone.objects.filter(building=building, kind=kind).exists():
        raise BadlyFilled({"kind": f"节点：{building.name}已登记{dict(Milestone.KINDS)[kind]}"})
    row = Milestone.objects.create(
        building=building, kind=kind, reached_date=on, proof=proof, recorded_at=at, recorded_by=by
    )
    engine.record(
        company_id=building.project.company_id, step="sales.milestone", by=by, at=at,
        given={"milestone": row.pk, "building": building.pk, "kind": kind, "on": on.isoformat(), "proof": proof},
    )  # fmt: skip
    return row
