"""The eight forms of the department (第六部分 附则) as blanks, and the 工程变更申请单 filled in from a deal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from guiju.estate.models import Unit
from guiju.org import posts
from guiju.papers.blanks import blank
from guiju.papers.changing import BuyerSign, ChangedLine, OpinionLine
from guiju.papers.contracting import Opinion
from guiju.papers.forms import Buyer, FormKind, Instalment, Required, RequiredSet, Tick, form_kind
from guiju.papers.returning import ReturnLine, ReturnPaid, ReturnPay
from guiju.papers.works import WorksChangeForm
from guiju.sales.changing_forms import AfterSigning, BeforeSigning
from guiju.sales.contracts import contract_of
from guiju.sales.filing_papers import CHECKS, DEVIATING, WORDS
from guiju.sales.models import Deal, RoomReturn
from guiju.sales.referral_forms import Way
from guiju.sales.refund_sheet import ReasonClass

#: Keeps a row its height and says nothing.
ROOM: Final = "　"


@dataclass(frozen=True)
class LibraryForm:
    """One of the eight forms: its code, and the clause that puts it into the library."""

    code: str
    clause: str


EIGHT: Final = (
    LibraryForm("subscription", "I-6-1"),
    LibraryForm("appointment", "I-6-2"),
    LibraryForm("contract_approval", "I-6-3"),
    LibraryForm("works_change", "I-6-4"),
    LibraryForm("subscription_change", "I-6-5"),
    LibraryForm("contract_change", "I-6-6"),
    LibraryForm("refund", "I-6-7"),
    LibraryForm("referral", "I-6-8"),
)


def blank_form(code: str) -> Any:
    """
    Return one of the eight forms with nothing filled in.

    :raises KeyError: the form is none of the eight.
    """
    kind: FormKind = form_kind(next(one.code for one in EIGHT if one.code == code))
    return blank(kind.data, **_given(code))


def _given(code: str) -> dict[str, Any]:
    """Return what a blank shows nevertheless: what there is to tick, whose opinion is asked, rows to write in."""
    plan = tuple(blank(Instalment, number=str(place), title=ROOM) for place in range(1, 4))
    if code == "subscription":
        buyer = Buyer("", nationality="")
        return {"plan": plan, "buyers": (buyer, buyer), "pricing_basis": ""}
    if code == "appointment":
        return {"sets": (RequiredSet("资料", tuple(Required(ROOM) for _ in range(10))),)}
    if code == "contract_approval":
        asked = tuple(
            Opinion("法律意见" if post == "legal" else posts.label(post), WORDS[post]) for post in DEVIATING
        )
        checks = tuple(Tick(words) for words in CHECKS)
        return {
            "plan": plan, "standard": None, "deviations": (ROOM, ROOM), "special": ROOM, "bank": ROOM,
            "checks": checks, "opinions": asked,
        }  # fmt: skip
    if code in ("subscription_change", "contract_change"):
        return _change(code)
    if code == "refund":
        return {
            "stages": tuple(Tick(words) for _, words in RoomReturn.STAGES),
            "reasons": tuple(Tick(one.label) for one in ReasonClass),
            "paid": tuple(blank(ReturnPaid, receipt=ROOM) for _ in range(3)),
            "lines": tuple(blank(ReturnLine, name=ROOM) for _ in range(4)),
            "payees": tuple(blank(ReturnPay, number=str(place), name=ROOM) for place in (1, 2)),
        }
    if code == "referral":
        return {
            "ways": tuple(Tick(one.label) for one in Way),
            "results": (Tick("确认推荐"), Tick("不予确认")),
        }
    return {}


def _change(code: str) -> dict[str, Any]:
    kinds = BeforeSigning if code == "subscription_change" else AfterSigning
    asked = ["置业顾问", "销售总监", "客服经理", "财务", "主管副总"]
    given: dict[str, Any] = {
        "kinds": tuple(Tick(one.label) for one in kinds),
        "lines": tuple(
            ChangedLine(name, "", "") for name in ("买受人", "房屋", "成交总价", "付款方式", "付款计划")
        ),
        "money": (("差价", ROOM * 6), ("手续费", ROOM * 6), ("原收据", ROOM * 6)),
        "signers": (BuyerSign("", "原买受人"), BuyerSign("", "新买受人")),
    }
    if code == "contract_change":
        asked += ["法律意见", "总经理"]
        given["standing"] = tuple((name, ROOM * 6) for name in ("备案", "贷款", "银行意见", "预告登记"))
        given["invoices"] = ((ROOM * 6, ROOM * 6, ROOM),)
    return given | {"opinions": tuple(OpinionLine(post) for post in asked)}


def works_change_of(unit: Unit, *, masked: bool = False) -> WorksChangeForm:
    """
    Return the 工程变更申请单 with unit, buyers and contract of the live deal filled in (I-6-4).

    ``masked``: the reader does not see names and phones, so the buyers write them.
    """
    deal = Deal.objects.filter(unit=unit, live=True).prefetch_related("buyers__customer").first()
    if deal is None:
        return WorksChangeForm(project=unit.project.name, unit=unit.label)
    buyers = [] if masked else sorted(deal.buyers.all(), key=lambda one: one.position)
    contract = contract_of(deal.pk)
    return WorksChangeForm(
        project=unit.project.name,
        unit=unit.label,
        buyers="、".join(one.customer.name for one in buyers),
        phone="、".join(one.customer.phone for one in buyers if one.customer.phone),
        contract=contract.number if contract is not None else deal.contract_number,
    )
