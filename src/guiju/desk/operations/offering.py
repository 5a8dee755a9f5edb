"""The solution of an after-sales case: offered, agreed or refused, and the superior who steps in."""

from __future__ import annotations

from guiju.desk import lists
from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import ListEntry, Solution
from guiju.desk.operations.noting import author_of_record, note
from guiju.kernel.engine import Context
from guiju.papers.operations.attachments import attach


def propose(context: Context) -> None:
    """Offer a solution; every attempt is kept."""
    given = context.given
    assert isinstance(given, forms.ProposeForm)
    facts = facts_of(context)
    row = facts.row
    solution = Solution.objects.create(
        after_sales=row, attempt=len(facts.solutions) + 1, kind=given.kind, equivalent=given.equivalent,
        words=given.words, adapted=given.adapted, price=given.price, diagnosis=row.diagnosis, sent_how=given.sent_how,
        offered_at=context.at, offered_by_id=context.by_id,
    )  # fmt: skip
    row.met, row.met_why, row.alternative = given.met.value, given.met_why, given.alternative
    label = lists.label(ListEntry.SOLUTION, given.kind)
    if given.equivalent:
        label += f"（{lists.EQUIVALENTS[given.equivalent]}）"
    note(
        context, row, "offer", f"第 {solution.attempt} 次方案，{label}：{given.words}",
        result=f"{forms.HOW.get(given.sent_how, given.sent_how)}告知客户", spoke=True,
    )  # fmt: skip
    row.save()
    context.forget_facts()


def consent(context: Context) -> None:
    """Record the customer's consent to the solution in hand."""
    given = context.given
    assert isinstance(given, forms.ConsentForm)
    facts = facts_of(context)
    settle(context, facts.solution, Solution.AGREED, given.words or "同意", given.how)
    if given.evidence:
        attach(
            sha256s=[given.evidence], company_id=context.case.chain_id, kind="consent", by=author_of_record(context),
            at=context.recorded_at, case=context.case, title="客户同意方案",
        )  # fmt: skip
    row = facts.row
    row.agreed_at = context.at
    note(context, row, "answer", f"{given.who}：{given.words or '同意方案'}", result="客户同意", spoke=True)
    row.save()


def refuse(context: Context) -> None:
    """Record the refusal: it is negotiated again, and the superior is asked to step in."""
    given = context.given
    assert isinstance(given, forms.RefuseForm)
    facts = facts_of(context)
    settle(context, facts.solution, Solution.REFUSED, given.reason, "")
    row = facts.row
    row.escalated_at, row.stepped_in_at = context.at, None
    row.escalated_why = f"客户不同意第 {len(facts.solutions)} 次方案：{given.reason}"[:400]
    note(
        context, row, "answer", f"{given.who}：{given.reason}",
        result=f"客户不同意{'，希望：' + given.wish if given.wish else ''}", spoke=True,
    )  # fmt: skip
    row.save()


def settle(context: Context, solution: Solution | None, outcome: str, words: str, how: str) -> None:
    """Keep the customer's answer to a solution with its moment and way."""
    assert solution is not None
    solution.outcome, solution.answer, solution.answered_at = outcome, words[:400], context.at
    solution.answered_how = how
    solution.save(update_fields=["outcome", "answer", "answered_at", "answered_how"])
    context.forget_facts()


def step_in(context: Context) -> None:
    """The superior looks into what was escalated and says how to go on."""
    row = facts_of(context).row
    row.stepped_in_at = context.at
    words = getattr(context.given, "reason", "")
    note(context, row, "report", words, result="上级过问")
    row.save()
