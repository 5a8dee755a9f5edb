"""A complaint on site: arrival, cause, decision, execution, check, the customer's signature (K-2.2 to K-2.6)."""

from __future__ import annotations

from decimal import Decimal

from guiju.kernel.engine import Context
from guiju.kernel.process import processes
from guiju.kernel.refusals import Refused
from guiju.org import posts
from guiju.papers.writing import money
from guiju.quality.choices import Remedy
from guiju.quality.forms import complaint as forms
from guiju.quality.models import Complaint
from guiju.quality.operations.complaint_limits import row_of
from guiju.quality.operations.complaint_people import hand_on, heard
from guiju.quality.record import attach, enter, facts_of


def read(context: Context) -> None:
    """The delegate confirms having read the opinion (K-2.2-a)."""
    opinion = facts_of(context).last("opinion")
    enter(context, "read", opinion.words if opinion is not None else "")
    hand_on(context)


def arrive(context: Context) -> None:
    """Record the arrival on site with its time (K-2.2-f)."""
    given = context.given
    assert isinstance(given, forms.ArriveForm)
    enter(context, "arrived", given.note, at=given.arrived_at)
    heard(context)
    hand_on(context)


def investigate(context: Context) -> None:
    """Record what was found on site and the cause (K-2.4-a, b)."""
    given = context.given
    assert isinstance(given, forms.InvestigateForm)
    assert given.cause is not None
    row = row_of(context)
    row.cause_found = given.cause.value
    row.save(update_fields=["cause_found"])
    photos = attach(context, given.photos, "complaint_photo", "现场照片")
    enter(context, "investigated", given.words, cause=given.cause.value, reason=given.reason, photos=photos)
    hand_on(context)


def decide(context: Context) -> None:
    """
    Write the decision. Misuse leaves the offer in the record, its price in yuan and payer as told to the customer, and
    opens a paid service if the program knows that process, else a request to the service centre (K-2.4-d).
    """
    given = context.given
    assert isinstance(given, forms.DecideForm)
    row = row_of(context)
    row.fault, row.remedy = given.fault.value, given.remedy.value
    row.save(update_fields=["fault", "remedy"])
    enter(context, "decided", given.words, fault=given.fault.value, remedy=given.remedy.value)
    if given.remedy is Remedy.PAID:
        enter(context, "priced", given.words, amount=_price(given), payer=given.payer)
        heard(context)
        _paid_service(context, row, given)
    hand_on(context)


def _price(given: forms.DecideForm) -> str:
    return money(given.paid_amount or Decimal(0))


def _paid_service(context: Context, row: Complaint, given: forms.DecideForm) -> None:
    links = [("case", context.case.pk), *([("unit", row.unit_id)] if row.unit_id else [])]
    links += [("customer", row.customer_id)] if row.customer_id else []
    if "paid_service" in processes():
        try:
            key = context.open(
                "paid_service", links=links, title=f"有偿服务 {context.case.number}",
                given={"unit": row.unit_id, "customer": row.customer_id, "source": context.case.number, "words": given.words},
            )  # fmt: skip
            context.link("case", key)
            return
        except Refused:
            pass
    key = context.open(
        "internal_memo", links=links, title=f"有偿服务 {context.case.number}",
        given={
            "source": context.case.number, "to_post": posts.SERVICE_MANAGER, "kind": "request",
            "subject": f"有偿服务：{row.unit_as_read or row.complainant or context.case.number}",
            "content": f"经现场调查属顾客使用不当：{given.words}。已向顾客报价 {_price(given)} 元，"
            f"由{given.payer}付款。",
            "wish": "请按报价与顾客约定有偿服务并办理",
        },
    )  # fmt: skip
    context.link("case", key)
    context.say(paid_service="internal_memo")


def execute(context: Context) -> None:
    """Fill the column 处理实施情况 with the test and its result (K-2.5-a, E-2.4-a)."""
    given = context.given
    assert isinstance(given, forms.ExecuteForm)
    photos = attach(context, given.photos, "complaint_photo", "处理照片")
    enter(
        context,
        "executed",
        given.words,
        at=given.handled_at,
        test=given.test,
        passed=given.passed,
        photos=photos,
    )
    hand_on(context)


def check(context: Context) -> None:
    """Record the quality check of a repair: by whom, passed or not (E-2.4-b)."""
    given = context.given
    assert isinstance(given, forms.CheckForm)
    enter(context, "checked", given.words, passed=given.passed)


def confirm(context: Context) -> None:
    """Record the customer's confirmation, signature and satisfaction (K-2.5-b, c)."""
    given = context.given
    assert isinstance(given, forms.ConfirmForm)
    row = row_of(context)
    attach(context, [given.signature], "complaint_signature", "顾客签名")
    heard(context)
    if given.satisfied is not None:
        row.satisfied = given.satisfied
        row.save(update_fields=["satisfied"])
    enter(
        context, "confirmed", given.words, signature=given.signature, signed_by=given.signed_by or row.complainant,
        satisfied=given.satisfied,
    )  # fmt: skip
    hand_on(context)


def rework(context: Context) -> None:
    """Go back to work: the customer or the check did not accept it."""
    row = row_of(context)
    row.satisfied = False
    row.save(update_fields=["satisfied"])
    enter(context, "rework", getattr(context.given, "reason", ""))
    hand_on(context)


def hand_in(context: Context) -> None:
    """Hand the completed record back to the quality department (K-2.6-a)."""
    enter(context, "handed_in", getattr(context.given, "note", ""))
    hand_on(context)
