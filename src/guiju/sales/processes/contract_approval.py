"""Contract approval 合同审批 (document I, process 五; domain 2.6).

The signed contract goes up on its 销售合同审批单: the manager checks data and papers, finance the money and the discount;
a contract that deviates from the model needs a lawyer's opinion (on paper, or as the vote of 法务 where the company has
that post and wants it so) and the deputy and general manager too. Only then comes
the seal, by somebody else, into the register. Whatever changes in the deal meanwhile sends the sheet back.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from guiju.kernel.engine import Context
from guiju.kernel.forms import Nothing, WithReason
from guiju.kernel.process import ClockRule, Process, State, Step, register
from guiju.org.posts import CS_CLERK, CS_MANAGER, FINANCE, LEGAL, REGISTRAR, SEAL_KEEPER, SIGNING_SUPERVISOR
from guiju.sales import filing_forms as forms
from guiju.sales import filing_needs as needs
from guiju.sales.changing_needs import no_change_pending
from guiju.sales.filing_facts import approval_in, load_approval
from guiju.sales.operations import filing as acts


class Is(State):
    """Where an approval stands."""

    DRAFT = "draft", "待填审批单", "plain"
    PREPARED = "prepared", "待报批", "brand"
    APPROVED = "approved", "已批准待盖章", "ok"
    SEALED = "sealed", "已盖章", "done"
    CANCELLED = "cancelled", "已撤销", "done"


DESK = (CS_CLERK, SIGNING_SUPERVISOR)
OPEN = (Is.DRAFT, Is.PREPARED, Is.APPROVED)
FACTS = ("deviations", "discount_percent", "total_price", "legal_vote")


def _approval_facts(context: Context) -> Mapping[str, Decimal | int | str]:
    facts = approval_in(context)
    return {
        "deviations": len(facts.contract.deviations),
        "discount_percent": facts.discount_percent,
        "total_price": facts.contract.total_price,
        "legal_vote": int(needs.legal_votes(context)),
    }


def _legal_open(context: Context) -> bool:
    row = approval_in(context).row
    said = any(line.get("post") == LEGAL for line in row.opinions)
    return row.deviating and not said and not needs.legal_votes(context)


def _city_open(context: Context) -> bool:
    return bool(context.setting("city_first", 0)) and not approval_in(context).contract.city_number


CONTRACT_APPROVAL = register(
    Process(
        "contract_approval",
        "合同审批",
        series="GA",
        sop="KF-ZY-05",
        starts=Is.DRAFT,
        ends=(Is.SEALED, Is.CANCELLED),
        facts=load_approval,
        steps=(
            Step(
                "begin", "合同报审", (), DESK, "I-5.5-0a", to=Is.DRAFT, opens=True, form=Nothing,
                needs=(needs.contract_is_signed, needs.not_yet_in_approval), does=(acts.begin_approval,),
            ),
            Step(
                "prepare", "填写合同审批单", (Is.DRAFT,), DESK, "I-6-3", to=Is.PREPARED, form=forms.SheetForm,
                needs=(needs.permit_covers_unit, needs.plan_adds_up, needs.sheet_is_checked),
                does=(acts.prepare_sheet,), todo=True, main=True,
            ),
            Step(
                "legal", "登记法律意见", (Is.DRAFT, Is.PREPARED), (SIGNING_SUPERVISOR, CS_MANAGER), "I-5.5-0a",
                form=forms.LegalForm, does=(acts.note_legal_opinion,), todo=_legal_open,
            ),
            Step(
                "enter_city", "登记网签合同号", OPEN, (*DESK, REGISTRAR), "I-5.5-0b", form=forms.CityNumberForm,
                does=(acts.note_city_number,), todo=_city_open,
            ),
            Step(
                "submit", "报批", (Is.PREPARED,), DESK, "I-2.1-o", to=Is.APPROVED,
                needs=(
                    needs.sheet_is_prepared, needs.legal_opinion_given, needs.terms_as_prepared, no_change_pending,
                ),
                does=(acts.approve_contract,), todo=True, main=True,
                facts_for_approval=_approval_facts, approval_facts=FACTS,
            ),
            Step(
                "redo", "退回重填", (Is.PREPARED, Is.APPROVED), (*DESK, CS_MANAGER, FINANCE, SEAL_KEEPER), "I-5.5-0a",
                to=Is.DRAFT, form=WithReason, does=(acts.redo_sheet,),
            ),
            Step(
                "seal", "加盖合同章", (Is.APPROVED,), (SEAL_KEEPER,), "I-5.5-0a", to=Is.SEALED,
                form=forms.ContractSealForm,
                needs=(
                    needs.chain_is_complete, needs.terms_as_prepared, needs.contract_keeper_is_apart,
                    needs.city_number_first, no_change_pending,
                ),
                does=(acts.seal_contract,), todo=True, main=True,
            ),
            Step(
                "cancel", "撤销审批", OPEN, (CS_MANAGER, SIGNING_SUPERVISOR), "I-5.5-0a", to=Is.CANCELLED, form=WithReason,
                does=(acts.cancel_approval,),
            ),
        ),
        clocks=(
            ClockRule(
                "approve", "合同审批", starts=("begin", "redo"), stops=("submit", "cancel"), limit="3 工作日",
                clause="I-2.1-o",
            ),
            ClockRule(
                "seal", "合同盖章", starts=("submit",), stops=("seal", "redo", "cancel"), limit="1 工作日", clause="I-5.5-0a",
            ),
        ),
    )
)  # fmt: skip
