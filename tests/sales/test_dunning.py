"""The ladder of dunning: notices before, a case the day after, letter, lawyer, people decide; a dispute stops it."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from guiju.kernel import engine, reactions
from guiju.kernel.models import ApprovalRequest, Case, Todo
from guiju.kernel.refusals import NotReady
from guiju.ledger.models import Kind, PenaltyWaiver, Receivable
from guiju.ledger.operations import penalties, receipts
from guiju.ledger.operations.allocating import allocate
from guiju.ledger.queries import line_of
from guiju.notify.models import Message
from guiju.papers.offers import NotYetPrintable
from guiju.sales import dunning
from guiju.sales.dunning_papers import dunning_letter, lawyer_letter
from tests.stories.conftest import BEIJING, WEDNESDAY, house  # noqa: F401 - the house of the stories

pytestmark = pytest.mark.django_db
D = Decimal
DUE = date(2026, 11, 25)


def on(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=BEIJING)


def after(days: int, hour: int = 9) -> datetime:
    return on(DUE + timedelta(days=days), hour)


@pytest.fixture
def owed(house) -> Receivable:
    """1,910,000 due on the signing day, at two ten-thousandths a day."""
    house.sealed()
    while reactions.run_due(WEDNESDAY + timedelta(hours=3)):
        pass
    row = Receivable.objects.get(kind=Kind.INSTALMENT)
    penalties.set_term(
        book=row.book, millionths=200, limit_days=60, basis="合同第八条", at=WEDNESDAY, by_id=None
    )
    return row


@pytest.fixture
def late(owed) -> Case:
    assert dunning.begin_late(after(1)) == 1
    return Case.objects.get(process="dunning")


def paid(house, row, amount, at):
    made = receipts.book(
        unit=row.book.unit, case_id=None, purpose="price", amount=D(amount), method="transfer", account="监管户",
        voucher=f"K{amount}", payer="苏清越", third_party=False, relation="", received_at=at, recorded_at=at,
        by_id=house.he.pk, to=row.book,
    )  # fmt: skip
    allocate(receipt=made, at=at, by_id=None)


def wanted(case):
    return set(Todo.objects.filter(case=case).values_list("act", flat=True))


@pytest.mark.clause("J-2.3-a", "J-2.3-b")
def test_the_buyer_is_told_a_week_before_and_three_days_before_and_once_each(house, owed):
    assert dunning.remind(after(-8)) == 0
    assert dunning.remind(after(-7)) == 1
    dunning.remind(after(-6))
    dunning.remind(after(-3))
    dunning.remind(after(0))

    told = list(Message.objects.filter(template="dunning.upcoming").order_by("id"))
    assert len(told) == 2
    assert "1,910,000.00 元应于 2026年11月25日 前付清" in told[0].body


@pytest.mark.clause("J-2.3-c")
def test_the_day_after_a_case_opens_and_only_one(house, owed):
    assert dunning.begin_late(after(0, 23)) == 0
    assert dunning.begin_late(after(1)) == 1
    assert dunning.begin_late(after(2)) == 0

    case = Case.objects.get(process="dunning")
    assert case.state == "late"
    assert case.number.startswith("CK-")
    assert wanted(case) == {"call"}
    assert Message.objects.filter(template="dunning.late").count() == 1


def test_who_has_paid_is_not_dunned(house, owed):
    paid(house, owed, "1910000", after(-1))

    assert dunning.remind(after(-1)) == dunning.begin_late(after(5)) == 0


@pytest.mark.clause("J-2.3-d")
def test_each_rung_has_its_day(house, late):
    house.take(late, "call", "wu", after(1, 10), answer="nobody", words="无人接听")
    assert late.state == "called"

    with pytest.raises(NotReady, match="逾期满 7 日"):
        house.take(late, "letter", "wu", after(6), tracking="EMS1001")
    house.take(late, "letter", "wu", after(7), tracking="EMS1001")
    assert late.state == "written"
    assert "deliver" in wanted(late)

    with pytest.raises(NotReady, match="没有送达凭证"):
        house.take(late, "lawyer", "tang", after(30), tracking="EMS1002")
    house.take(
        late, "deliver", "wu", after(9), tracking="EMS1001", delivered_date=str(DUE + timedelta(days=9)), receiver="本人",
        proof=house.scan,
    )  # fmt: skip
    with pytest.raises(NotReady, match="逾期满 30 日"):
        house.take(late, "lawyer", "tang", after(29), tracking="EMS1002")
    house.take(late, "lawyer", "tang", after(30), tracking="EMS1002")
    assert late.state == "warned"


def test_a_dispute_stops_the_ladder(house, late):
    house.take(late, "dispute", "wu", after(2), reason="买受人称面积有误")

    assert late.state == "disputed"
    assert wanted(late) == set()
    with pytest.raises(NotReady):
        house.take(late, "letter", "wu", after(8), tracking="EMS1001")
    assert dunning.begin_late(after(8)) == 0


@pytest.mark.clause("J-2.3-d")
def test_a_case_is_closed_as_paid_only_when_nothing_is_open(house, owed, late):
    paid(house, owed, "1000000", after(2))
    with pytest.raises(NotReady, match="还欠 ¥910,000"):
        house.take(late, "close_paid", "wu", after(2))

    paid(house, owed, "910000", after(3))
    with pytest.raises(NotReady, match="已收清"):
        house.take(late, "call", "wu", after(3), answer="paid", words="已付")
    house.take(late, "close_paid", "wu", after(3))
    assert late.state == "paid"


def test_the_right_to_rescind_waits_for_the_contracts_days_and_for_people(house, late):
    house.take(late, "letter", "wu", after(7), tracking="EMS1001")
    house.take(
        late, "deliver", "wu", after(9), tracking="EMS1001", delivered_date=str(DUE + timedelta(days=9)), receiver="本人",
        proof=house.scan,
    )  # fmt: skip

    with pytest.raises(NotReady, match="逾期满 61 日"):
        house.take(late, "decide", "zhou", after(60), way="rescind", reason="多次催告未付")
    assert late.state == "written"


def test_penalty_is_waived_only_by_approval(house, owed, late):
    """1,910,000 × 0.0002 × 10 days = 3,820.00."""
    assert line_of(owed).penalty(DUE + timedelta(days=10)) == D("3820.00")
    until = str(DUE + timedelta(days=10))
    with pytest.raises(NotReady, match="不能超过"):
        house.take(late, "waive", "wu", after(10), amount="3820.01", until_date=until, reason="疫情隔离")

    house.take(late, "waive", "wu", after(10), amount="820", until_date=until, reason="银行系统故障")
    assert ApprovalRequest.objects.get(case=late).state == "pending"
    assert not PenaltyWaiver.objects.exists()

    house.approve(late, after(10, 11))
    assert PenaltyWaiver.objects.get().amount == D("820")
    assert line_of(owed).penalty(DUE + timedelta(days=10)) == D("3000.00")


def test_penalty_becomes_owed_when_the_instalment_is_paid(house, owed, late):
    """Paid on the twentieth day: 1,910,000 × 0.0002 × 20 = 7,640.00, a line of its own."""
    with pytest.raises(NotReady, match="还欠"):
        house.take(late, "charge", "he", after(20), due_date="2026-12-31")
    paid(house, owed, "1910000", after(20))

    house.take(late, "charge", "tang", after(25), due_date="2026-12-31")

    charged = Receivable.objects.get(kind=Kind.PENALTY)
    assert line_of(charged).amount == D("7640.00")
    assert line_of(owed).amount == D("1910000")


def test_the_letter_states_the_debt_in_words_and_the_penalty_line_by_line(house, late):
    with pytest.raises(NotYetPrintable, match="逾期满 7 日"):
        dunning_letter(late, after(6))

    made = dunning_letter(late, after(10))

    facts = [value for _, value in made.facts]
    assert "1,910,000.00 元（人民币壹佰玖拾壹万元整）" in facts
    assert "1,910,000.00 元 × 万分之2 × 10 日 ＝ 3,820.00 元" in facts
    assert any("人民币叁仟捌佰贰拾元整" in value for value in facts)
    assert (made.number, made.delivery, made.with_receipt) == (f"CKH-{late.number}", "EMS", True)
    assert lawyer_letter(late, after(31)).title == "律师函"


def test_a_promise_is_for_a_day_to_come(house, late):
    with pytest.raises(NotReady, match="今后"):
        house.take(late, "promise", "wu", after(1), until_date=str(DUE), words="昨天就付")
    house.take(late, "promise", "wu", after(1), until_date=str(DUE + timedelta(days=3)), words="周末付")

    assert engine.options(late, by=house.wu, at=after(1))
