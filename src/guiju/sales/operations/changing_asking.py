"""What asking for 认购变更 or 签约变更 does: the application with the original and the new terms. The deal is not touched."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from guiju.customers.identity import decide
from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter, letter
from guiju.kernel import search, store
from guiju.kernel.engine import Context
from guiju.sales import changing_searching, pricing
from guiju.sales.changing import open_change
from guiju.sales.changing_checks import kind_of, verdict_of, wanted
from guiju.sales.changing_facts import Target, asked_for, day_of, facts_of, invoices_of, unit_called
from guiju.sales.changing_forms import ApplyForm, ContractApplyForm, Kind
from guiju.sales.forms import BuyerForm, Residence, instalments
from guiju.sales.models import ChangeApplication, Deal, Payment
from guiju.sales.operations.acting import keep
from guiju.sales.operations.changing_review import let_new_unit_go


def apply(context: Context) -> None:
    """Write the application with the original and the new terms; nothing of the deal is touched (I-5.2-1a)."""
    target = asked_for(context)
    assert target is not None
    kind = kind_of(context)
    change = open_change(
        context,
        deal=target.deal,
        kind=kind.value,
        before=target.before(),
        after=_after(context, target, kind),
    )
    row = ChangeApplication(
        case_id=context.case.pk, change=change, subscription=target.subscription, contract=target.contract
    )
    _write(context, target, row)
    store.add(row)
    for buyer in target.buyers:
        context.link("customer", buyer.customer_id)
    label = "签约变更" if target.contract is not None else "认购变更"
    context.title = context.case.title = f"{label} {target.unit.label} {kind.label}"
    search.index_many([changing_searching.document(context.case, row)])


def apply_again(context: Context) -> None:
    """Write a returned application anew: opinions and registration begin again."""
    facts = facts_of(context)
    kind, change, row = kind_of(context), facts.change, facts.row
    let_new_unit_go(context, "申请退回重填")
    target = facts.target
    change.kind, change.before, change.after = kind.value, target.before(), _after(context, target, kind)
    change.opened_version = Deal.objects.get(pk=change.deal_id).terms_version
    change.save(update_fields=["kind", "before", "after", "opened_version"])
    row.director_id = row.director_signed_at = row.finance_at = row.finance_by = row.legal_at = (
        row.legal_by
    ) = None
    row.director_opinion, row.finance, row.legal, row.bank_consent, row.signers = "", {}, {}, {}, []
    _write(context, target, row)
    row.save()
    context.title = (
        f"{'签约变更' if target.contract is not None else '认购变更'} {target.unit.label} {kind.label}"
    )
    context.forget_facts()


def _write(context: Context, target: Target, row: ChangeApplication) -> None:
    given = wanted(context)
    by_name = {buyer.customer.name: buyer.customer_id for buyer in target.buyers}
    row.reason, row.proof, row.applied_by = given.reason, list(given.proof), context.by_id
    row.applied_signers = [
        {
            "customer": by_name[one.name],
            "signed": one.signed,
            "agent": one.agent,
            "on": day_of(context).isoformat(),
        }
        for one in given.applicants
    ]
    row.company_cause = bool(getattr(given, "company_cause", False))
    row.findings = {}
    if isinstance(given, ContractApplyForm):
        found = verdict_of(target, given, city_resigns=bool(context.setting("city_resigns", 0)))
        row.findings = {
            "way": found.way.value, "city": found.city.value, "bank_first": found.bank_first,
            "filed": target.standing.filed, "loan": target.standing.loan.value, "pre_notice": target.standing.pre_notice,
        }  # fmt: skip
        row.invoices = _invoice_effects(target, kind_of(context))
    keep(context, list(given.proof), "change_proof", "变更证明材料")
    keep(context, [one.signed for one in given.applicants], "change_applied", "变更申请签字")


def _invoice_effects(target: Target, kind: Kind) -> list[dict[str, str]]:
    """Return what becomes of each invoice that stands: taken back in red and issued anew where buyer or price change."""
    again = kind.buyers or kind is Kind.DISCOUNT or kind is Kind.PAYMENT
    act = "开红字发票后重开" if again else "不变"
    return [
        {"number": one.number, "amount": str(one.amount), "title": one.request.title, "act": act}
        for one in invoices_of(target.deal.pk)
    ]


def _after(context: Context, target: Target, kind: Kind) -> dict[str, Any]:
    given, deal = wanted(context), target.deal
    if kind.buyers:
        return {"buyers": _buyers_after(context, target, kind)}
    if kind is Kind.EXTEND:
        until = getattr(given, "until_date", None)
        return {"signing_due": until.isoformat() if until is not None else None}
    if kind is Kind.BANK:
        return {"bank": given.bank}
    if kind is Kind.DEPOSIT and isinstance(given, ApplyForm) and given.deposit is not None:
        assert target.subscription is not None
        now = target.subscription.deposit or Decimal(0)
        return {"deposit": str(given.deposit), "plan": pricing.raised(target.plan, now, given.deposit)}
    if kind is Kind.OTHER:
        return {"items": [item.model_dump() for item in given.items]}
    unit = deal.unit
    if kind is Kind.SWAP and isinstance(given, ApplyForm):
        found = unit_called(given.new_unit, deal.project_id)
        assert found is not None
        unit = found
    payment = given.payment or Payment(deal.payment)
    total = given.total_price or target.total
    list_price = unit.list_price if kind is Kind.SWAP else deal.list_price
    down = given.down_payment if given.down_payment is not None else deal.down_payment
    if not payment.needs_bank and payment is not Payment.INSTALMENTS:
        down = None
    row = target.subscription
    due = row.signing_due_date if row is not None and row.signing_due_date else day_of(context)
    lines = pricing.lines(list_price or Decimal(0), given.discounts)
    plan = given.plan or instalments(
        payment,
        total=total,
        deposit=(row.deposit if row is not None else None) or Decimal(0),
        down=down,
        due=due,
    )
    after: dict[str, Any] = {
        "payment": payment.value, "total_price": str(total), "down_payment": None if down is None else str(down),
        "plan": [line.model_dump(mode="json") for line in plan],
    }  # fmt: skip
    if kind is not Kind.PLAN:
        after["discounts"] = [
            {"name": line.name, "deduction": str(line.deduction), "left": str(line.left)} for line in lines
        ]
    if given.bank or (deal.bank and not payment.needs_bank):
        after["bank"] = given.bank if payment.needs_bank else ""
    if kind is Kind.SWAP:
        after |= {"unit": unit.pk, "list_price": str(unit.list_price)}
    return after


def _buyers_after(context: Context, target: Target, kind: Kind) -> list[dict[str, Any]]:
    given = wanted(context)
    shares = {one.name: one.share for one in given.shares}
    stay = [] if kind is Kind.RENAME else [b for b in target.buyers if b.customer.name not in given.leaving]
    lines = [
        {
            "customer": b.customer_id, "share": _share(shares, b.customer.name), "relation": b.relation,
            "letter": b.letter_id,
        }
        for b in stay
    ]  # fmt: skip
    return lines + [_enter(context, buyer, shares) for buyer in given.buyers]


def _share(shares: dict[str, Decimal], name: str) -> str | None:
    return str(shares[name]) if name in shares else None


def _enter(context: Context, buyer: BuyerForm, shares: dict[str, Decimal]) -> dict[str, Any]:
    """Put a new buyer on file, with the letter of whoever acts for them; the purchase itself waits for execution."""
    identity = decide(buyer.identity)
    source = f"变更申请 {context.case.number}"
    customer = enter(
        company_id=context.case.chain_id, name=buyer.name, identity=buyer.identity, phone=buyer.phone,
        address=buyer.address, at=context.at, source=source,
        kind=Customer.ORGANISATION if identity.kind.is_organisation else Customer.PERSON,
        birth_date=identity.born_date, local_household=buyer.residence is Residence.LOCAL or None,
    )  # fmt: skip
    held: int | None = None
    if buyer.agent is not None and buyer.agent.attachment is not None:
        agent = enter(
            company_id=context.case.chain_id, name=buyer.agent.name, identity=buyer.agent.identity,
            phone=buyer.agent.phone, at=context.at, source=source,
        )  # fmt: skip
        keep(context, [buyer.agent.attachment], "authority_letter", f"{customer.name} 授权")
        made = letter(
            principal=customer, agent=agent, kind=buyer.agent.kind.value, matters=buyer.agent.matters,
            valid_from=buyer.agent.valid_from or day_of(context), valid_until=buyer.agent.valid_until,
            notarised=buyer.agent.notarised, attachment=buyer.agent.attachment, at=context.at,
        )  # fmt: skip
        held = made.pk
    permit = buyer.residence in (Residence.MISSING, Residence.HELD)
    return {
        "customer": customer.pk, "share": _share(shares, buyer.name), "relation": buyer.relation, "letter": held,
        "permit": permit,
    }  # fmt: skip
