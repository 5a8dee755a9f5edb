"""The printed 推荐客户确认单 (form 8, I-6-8)."""

from __future__ import annotations

from datetime import datetime

from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.papers import returning as paper
from guiju.papers.forms import Signed, Tick
from guiju.papers.offers import NotYetPrintable, offer
from guiju.sales.models import Referral
from guiju.sales.operations.referring import ReferralFacts
from guiju.sales.referral_forms import Way
from guiju.sales.refund_papers import desks_of, signed_by

CHAIN = ("sales_director", "cs_manager", "finance", "general_manager")


@offer("referral", "referral", "referral", "推荐客户确认单")
def referral_form(case: Case, at: datetime) -> paper.ReferralForm:
    """
    Build the 推荐客户确认单 as far as the case has come; the phone in full only with consent, masked on paper.

    :raises NotYetPrintable: nothing is registered.
    """
    rows = Referral.objects.select_related(
        "referrer", "referrer_deal__unit__building", "deal__unit__building", "project"
    )
    row = rows.filter(case=case).first()
    if row is None:
        raise NotYetPrintable("还没有登记推荐")
    facts = ReferralFacts(row)
    own, deal = row.referrer_deal, row.deal
    confirmed = row.confirmed_at is not None
    return paper.ReferralForm(
        project=row.project.name,
        number=case.number,
        registered=f"{row.registered_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
        referrer=row.referrer.name,
        referrer_unit=own.unit.label,
        referrer_contract=own.contract_number,
        referrer_phone=row.referrer.phone,
        name=row.name,
        phone=f"{row.phone[:3]}****{row.phone_tail}" if row.phone else f"尾号 {row.phone_tail}",
        relation=row.relation,
        ways=tuple(Tick(one.label, one.value == row.contact_way) for one in Way),
        consented=f"{local_date(row.consented_at)} 已同意" if row.consented_at is not None else "",
        checked=row.checked,
        results=(Tick("确认推荐", confirmed), Tick("不予确认", case.state == "rejected")),
        confirmed=signed_by(row.confirmed_by_id, row.confirmed_at),
        visit_until=row.visit_due_date,
        deal_until=row.deal_due_date,
        registrar=signed_by(row.registered_by_id, row.registered_at),
        referrer_signed=Signed(row.referrer.name, local_date(row.registered_at)),
        unit=deal.unit.label if deal is not None else "",
        contract=deal.contract_number if deal is not None else "",
        buyers="、".join(one.customer.name for one in facts.buyers),
        total=deal.total_price if deal is not None else None,
        reward=row.reward,
        vat=row.vat,
        income_tax=row.income_tax,
        net=row.net,
        account=row.account,
        voucher=row.voucher,
        paid_on=row.paid_date,
        desks=desks_of(case, "claim", CHAIN),
    )
