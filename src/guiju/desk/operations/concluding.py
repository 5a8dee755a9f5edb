"""The end of an after-sales case: confirmed, reviewed, rated, closed, reopened."""

from __future__ import annotations

from guiju.desk.aftersales_facts import facts_of
from guiju.desk.forms import aftersales as forms
from guiju.desk.models import Coordination, Solution
from guiju.desk.needs.aftersales import REVIEWERS
from guiju.desk.operations.coordinating import ask_department
from guiju.desk.operations.noting import author, note
from guiju.desk.questions import record_rating
from guiju.kernel import ports
from guiju.kernel.engine import Context
from guiju.kernel.models import Todo
from guiju.kernel.questions import Unanswered
from guiju.kernel.refusals import NotReady, Reason
from guiju.org import queries


def confirm(context: Context) -> None:
    """Record that the customer says it is solved for good."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    facts = facts_of(context)
    row = facts.row
    row.solved, row.confirmed_at, row.confirmed_how = True, context.at, given.how
    if facts.solution is not None:
        facts.solution.outcome = Solution.WORKED
        facts.solution.save(update_fields=["outcome"])
    how = forms.HOW.get(given.how, given.how)
    note(
        context,
        row,
        "confirm",
        f"{how}与 {given.who} 确认。{given.words}",
        result="客户确认彻底解决",
        spoke=True,
    )
    row.save()


def unsolved(context: Context) -> None:
    """The customer says it is not solved or is not satisfied: the attempt failed, the department is asked, all opens again."""
    given = context.given
    assert isinstance(given, forms.UnsolvedForm)
    facts = facts_of(context)
    row = facts.row
    if facts.solution is not None:
        facts.solution.outcome, facts.solution.answer = Solution.FAILED, given.words[:400]
        facts.solution.save(update_fields=["outcome", "answer"])
    row.solved, row.confirmed_at, row.done_at, row.tested_at = (
        (False if given.unsolved else None),
        None,
        None,
        None,
    )
    row.rated_at, row.unrated_why = None, ""
    told = "问题没有解决" if given.unsolved else "客户不满意"
    note(context, row, "confirm", f"{given.who}：{given.words}", result=told, spoke=True)
    row.save()
    ask_department(
        context, row, kind=Coordination.UNSATISFIED, to_post=given.to_post, subject=f"{told}，另找办法",
        content=given.words, memo_kind="coordination",
    )  # fmt: skip
    context.forget_facts()


def review_report(context: Context) -> None:
    """Record the head's verdict on the operation report: steps followed, result accurate (G-4.5-b, c)."""
    given = context.given
    assert isinstance(given, forms.ReviewReportForm)
    row = facts_of(context).row
    row.reviewed_at, row.reviewed_by_id = context.at, context.by_id
    row.complied, row.accurate, row.review_words = given.complied, given.accurate, given.words
    steps = "按标准书的步骤办理" if given.complied else "步骤有偏离"
    result = "结果与实际相符" if given.accurate else "结果与实际不符"
    note(context, row, "review", given.words or "审核确认", result=f"{steps}，{result}")
    row.save()


def ask_head(context: Context) -> None:
    """Give the review of the operation report to the head of the department of whoever did the work (G-4.5-d)."""
    facts = facts_of(context)
    if not facts.report_waits or context.work is None:
        return
    report = facts.report
    done_by = report.recorded_by_id if report is not None else context.by_id
    head = queries.head_over(done_by, company_id=context.case.chain_id, at=context.at) if done_by else None
    if head is None or head.pk == done_by:
        return
    held = ports.people().posts_of(
        head.pk, company_id=context.case.chain_id, project_id=context.case.scope_id, at=context.at
    )
    post = next((one for one in REVIEWERS if one in held), None)
    if post is None:
        return
    case_id, head_id = context.case.pk, head.pk

    def give() -> None:
        if not Todo.objects.filter(case_id=case_id, act="review_report", post=post).update(person_id=head_id):
            Todo.objects.filter(case_id=case_id, act="review_report").update(person_id=head_id, post=post)

    context.work.after.append(give)


def rate(context: Context) -> None:
    """
    Keep the customer's rating where ratings are kept.

    :raises NotReady: nothing of this installation keeps ratings.
    """
    given = context.given
    assert isinstance(given, forms.RateForm)
    row = facts_of(context).row
    items = {
        name: value
        for name, value in (
            ("attitude", given.attitude), ("timely", given.timely), ("quality", given.quality),
        )
        if value is not None
    }  # fmt: skip
    try:
        record_rating.ask(
            case=context.case, score=given.score, solved=row.solved, items=items, words=given.words,
            source=given.source, by=author(context), at=context.at,
        )  # fmt: skip
    except Unanswered as error:
        raise NotReady(
            [Reason("本系统没有启用满意度登记，评价没有存下；请登记「客户不作评价」并写明情况", "F-2.5-b")]
        ) from error
    row.rated_at = context.at
    note(context, row, "confirm", given.words or "客户评价", result=f"满意度 {given.score}")
    row.save()


def leave_unrated(context: Context) -> None:
    """Write down why the customer did not rate."""
    row = facts_of(context).row
    given = context.given
    assert isinstance(given, forms.UnratedForm)
    row.unrated_why = given.reason
    note(context, row, "confirm", given.reason, result="客户不作评价")
    row.save()


def close(context: Context) -> None:
    """End it with its coded cause and whether the need was met."""
    given = context.given
    assert isinstance(given, forms.CloseForm)
    row = facts_of(context).row
    row.cause = given.cause or row.cause
    row.met, row.met_why = given.met.value, given.met_why or row.met_why
    row.alternative = given.alternative or row.alternative
    row.closed_at = context.at
    note(context, row, "closed", given.met_why or "办结", result=f"客户的需求{row.get_met_display()}")
    row.save()


def close_unsolved(context: Context) -> None:
    """End it without the customer's approval, for a reason that a manager agreed to."""
    given = context.given
    assert isinstance(given, forms.UnsolvedCloseForm)
    row = facts_of(context).row
    row.cause, row.met, row.met_why = given.cause, "refused", given.reason
    row.alternative, row.solved, row.closed_at = given.alternative, False, context.at
    note(context, row, "closed", given.reason, result=f"客户未认可而关闭，答复：{given.alternative}")
    row.save()


def withdraw(context: Context) -> None:
    """The customer takes the request back; visits that are not under way are called off."""
    facts = facts_of(context)
    row = facts.row
    row.closed_at = context.at
    note(context, row, "closed", getattr(context.given, "reason", ""), result="客户撤回", spoke=True)
    row.save()
    for visit in facts.open_visits:
        context.nested(
            visit.case_id, "cancel", given={"reason": f"客户撤回 {context.case.number}", "told": True}
        )


def reopen(context: Context) -> None:
    """Open a closed case again, counted."""
    given = context.given
    assert isinstance(given, forms.ReopenForm)
    facts = facts_of(context)
    row = facts.row
    row.reopened += 1
    row.closed_at = row.confirmed_at = row.done_at = row.tested_at = row.rated_at = None
    row.solved, row.unrated_why, row.promised_at = False, "", None
    if facts.solution is not None:
        facts.solution.outcome, facts.solution.answer = Solution.FAILED, given.words[:400]
        facts.solution.save(update_fields=["outcome", "answer"])
    note(
        context,
        row,
        "received",
        f"{given.who}：{given.words}",
        result=f"第 {row.reopened} 次重新打开",
        spoke=True,
    )
    context.say(reopened=row.reopened)
    row.save()
