"""Filing 预售登记 (document I, process 五; domain 2.6, 1.3).

Within 30 days of signing the contract goes on the city's file. The set of papers is complete, the city's data is as the
paper says in every field, no change is open: then it is handed in, accepted or returned with reasons, and filed with
number and day. The buyer is told in writing and gets the copies; where it is agreed, a pre-notice is registered, which
lapses 90 days after the first registration of the building. The case rests until the title is applied for, because a
contract on file may still have to be taken off it.
"""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import (
    CS_ASSISTANT_MANAGER,
    CS_CLERK,
    CS_MANAGER,
    REGISTRAR,
    SIGNING_SUPERVISOR,
)
from guiju.sales import filing_forms as forms
from guiju.sales import filing_needs as needs
from guiju.sales.changing_needs import no_change_pending, not_seized
from guiju.sales.filing_facts import filing_in, load_filing
from guiju.sales.operations import filing as acts


class Is(State):
    """Where a filing stands."""

    COLLECTING = "collecting", "资料准备", "plain"
    SUBMITTED = "submitted", "已报送", "brand"
    ACCEPTED = "accepted", "已受理", "brand"
    RETURNED = "returned", "被退回", "risk"
    FILED = "filed", "已备案", "ok"
    PRE_NOTED = "pre_noted", "已预告登记", "ok"
    KEPT = "kept", "已办结留存", "ok"
    WITHDRAWING = "withdrawing", "待注销备案", "hold"
    DONE = "done", "已转产权登记", "done"
    WITHDRAWN = "withdrawn", "已注销备案", "done"
    CANCELLED = "cancelled", "已撤销", "done"


DESK = (REGISTRAR, CS_CLERK, SIGNING_SUPERVISOR)
PREPARING = (Is.COLLECTING, Is.RETURNED)
AT_CITY = (Is.SUBMITTED, Is.ACCEPTED)
ON_FILE = (Is.FILED, Is.PRE_NOTED)
OPEN = (*PREPARING, *AT_CITY, *ON_FILE, Is.KEPT, Is.WITHDRAWING)
CHASE_EVERY = 3


def _papers_open(context: Context) -> bool:
    return bool(needs.missing_documents(context))


def _chase_open(context: Context) -> bool:
    """Papers are missing: the customer is reminded, again every three days (I-3.1-g)."""
    return bool(filing_in(context).row.documents) and bool(needs.missing_documents(context))


def _compare_open(context: Context) -> bool:
    row = filing_in(context).row
    return not needs.missing_documents(context) and (
        row.compared_at is None
        or bool(row.differences)
        or row.compared_terms != filing_in(context).deal.terms_version
    )


def _submit_open(context: Context) -> bool:
    return not needs.missing_documents(context) and not _compare_open(context)


def _tell_open(context: Context) -> bool:
    return bool(context.setting("tell_buyer", 1)) and filing_in(context).row.told_at is None


def _copies_open(context: Context) -> bool:
    return not filing_in(context).row.copies_given


def _apply_open(context: Context) -> bool:
    row = filing_in(context).row
    return row.pre_notice_agreed and row.pre_notice_submitted_at is None


def _proof_open(context: Context) -> bool:
    row = filing_in(context).row
    return row.pre_notice_agreed and row.pre_notice_submitted_at is not None


def _finish_open(context: Context) -> bool:
    return not (_tell_open(context) or _copies_open(context) or filing_in(context).row.pre_notice_agreed)


PRESALE_FILING = register(
    Process(
        "presale_filing",
        "预售登记",
        series="BA",
        sop="KF-BA-01",
        starts=Is.COLLECTING,
        ends=(Is.DONE, Is.WITHDRAWN, Is.CANCELLED),
        facts=load_filing,
        untimed=(Is.PRE_NOTED, Is.KEPT),
        steps=(
            Step(
                "begin", "开始预售登记", (), DESK, "I-5.5-0b", to=Is.COLLECTING, opens=True, form=Nothing,
                needs=(needs.contract_can_be_filed,), does=(acts.begin_filing,),
            ),
            Step(
                "collect", "备齐登记资料", PREPARING, DESK, "I-5.5-0b", form=forms.DocumentsForm,
                does=(acts.collect_documents,), todo=_papers_open,
            ),
            Step(
                "chase", "催办登记资料", PREPARING, (CS_CLERK, SIGNING_SUPERVISOR, REGISTRAR), "I-3.1-g",
                form=forms.ChaseForm, does=(acts.note_chase,), todo=_chase_open,
            ),
            Step(
                "enter_city", "登记网签合同号", PREPARING, DESK, "I-5.5-0b", form=forms.CityNumberForm,
                does=(acts.note_city_number,),
            ),
            Step(
                "compare", "核对网签数据", PREPARING, DESK, "I-5.5-0b", form=forms.CityForm,
                does=(acts.compare_city,), todo=_compare_open,
            ),
            Step(
                "submit", "报送登记", PREPARING, DESK, "I-2.2-a", to=Is.SUBMITTED, form=forms.SubmitForm,
                needs=(needs.documents_complete, needs.city_agrees, not_seized, no_change_pending), does=(acts.submit_filing,),
                todo=_submit_open, main=True,
            ),
            Step(
                "outage", "登记系统故障", (*PREPARING, *AT_CITY), DESK, "I-5.5-0b", form=forms.OutageForm,
                does=(acts.note_outage,),
            ),
            Step(
                "accept", "登记受理", (Is.SUBMITTED,), DESK, "I-5.5-0b", to=Is.ACCEPTED, form=forms.AcceptForm,
                does=(acts.accept_filing,), todo=True, main=True,
            ),
            Step(
                "return_by_city", "登记机关退回", AT_CITY, DESK, "I-5.5-0b", to=Is.RETURNED, form=forms.ReturnForm,
                does=(acts.take_return,),
            ),
            Step(
                "file", "登记备案完成", AT_CITY, DESK, "I-2.2-a", to=Is.FILED, form=forms.FileForm,
                needs=(needs.filed_on_a_sound_day, needs.lateness_is_explained, needs.filing_number_is_free), does=(acts.file_contract,),
                todo=True, main=True,
            ),
            Step(
                "tell_buyer", "书面告知买受人", ON_FILE, DESK, "I-5.5-0b", form=forms.TellForm,
                needs=(needs.told_after_filing,), does=(acts.note_told,), todo=_tell_open,
            ),
            Step(
                "hand_copies", "合同领取签收", ON_FILE, DESK, "I-5.5-0b", form=forms.CopiesForm,
                needs=(needs.copies_not_more_than_sealed,), does=(acts.note_copies,), todo=_copies_open,
            ),
            Step(
                "apply_pre_notice", "申请预告登记", (Is.FILED,), DESK, "I-5.5-0b", form=forms.PreNoticeApplyForm,
                needs=(needs.pre_notice_agreed, no_change_pending), does=(acts.apply_pre_notice,), todo=_apply_open,
            ),
            Step(
                "pre_notice", "登记预告登记证明", (Is.FILED,), DESK, "I-5.5-0b", to=Is.PRE_NOTED,
                form=forms.PreNoticeForm, needs=(needs.pre_notice_agreed, needs.pre_notice_applied),
                does=(acts.note_pre_notice,), todo=_proof_open, main=True,
            ),
            Step(
                "first_registration", "首次登记已办", (Is.PRE_NOTED,), DESK, "I-5.5-0b", form=forms.FirstRegisteredForm,
                does=(acts.note_first_registration,), by_clock=True,
            ),
            Step(
                "title_applied", "登记已申请本登记", (Is.PRE_NOTED, Is.KEPT), DESK, "I-5.5-0b", to=Is.DONE,
                form=forms.TitleAppliedForm, does=(acts.finish_filing,), main=True,
            ),
            Step(
                "finish", "办结", (Is.FILED,), DESK, "I-5.5-0b", to=Is.KEPT, form=Nothing,
                needs=(needs.no_pre_notice_open, needs.buyer_told, needs.copies_given), todo=_finish_open, main=True,
            ),
            Step(
                "ask_withdrawal", "申请注销备案", (*ON_FILE, Is.KEPT), (*DESK, CS_ASSISTANT_MANAGER), "I-5.5-0b", to=Is.WITHDRAWING,
                form=WithReason,
            ),
            Step(
                "withdraw", "登记注销备案", (Is.WITHDRAWING,), DESK, "I-5.5-0b", to=Is.WITHDRAWN, form=forms.WithdrawForm,
                needs=(needs.withdrawn_after_filing,), does=(acts.withdraw_filing,), todo=True,
            ),
            Step(
                "cancel", "撤销登记", OPEN, (CS_MANAGER, SIGNING_SUPERVISOR), "I-5.5-0b", to=Is.CANCELLED, form=WithReason,
                needs=(needs.not_on_file,), does=(acts.cancel_filing,),
            ),
        ),
        clocks=(
            ClockRule(
                "file", "三十日备案", starts=("begin",), stops=("file", "cancel"), limit="30 日", latest="30 日",
                clause="I-5.5-0b", law=True, rolls=False, due=acts.file_due,
            ),
            ClockRule(
                "red", "备案红线", starts=("begin",), stops=("file", "cancel"), limit="27 日", clause="I-5.3-5d",
                rolls=False, due=acts.red_due,
            ),
            ClockRule(
                "fix", "改正后重报", starts=("return_by_city",), stops=("submit", "cancel"), limit="2 工作日",
                clause="I-5.5-0b",
            ),
            ClockRule(
                "tell", "书面告知", starts=(), stops=("tell_buyer", "ask_withdrawal"), limit="15 日", clause="I-5.5-0b",
                rolls=False,
            ),
            ClockRule(
                "copies", "发放合同", starts=("file",), stops=("hand_copies", "ask_withdrawal"), limit="30 日",
                clause="I-5.5-0b", rolls=False,
            ),
            ClockRule(
                "pre_notice", "预告登记失效", starts=(), stops=("title_applied", "ask_withdrawal"), limit="90 日",
                latest="90 日", clause="I-5.5-0b", law=True, rolls=False,
            ),
            ClockRule(
                "withdraw", "注销备案", starts=("ask_withdrawal",), stops=("withdraw", "cancel"), limit="15 日",
                clause="I-5.5-0b",
            ),
        ),
    )
)  # fmt: skip
