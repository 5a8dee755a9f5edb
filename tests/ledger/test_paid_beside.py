"""Money paid beside refunds, due days that fall on holidays, and what the cashier does from the pages for refunds."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guiju.kernel.calendar import local_date
from guiju.kernel.models import ApprovalRequest, Case, Event
from guiju.kernel.refusals import NotYourPost, Refused
from guiju.ledger import suspense
from guiju.ledger.models import (
    DayClosing,
    PaidCheck,
    Payout,
    PenaltyTerm,
    Receipt,
    Receivable,
    Refund,
    ReturnOrder,
)
from guiju.ledger.operations import (
    allocating,
    cashier,
    closing,
    paying,
    receipts,
    receivables,
    refunding,
    returning,
)  # fmt: skip
from guiju.ledger.queries import line_of, statement
from guiju.ledger.verify import day_totals, problems

from .conftest import AT, DAY, line

pytestmark = pytest.mark.django_db
D = Decimal


@pytest.fixture
def case(office):
    return Case.objects.create(
        number="TF-1", process="refund", sop_version_id=0, state="pay_ready", title="退房", chain_id=office.project.company_id,
        scope_id=office.project.pk, opened_at=AT, events=0,
    )  # fmt: skip


def paid_out(office, book, case, amount="100", kind="interest", **changed):
    given = {
        "book": book, "kind": kind, "amount": D(amount), "payee": "苏清越", "account": "6200", "voucher": "P1",
        "method": "transfer", "paid_at": AT, "at": AT, "by_id": office.people["he"].pk, "case_id": case.pk,
    }  # fmt: skip
    return paying.pay_out(**(given | changed))


def test_interest_is_booked_beside_refunds_and_counts_in_the_cashiers_day(office, case):
    book = office.book(0)
    made = paid_out(office, book, case)

    assert statement(book).paid_out == D("100")
    assert day_totals(office.project.pk, local_date(AT))["transfer"] == D("-100")
    back = paying.came_back(payout=made, at=AT, by_id=office.people["he"].pk)
    assert (back.amount, statement(book).paid_out) == (D("-100"), D(0))
    with pytest.raises(Refused, match="已经冲回"):
        paying.came_back(payout=made, at=AT, by_id=office.people["he"].pk)
    for changed, words in (({"amount": "0"}, "应大于 0"), ({"account": ""}, "请填收款账号")):
        with pytest.raises(Refused, match=words):
            paid_out(office, book, case, **changed)
    with pytest.raises(DatabaseError), transaction.atomic():
        Payout.objects.update(amount=D(1))


@pytest.mark.clause("J-2.3-c")
def test_a_due_day_on_a_holiday_rolls_to_the_next_working_day(office):
    """民法典 203: 2026-12-05 is a Saturday; the last day is Monday, from Tuesday on it is late."""
    book = office.book(0, line("300000", "2026-12-05"))
    (row,) = office.owed(book)
    cashier.set_penalty_term(
        book=book, per_ten_thousand=D(2), limit_days=30, basis="合同第八条", by=office.people["he"], at=AT
    )
    now = line_of(row)

    assert (now.due_date, now.last_date) == (date(2026, 12, 5), date(2026, 12, 7))
    assert [now.late(date(2026, 12, day)) for day in (5, 7, 8)] == [0, 0, 1]
    # Twenty days after the last day: 300,000 × 0.0002 × 20 = 1,200.00
    assert now.penalty(date(2026, 12, 27)) == D("1200.00")


def test_loan_money_goes_to_the_buyer_only_after_the_bank(office):
    book = office.book(0)
    loan = office.paid(book, "1000", method="loan", payer="示范银行", pays=False)
    given = {"voucher": "T", "method": "transfer", "paid_at": AT, "at": AT, "by_id": office.people["he"].pk}
    buyer = refunding.Payee("buyer", "苏清越", "6200", "已还部分")
    with pytest.raises(Refused, match="应先退还银行"):
        refunding.refund(receipt=loan, amount=D(48), payee=buyer, **given)
    refunding.refund(
        receipt=loan, amount=D(952), payee=refunding.Payee("bank", "示范银行", "1", "结清"), **given
    )

    given["voucher"] = "T2"
    assert refunding.refund(receipt=loan, amount=D(48), payee=buyer, **given).amount == D(48)


amounts = st.sampled_from(["0.01", "99.99", "100", "250", "1000"])
acts = st.lists(
    st.tuples(
        st.sampled_from(["owe", "take", "loan", "reverse", "release", "refund", "bank", "back", "beside", "beside back", "settle"]),
        amounts, st.integers(0, 4),
    ),
    min_size=4, max_size=12,
)  # fmt: skip


def one(rows, place):
    found = list(rows.order_by("pk"))
    return found[place % len(found)] if found else None


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts)
def test_any_sequence_of_payments_reversals_and_refunds_leaves_the_books_balanced(office, case, sequence):
    he = office.people["he"].pk
    out = {"method": "transfer", "paid_at": AT, "at": AT, "by_id": he}
    with transaction.atomic():
        book = office.book(0)
        for turn, (name, amount, place) in enumerate(sequence):
            out["voucher"] = f"T{turn}"
            money = one(Receipt.objects.all(), place)
            try:
                with transaction.atomic():
                    if name == "owe":
                        receivables.add(book=book, planned=[line(amount)], at=AT, recorded_at=AT, by_id=he)
                    elif name in ("take", "loan"):
                        office.paid(book, amount, method="loan" if name == "loan" else "transfer")
                    elif name == "settle":
                        receivables.settle(
                            book=book, reason="退房", kept=D(amount), kept_name="退房扣款", at=AT, recorded_at=AT, by_id=he, case_id=None
                        )  # fmt: skip
                    elif name == "beside":
                        paid_out(office, book, case, amount, voucher=f"P{turn}")
                    elif name == "beside back" and (found := one(Payout.objects.all(), place)):
                        paying.came_back(payout=found, at=AT, by_id=he)
                    elif name == "back" and (sent := one(Refund.objects.all(), place)):
                        refunding.returned(refund=sent, reason="退汇", at=AT, by_id=he)
                    elif money is not None and name == "reverse":
                        receipts.reverse(receipt=money, reason="退票", at=AT, recorded_at=AT, by_id=he)
                    elif money is not None and name == "release":
                        allocating.release_all(receipt=money, reason="退房", at=AT, by_id=he)
                    elif money is not None and name == "refund":
                        payee = refunding.Payee("buyer", "苏清越", "1", "依据")
                        refunding.refund(receipt=money, amount=D(amount), payee=payee, **out)
                    elif money is not None and name == "bank":
                        payee = refunding.Payee("bank", "示范银行", "1", "结清")
                        refunding.refund(receipt=money, amount=D(amount), payee=payee, **out)
            except Refused:
                continue

        assert list(problems()) == []
        said = statement(book)
        assert said.received == said.paid + said.refunded + said.over
        assert said.owed == said.paid + said.open
        assert said.over >= 0
        assert not Receivable.objects.filter(entries=None).exists()
        transfers = sum((row.amount for row in said.receipts if row.method == "transfer"), D(0))
        loans = sum((row.amount for row in said.receipts if row.method == "loan"), D(0))
        totals = day_totals(office.project.pk, local_date(AT))
        assert totals.get("transfer", D(0)) == transfers - said.refunded - said.paid_out
        assert totals.get("loan", D(0)) == loans
        transaction.set_rollback(True)


# --- the pages -------------------------------------------------------------------------------------------------------
@pytest.fixture
def desk(office, client):
    """Sign somebody in and choose the project."""

    def sit(name):
        client.force_login(office.people[name])
        session = client.session
        session["project"] = office.project.pk
        session.save()
        return client

    return sit


def test_a_plan_is_changed_by_an_approved_case_only_and_the_rate_by_finance_only(office, desk):
    now = timezone.now()
    book = office.book(0, line("300000", str(local_date(now) + 20 * timedelta(days=1))))
    (row,) = office.owed(book)
    url = reverse("web:book_change_plan", args=[book.pk])
    asked = {"receivable": row.pk, "amount": "290000", "reason": "折扣变更", "case": "QB-1"}
    answer = desk("he").post(url, asked)
    assert answer.status_code == 422
    assert "没有编号为 QB-1 的变更审批" in answer.content.decode()
    book.deals.create(deal=7, added_at=AT)
    approved = Case.objects.create(
        number="QB-1", process="contract_change", sop_version_id=0, state="executed", title="变更", events=0,
        chain_id=office.project.company_id, scope_id=office.project.pk, opened_at=AT,
    )  # fmt: skip
    approved.links.create(kind="deal", key=7)
    assert desk("lin").post(url, asked).status_code == 403
    answer = desk("he").post(url, asked)
    assert "QB-1 没有批准" in answer.content.decode()
    assert line_of(row).amount == D("300000")
    ApprovalRequest.objects.create(
        case=approved, step="report_up", body=b"", case_version=1, sop_version_id=0, chain=[], requested_by=office.people["lin"].pk, requested_at=AT,
        happened_at=AT, state=ApprovalRequest.TAKEN,
    )  # fmt: skip
    Case.objects.filter(pk=approved.pk).update(state="cancelled")
    assert "QB-1 没有批准" in desk("he").post(url, asked).content.decode()
    Case.objects.filter(pk=approved.pk).update(state="executed")
    desk("he").post(url, asked)
    assert line_of(row).amount == D("290000")
    assert row.entries.order_by("-id").first().case == approved

    term = reverse("web:book_penalty_term", args=[book.pk])
    assert desk("lin").post(term, {"rate": "2", "basis": "第八条"}).status_code == 403
    assert "不能超过 100" in desk("he").post(term, {"rate": "200", "basis": "第八条"}).content.decode()
    desk("he").post(term, {"rate": "1.5", "limit_days": "60", "basis": "合同第八条"})
    assert PenaltyTerm.objects.get().millionths == 150
    page = desk("he").get(reverse("web:book", args=[book.pk])).content.decode()
    assert "逾期付款违约金" in page
    assert "合同第八条" in page


def test_money_nobody_knows_goes_back_to_its_payer_and_waits_no_more(office, desk):
    waits = office.receipt(None, "500", at=timezone.now())
    book = office.book(0)
    known = office.receipt(book, "600", at=timezone.now())
    given, why = {"voucher": "T9"}, {"account": "6200", "reason": "三个工作日查不明"}
    for name in ("receipt_ask_return", "receipt_pay_back"):
        refused = desk("he").post(reverse(f"web:{name}", args=[known.pk]), given | why)
        assert refused.status_code == 422
        assert "请办「退房退款」" in refused.content.decode()
        assert desk("lin").post(reverse(f"web:{name}", args=[waits.pk]), given | why).status_code == 403

    # Never one's own: neither money in that nobody compared, nor the yes, nor a slip twice, nor the check of what one sent.
    ask, decide, send = (
        reverse(f"web:receipt_{name}", args=[waits.pk])
        for name in ("ask_return", "decide_return", "pay_back")
    )
    assert "还没有复核，请先由另一人复核收款" in desk("he").post(ask, why).content.decode()
    receipts.check(receipt=waits, by_id=office.people["tang"].pk, at=timezone.now())
    assert "的退回还没有批准，不能付款" in desk("he").post(send, given).content.decode()
    for words in ("账号是谁的？", ""):
        assert "的退回已送批" in desk("he").post(ask, why, follow=True).content.decode()
        assert "已经申请退回，等待批准或付款" in desk("he").post(ask, why).content.decode()
        assert "的退回还没有批准，不能付款" in desk("he").post(send, given).content.decode()
        order = ReturnOrder.objects.order_by("-pk")[0]
        said = {"order": order.pk, "decision": "no" if words else "yes", "words": words}
        assert desk("he").post(decide, said).status_code == 403
        assert "6200" in desk("zhou").get(reverse("web:till")).content.decode()
        desk("zhou").post(decide, said)
        assert order.consent.agreed is not bool(words)
    with pytest.raises(Refused, match="已经有了决定"):
        returning.decide(order=order, agreed=True, words="", at=timezone.now(), by_id=office.people["sun"].pk)
    with pytest.raises(Refused, match="不能批准自己的申请"):
        returning.decide(order=order, agreed=True, words="", at=timezone.now(), by_id=office.people["he"].pk)
    with pytest.raises(Refused, match="批准退回的人不能办理付款"):
        returning.agreed_order(waits, by_id=office.people["zhou"].pk)
    answer = desk("he").post(send, given, follow=True).content.decode()
    sent = Refund.objects.get()
    assert (
        f'已退回、还没有复核的暂收款：<a href="?day={sent.book_date}#went-title">{sent.number}</a>' in answer
    )
    check = reverse("web:return_check", args=[sent.pk])
    assert check not in answer
    refused = desk("he").post(check)
    assert (refused.status_code, "由你办理，复核须由另一人办理" in refused.content.decode()) == (422, True)
    other = office.receipt(None, "70", at=timezone.now())
    receipts.check(receipt=other, by_id=office.people["tang"].pk, at=timezone.now())
    desk("he").post(reverse("web:receipt_ask_return", args=[other.pk]), why)
    said = {"order": ReturnOrder.objects.get(receipt=other).pk, "decision": "yes"}
    desk("zhou").post(reverse("web:receipt_decide_return", args=[other.pk]), said)
    again = desk("he").post(reverse("web:receipt_pay_back", args=[other.pk]), given).content.decode()
    assert "付款凭证号 T9 已经入过账，不能再用" in again
    # The day is not agreed to while one of its payments is not.
    day = DayClosing.objects.create(
        project=office.project, on_date=sent.book_date, booked={k: str(v) for k, v in day_totals(office.project.pk, sent.book_date).items()}, counted_cash=D(0), counted_pos=D(0), counted_transfer=D(0),
        counted_cheque=D(0), receipts=0, difference=D(0), closed_by=office.people["he"], closed_at=timezone.now(),
    )  # fmt: skip
    receipts.check(receipt=known, by_id=office.people["tang"].pk, at=timezone.now())
    with pytest.raises(Refused, match="还有 1 笔暂收款退回没有复核"):
        closing.check_day(closing=day, by_id=office.people["tang"].pk, at=timezone.now())
    assert check in desk("tang").get(reverse("web:till")).content.decode()
    assert desk("lin").post(check).status_code == 403
    assert "没有待复核" not in desk("tang").post(check, follow=True).content.decode()
    assert PaidCheck.objects.get(refund=sent).checked_by == office.people["tang"]
    assert desk("tang").post(check).status_code == 422
    assert closing.check_day(closing=day, by_id=office.people["tang"].pk, at=timezone.now()).closing == day

    assert Refund.objects.get().amount == D("500")
    # The bank sends it back (退汇): it waits in suspense again, once.
    came = reverse("web:return_back", args=[sent.pk])
    assert came in desk("he").get(reverse("web:till") + f"?day={sent.book_date}").content.decode()
    assert desk("lin").post(came, {"reason": "账号有误"}).status_code == 403
    assert "款项回到暂收" in desk("he").post(came, {"reason": "账号有误"}, follow=True).content.decode()
    assert "已经冲回" in desk("he").post(came, {"reason": "账号有误"}).content.decode()
    assert [one.receipt for one in suspense.waiting(office.project.pk, timezone.now())] == [waits, other]
    # A yes is for one payment: who pays again asks again.
    assert "的退回还没有批准，不能付款" in desk("he").post(send, {"voucher": "T10"}).content.decode()
    desk("he").post(ask, why)
    desk("zhou").post(decide, {"order": ReturnOrder.objects.order_by("-pk")[0].pk, "decision": "yes"})
    desk("he").post(send, {"voucher": "T10"})
    assert [row.amount for row in Refund.objects.order_by("pk")] == [D("500"), D("-500"), D("500")]
    assert Event.objects.filter(step="pay_back").count() == 2
    assert "当天付出" in answer
    assert suspense.waiting(office.project.pk, timezone.now())[0].receipt == other
    assert list(problems()) == []


def test_who_sells_sets_no_rate(office):
    book = office.book(0)

    with pytest.raises(NotYourPost):
        cashier.set_penalty_term(
            book=book, per_ten_thousand=D(2), limit_days=None, basis="x", by=office.people["lin"], at=AT + DAY
        )
