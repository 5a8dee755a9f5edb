"""Needs of contract approval and of filing: each returns None, or why not, in the words of the SOP."""

from __future__ import annotations

from datetime import timedelta

from guiju.kernel import ports
from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.process import need
from guiju.org import posts
from guiju.sales import filing_fields
from guiju.sales import filing_forms as forms
from guiju.sales.filing_facts import approval_in, contract_in, filing_in
from guiju.sales.models import ContractApproval, Filing

APPROVAL, FILING = "I-5.5-0a", "I-5.5-0b"
FILING_LAW = "城市商品房预售管理办法 10；房屋登记备案 30 日"
ALWAYS = ("contract", "approval", "identity", "payment", "application")


# --- approval --------------------------------------------------------------------------------------------------------
@need(APPROVAL)
def contract_is_signed(context: Context) -> str | None:
    """Only a signed contract that stands is put to approval."""
    facts = contract_in(context)
    return None if facts is not None else "这套房屋没有已签署、有效的合同"


@need(APPROVAL)
def not_yet_in_approval(context: Context) -> str | None:
    """One approval at a time, and none once it is sealed."""
    facts = contract_in(context)
    if facts is None:
        return None
    row = ContractApproval.objects.filter(contract=facts.contract, open=True).select_related("case").first()
    if row is not None:
        return f"这份合同已在审批：{row.case.number}"
    return f"合同 {facts.contract.number} 已盖章" if facts.contract.sealed_at is not None else None


@need("I-2.1-o", given=True)
def sheet_is_checked(context: Context) -> str | None:
    """Price, identity, escrow and permit are checked one by one."""
    given = context.given
    assert isinstance(given, forms.SheetForm)
    open_points = [
        words
        for done, words in (
            (given.price_ok, "价格"),
            (given.identity_ok, "买受人"),
            (given.escrow_ok, "监管账户和已付款"),
            (given.permit_ok, "预售许可证"),
        )
        if not done
    ]
    return f"还没有核对：{'、'.join(open_points)}" if open_points else None


@need(APPROVAL)
def permit_covers_unit(context: Context) -> str | None:
    """The contract is covered by a presale permit that was valid on the day of signing (domain 1.1)."""
    facts = contract_in(context)
    if facts is None:
        return None
    day = facts.contract.signed_date
    for permit in facts.permits:
        if (permit.issued_date is None or permit.issued_date <= day) and (
            permit.valid_until is None or permit.valid_until >= day
        ):
            return None
    return f"{facts.unit.building.name}在签约日没有有效的预售许可证，合同不能报批"


@need(APPROVAL)
def plan_adds_up(context: Context) -> str | None:
    """The instalments of the contract add up to its price."""
    facts = contract_in(context)
    if facts is None or not facts.contract.plan:
        return None
    total = sum(filing_fields.decimal_of(str(line.get("amount", "0"))) or 0 for line in facts.contract.plan)
    if total == facts.contract.total_price:
        return None
    return f"付款计划合计 {total} 元，与合同总价 {facts.contract.total_price} 元不符"


@need(APPROVAL)
def legal_opinion_given(context: Context) -> str | None:
    """A contract that deviates from the model goes to the chain with the lawyer's opinion."""
    row = approval_in(context).row
    if not row.deviating:
        return None
    legal = next((line for line in reversed(row.opinions) if line.get("post") == posts.LEGAL), None)
    if legal is None:
        return None if legal_votes(context) else "合同偏离范本，先取得法律意见再报批"
    return None if legal.get("agrees") else "法律意见不同意签署，请改好条款再报批"


def legal_votes(context: Context) -> bool:
    """Whether 法务 has a seat in the chain: the contract deviates, the SOP wants it, and somebody holds the post here."""
    if not approval_in(context).row.deviating or not context.setting("legal_vote", 0):
        return False
    case = context.case
    people = ports.people()
    return bool(
        people.holders(posts.LEGAL, company_id=case.chain_id, project_id=case.scope_id, at=context.at)
    )


@need(APPROVAL)
def terms_as_prepared(context: Context) -> str | None:
    """What is approved and sealed is what the sheet says: the deal has not changed since (domain 2.0)."""
    facts = approval_in(context)
    then = facts.row.facts.get("terms_version")
    if then is None or then == facts.deal.terms_version:
        return None
    return f"审批单填的是第 {then} 版成交条件，现在是第 {facts.deal.terms_version} 版，请退回重填"


@need(APPROVAL)
def sheet_is_prepared(context: Context) -> str | None:
    """The sheet is filled before it goes up."""
    return None if approval_in(context).row.facts else "先填写合同审批单"


@need("I-2.1-o")
def chain_is_complete(context: Context) -> str | None:
    """Manager and finance always; legal, deputy and general manager for a deviating one: no SOP may leave them out."""
    facts = approval_in(context)
    wanted = [posts.CS_MANAGER, posts.FINANCE]
    if facts.row.deviating:
        wanted += [posts.LEGAL, posts.DEPUTY_GM, posts.GENERAL_MANAGER]
    asked = {line.get("asked") for line in facts.row.opinions}
    missing = [posts.label(post) for post in wanted if post not in asked]
    return f"合同审批单还缺{'、'.join(missing)}的意见，不能盖章" if missing else None


@need("I-5.1-3b", person=True)
def contract_keeper_is_apart(context: Context) -> str | None:
    """Who seals neither prepared the contract nor sold it nor approved it."""
    if context.by_id is None:
        return None
    facts = approval_in(context)
    if context.by_id == facts.row.prepared_by:
        return "盖章人不能是本合同的填单人"
    if context.by_id in {line.get("person") for line in facts.row.opinions}:
        return "盖章人不能是本合同的审批人"
    if facts.deal.opened_by_id == context.by_id:
        return "盖章人不能是本单的销售"
    return None


@need(APPROVAL)
def city_number_first(context: Context) -> str | None:
    """Where the city's system comes first, the paper is sealed only with the city's number on it."""
    if not context.setting("city_first", 0):
        return None
    facts = approval_in(context)
    return None if facts.contract.city_number else "本城市先网签后盖章：先登记网签合同号"


# --- filing ----------------------------------------------------------------------------------------------------------
@need(FILING)
def contract_can_be_filed(context: Context) -> str | None:
    """A contract that is sealed (or taken over from before the program) is filed, once."""
    facts = contract_in(context)
    if facts is None:
        return "这套房屋没有已签署、有效的合同"
    row = Filing.objects.filter(contract=facts.contract, withdrawn_at=None).exclude(
        open=False, filed_at=None
    ).select_related("case").first()  # fmt: skip
    if row is not None:
        return f"这份合同已在办登记：{row.case.number}"
    if facts.contract.sealed_at is None and facts.contract.case_id is not None:
        return "合同还没有审批盖章，不能办理预售登记"
    return None


@need(FILING)
def documents_complete(context: Context) -> str | None:
    """All papers of the set are there."""
    missing = missing_documents(context)
    return f"登记资料还缺：{'、'.join(missing)}" if missing else None


def missing_documents(context: Context) -> list[str]:
    """Return the papers of the filing set that are not there yet, by name."""
    facts = filing_in(context)
    wanted = list(ALWAYS)
    if context.setting("eligibility_papers", 0):
        wanted.append("eligibility")
    if any(buyer.letter_id for buyer in facts.buyers):
        wanted.append("authority")
    have = facts.row.documents
    return [label_of(key) for key in wanted if not have.get(key)]


def label_of(key: str) -> str:
    """Return the name of a paper of the set."""
    return str(forms.DocumentsForm.model_fields[key].title)


@need(FILING)
def city_agrees(context: Context) -> str | None:
    """The city's data has been compared with the paper, as it stands now, and there is no difference."""
    facts = filing_in(context)
    row = facts.row
    if row.compared_at is None:
        return "先核对网签数据与合同"
    if row.compared_terms != facts.deal.terms_version:
        return "核对以后成交条件变过，请重新核对网签数据"
    if row.differences:
        lines = [str(filing_fields.Difference(**line)) for line in row.differences[:3]]
        more = f"等 {len(row.differences)} 处" if len(row.differences) > 3 else ""
        return f"网签数据与合同不一致（{'；'.join(lines)}{more}），改一致后再报送"
    return None


@need(FILING, given=True)
def filing_number_is_free(context: Context) -> str | None:
    """A filing number belongs to one contract."""
    given = context.given
    assert isinstance(given, forms.FileForm)
    row = filing_in(context).row
    other = (
        Filing.objects.filter(project_id=row.project_id, filing_number=given.filing_number, withdrawn_at=None)
        .exclude(pk=row.pk)
        .select_related("contract")
        .first()
    )
    return f"备案编号已用于合同 {other.contract.number}" if other is not None else None


@need(FILING, given=True)
def filed_on_a_sound_day(context: Context) -> str | None:
    """Filed after signing, and not tomorrow."""
    given = context.given
    assert isinstance(given, forms.FileForm)
    if given.filed_date > local_date(context.recorded_at):
        return "备案日期不能晚于今天"
    if given.filed_date < filing_in(context).signed_date:
        return "备案日期不能早于签约日期"
    return None


@need(FILING, given=True)
def lateness_is_explained(context: Context) -> str | None:
    """Filed after the thirtieth day: the reason stands in the record (I-5.3-5d)."""
    given, row = context.given, filing_in(context).row
    assert isinstance(given, forms.FileForm)
    if given.filed_date <= row.due_date or given.late_reason.strip():
        return None
    return f"签约第 {(given.filed_date - row.signed_date).days} 日才备案，超过三十日，请写明原因"


@need(FILING, given=True)
def told_after_filing(context: Context) -> str | None:
    """The buyer is told after the filing, and not tomorrow."""
    given = context.given
    assert isinstance(given, forms.TellForm)
    filed = filing_in(context).row.filed_date
    if given.told_date > local_date(context.recorded_at) or (filed is not None and given.told_date < filed):
        return "告知日期应在备案日期以后，不能晚于今天"
    return None


@need(FILING, given=True)
def copies_not_more_than_sealed(context: Context) -> str | None:
    """No more copies are handed out than were sealed; an agent shows the authority."""
    given = context.given
    assert isinstance(given, forms.CopiesForm)
    facts = filing_in(context)
    sealed = (
        ContractApproval.objects.filter(contract=facts.contract, sealed_at__isnull=False)
        .order_by("-pk")
        .first()
    )
    out = sum(int(line["copies"]) for line in facts.row.copies_given)
    if sealed is not None and out + given.copies > sealed.copies:
        return f"盖章 {sealed.copies} 份，已领 {out} 份，不能再领 {given.copies} 份"
    if "代" in given.capacity and not given.authority:
        return "代领合同的，要收授权委托书并填编号"
    return None


@need("民法典 221")
def pre_notice_agreed(context: Context) -> str | None:
    """A pre-notice is registered where the contract agrees on it."""
    return None if filing_in(context).row.pre_notice_agreed else "本合同没有约定办理预告登记"


@need("民法典 221")
def pre_notice_applied(context: Context) -> str | None:
    """The proof of the pre-notice follows the application."""
    return None if filing_in(context).row.pre_notice_submitted_at is not None else "先申请预告登记"


@need(FILING)
def buyer_told(context: Context) -> str | None:
    """Where the rule is set, the buyer was told in writing."""
    if not context.setting("tell_buyer", 1):
        return None
    return None if filing_in(context).row.told_at is not None else "还没有书面告知买受人"


@need(FILING)
def copies_given(context: Context) -> str | None:
    """The buyer has a copy of the filed contract."""
    return None if filing_in(context).row.copies_given else "还没有登记合同领取签收"


@need(FILING)
def no_pre_notice_open(context: Context) -> str | None:
    """A filing with a pre-notice agreed goes on to the pre-notice."""
    return "约定了预告登记，请先办理预告登记" if filing_in(context).row.pre_notice_agreed else None


@need(FILING)
def not_on_file(context: Context) -> str | None:
    """What is on the city's file is taken off there first; a row here does not do it."""
    row = filing_in(context).row
    if row.filed_at is not None and row.withdrawn_at is None:
        return f"合同已备案（{row.filing_number}），先在登记机关注销备案"
    return None


@need(FILING, given=True)
def withdrawn_after_filing(context: Context) -> str | None:
    """The filing is taken off after it was made, and not tomorrow."""
    given = context.given
    assert isinstance(given, forms.WithdrawForm)
    filed = filing_in(context).row.filed_date
    if given.withdrawn_date > local_date(context.recorded_at) or (filed and given.withdrawn_date < filed):
        return "注销日期应在备案日期以后，不能晚于今天"
    return None


def days_open(context: Context) -> int:
    """Return the days since signing."""
    return (local_date(context.at) - filing_in(context).signed_date) // timedelta(days=1)
