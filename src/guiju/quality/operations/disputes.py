"""What the steps of a contract dispute do (J-2.11)."""

from __future__ import annotations

from guiju.customers.models import Customer
from guiju.estate.models import Unit
from guiju.kernel.calendar import end_of
from guiju.kernel.engine import NEVER, Context
from guiju.kernel.models import Todo
from guiju.kernel.numbering import ZONE
from guiju.kernel.process import need
from guiju.org import posts
from guiju.quality import laws, people
from guiju.quality.forms import dispute as forms
from guiju.quality.models import Dispute
from guiju.quality.record import Facts, attach, enter, facts_of


def load(context: Context) -> Facts:
    """Read the dispute of the case; an empty one while it is being opened."""
    found = Dispute.objects.select_related("unit__building", "investigation")
    row = found.filter(case_id=context.case.pk or 0).first()
    return Facts(row if row is not None else Dispute(), context.case.pk or 0)


def row_of(context: Context) -> Dispute:
    """Return the dispute of the case."""
    row: Dispute = facts_of(context).row
    return row


@need("J-2.11-b")
def account_is_written(context: Context) -> str | None:
    """Nothing is answered before the customer's account is recorded."""
    if not row_of(context).account:
        return "请先听完客户反映并做好记录，再作答复"
    return None


@need("J-2.11-b", given=True)
def was_read_back(context: Context) -> str | None:
    """The customer heard what was written."""
    given = context.given
    assert isinstance(given, forms.AccountForm)
    return None if given.read_back else "记录要读给客户听过，客户认可"


@need("J-2.11-c", given=True)
def rests_on_a_rule(context: Context) -> str | None:
    """An explanation names a rule of the library that was in force."""
    given = context.given
    assert isinstance(given, forms.ExplainForm)
    law = laws.BY_KEY.get(given.rule)
    if law is None:
        return "请从法规库选出解释所依据的规定"
    if not law.in_force(context.at.astimezone(ZONE).date()):
        return f"《{law.name}》这一条现在不施行，请另选"
    return None


@need("J-2.11-d")
def investigation_is_over(context: Context) -> str | None:
    """What is being looked into is answered first."""
    row = row_of(context)
    if row.investigation is not None and row.investigation.closed_at is None:
        if row.investigation.state == "replied":
            return None
        return f"调查 {row.investigation.number} 还没有结果"
    return None


@need("J-2.11-d", given=True)
def due_lies_ahead(context: Context) -> str | None:
    """An investigation has a due date, and not one that has passed."""
    given = context.given
    assert isinstance(given, forms.InquireForm)
    return None if end_of(given.due_date) > context.at else "调查完成日期不能早于今天"


@need("J-2.11-e")
def was_reported(context: Context) -> str | None:
    """What could not be answered was reported to the leader in charge."""
    return None if facts_of(context).last("reported") else "没有答复的问题要先汇报分管领导"


@need("J-2.11-e", given=True)
def ways_are_told(context: Context) -> str | None:
    """The customer knows the other ways."""
    given = context.given
    assert isinstance(given, forms.EndForm)
    return None if given.told else "请告知客户调解、仲裁或诉讼的途径"


def investigation_due(context: Context) -> object:
    """The day agreed, by its end."""
    given = context.given
    return end_of(given.due_date) if isinstance(given, forms.InquireForm) else None


def listen(context: Context) -> None:
    """Open the dispute with who speaks and about what (J-2.11-a)."""
    given = context.given
    assert isinstance(given, forms.ListenForm)
    case = context.case
    unit = Unit.objects.filter(pk=given.unit or context.subject("unit") or 0).first()
    customer = Customer.objects.filter(
        pk=given.customer or context.subject("customer") or 0, company_id=case.chain_id
    ).first()
    Dispute.objects.create(
        case=case, unit=unit, customer=customer, complainant=given.complainant, phone=given.phone,
        contract_number=given.contract_number, subject=given.subject,
    )  # fmt: skip
    context.forget_facts()
    for kind, key in (("unit", unit.pk if unit else None), ("customer", customer.pk if customer else None)):
        if key is not None:
            context.link(kind, key)
    enter(context, "listened", given.subject)
    context.title = f"合同纠纷 {unit.label if unit else ''} {given.subject}".replace("  ", " ")


def write(context: Context) -> None:
    """Record the customer's account (J-2.11-b)."""
    given = context.given
    assert isinstance(given, forms.AccountForm)
    row = row_of(context)
    row.account = given.account
    row.save(update_fields=["account"])
    papers = attach(context, given.papers, "dispute_paper", "合同纠纷资料")
    enter(context, "account", given.account, papers=papers)


def explain(context: Context) -> None:
    """Record the explanation with the rule it rests on (J-2.11-c)."""
    given = context.given
    assert isinstance(given, forms.ExplainForm)
    row, law = row_of(context), laws.BY_KEY[given.rule]
    row.rule = law.key
    row.save(update_fields=["rule"])
    enter(context, "explained", given.words, rule=law.key, rule_name=law.name, answer=given.answer)


def inquire(context: Context) -> None:
    """Open an investigation with a due date by an internal memo (J-2.11-d)."""
    given = context.given
    assert isinstance(given, forms.InquireForm)
    row = row_of(context)
    post = people.post_named(given.to_post, field="to_post", label="请谁调查")
    key = context.open(
        "internal_memo", links=[("case", context.case.pk)], title=row.subject,
        given={
            "source": context.case.number, "to_post": post, "kind": "investigation",
            "subject": f"合同纠纷调查：{row.subject}"[:120], "content": given.question,
            "reply_due": given.due_date.isoformat(),
        },
    )  # fmt: skip
    row.investigation_id = key
    row.save(update_fields=["investigation"])
    context.link("case", key)
    enter(context, "inquired", given.question, memo=key, due_date=given.due_date.isoformat())


def report(context: Context) -> None:
    """Report to the leader in charge, with the time (J-2.11-e)."""
    given = context.given
    assert isinstance(given, forms.ReportForm)
    enter(context, "reported", given.words, to=posts.DEPUTY_GM)
    context.say(reported_to=posts.DEPUTY_GM, reported_at=context.at)
    case, work, at = context.case, context.work, context.at
    if work is not None:

        def tell() -> None:
            Todo.objects.get_or_create(
                case_id=case.pk, act="instruct", post=posts.DEPUTY_GM,
                defaults={
                    "label": "合同纠纷汇报：请批示", "chain_id": case.chain_id, "scope_id": case.scope_id,
                    "since_at": at, "due_at": case.due_at or NEVER,
                },
            )  # fmt: skip

        work.after.append(tell)


def instruct(context: Context) -> None:
    """Record what the leader says (J-2.11-e)."""
    given = context.given
    assert isinstance(given, forms.InstructForm)
    enter(context, "instructed", given.opinion)


def settle(context: Context) -> None:
    """Record that the customer accepts, or what was agreed."""
    given = context.given
    assert isinstance(given, forms.SettleForm)
    row = row_of(context)
    row.settled = True
    row.save(update_fields=["settled"])
    papers = attach(context, given.papers, "dispute_paper", "合同纠纷资料")
    enter(context, "settled", given.words, papers=papers)


def end(context: Context) -> None:
    """Record that there is no agreement and which ways the customer was told of."""
    given = context.given
    assert isinstance(given, forms.EndForm)
    row = row_of(context)
    row.settled = False
    row.save(update_fields=["settled"])
    enter(context, "ended", given.words)
