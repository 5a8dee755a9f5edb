"""An owners' register becomes running deals: what is owed and lent equals what a hand adds up from the file's cells."""

import io
import json
from collections import defaultdict
from decimal import Decimal

from openpyxl import load_workbook

from guiju.cli import main
from guiju.kernel.models import Case, Clock, Todo
from guiju.ledger.models import Book, Kind, Receipt, Receivable, ReceivableEntry
from guiju.ledger.queries import lines
from guiju.ledger.verify import problems
from guiju.registers.running import CHECK, begin_all, totals
from guiju.reports.collections import by_bank
from guiju.sales.models import Contract, Deal, Mortgage
from guiju.sales.receivables import GATE_OPEN
from tests.registers.builders import Page, excel, resident, wrong

D = Decimal
HEADER = ["房号", "买受人", "证件号码", "联系电话", "认购日期", "签约日期", "合同编号", "付款方式", "成交总价", "首付款", "贷款银行", "备注"]  # fmt: skip
ROWS = [
    ["1-1-101", "赵一", resident(1), "19900000001", "2026-1-5", "2026-1-12", "HT-1", "银行按揭", 1000000.5, 300000.5, "工行", None],
    ["1-1-102", "钱二", resident(2), "19900000002", "2026-1-6", "2026-1-13", "HT-2", "商业贷款", 1200000, 360000, "中国工商银行", None],
    ["1-1-201", "孙三", resident(3), "19900000003", "2026-1-7", "2026-1-14", "HT-3", "公积金贷款", 980000, 294000, "建设银行", None],
    ["1-1-202", "李四", resident(4), "19900000004", "2026-1-8", "2026-1-15", "HT-4", "一次性", 1100000, 1100000, None, None],
    ["1-1-301", "周五", resident(5), "19900000005", "2026-1-9", "2026-1-16", "HT-5", "分期付款", 1050000, 420000, None, None],
    ["1-1-302", "吴六", resident(6), "19900000006", "2026-1-10", None, None, "银行按揭", 1020000, 306000, "工行", None],
    ["1-1-401", "郑七", wrong(resident(7)), "19900000007", "2026-1-9", "2026-1-16", "HT-7", "一次性", 999999, 999999, None, None],
    ["1-1-402", "王八", resident(8), "19900000008", "2026-1-9", "2026-1-16", "HT-8", "一次性", 970000, 970000, None, "已退房"],
]  # fmt: skip
FILE = excel(Page("客户台账", [["澄园客户台账"], HEADER, *ROWS]))


def by_hand(content):
    """What a hand adds up from the cells: price and first payment of rows with a right number, loans of signed ones by bank."""
    sheet = load_workbook(io.BytesIO(content)).active
    price, first, banks = D(0), D(0), defaultdict(D)
    for row in sheet.iter_rows(min_row=3, values_only=True):
        name, note, total, paid = row[1], row[11], D(str(row[8])), D(str(row[9]))
        if name == "郑七" or note == "已退房":
            continue
        price += total
        first += paid
        if row[7] in ("银行按揭", "商业贷款", "公积金贷款") and row[5]:
            banks["建设" if "建" in row[10] else "工商"] += total - paid
    return price, first, dict(banks)


def owed(kind=None):
    rows = Receivable.objects.filter(**({"kind": kind} if kind else {})).order_by("pk")
    return sum((line.amount for line in lines(rows)), D(0))


def test_books_and_loans_of_the_register_equal_what_a_hand_adds_up(estate, bring):
    bring("customers", FILE)
    price, first, banks = by_hand(FILE)

    # The hand's own figures, once by head: 1000000.5+1200000+980000+1100000+1050000+1020000, and their first payments.
    assert (price, first) == (D("6350000.50"), D("2780000.50"))
    assert owed() == price
    assert owed(Kind.DOWN_PAYMENT) == first
    assert banks == {"工商": D("1540000"), "建设": D("686000")}
    lent = defaultdict(D)
    for loan in Mortgage.objects.all():
        lent["建设" if "建设" in loan.bank else "工商"] += loan.amount
    assert dict(lent) == banks
    assert {loan.bank for loan in Mortgage.objects.all()} == {"中国工商银行", "中国建设银行"}
    assert Mortgage.objects.get(deal__contract_number="HT-3").part == Mortgage.FUND
    # The subscribed one is not signed: its loan is owed, but no loan is on the board yet.
    assert owed(Kind.LOAN) == D("1540000") + D("714000")
    assert (Book.objects.count(), Contract.objects.count(), Mortgage.objects.count()) == (6, 5, 3)
    assert Contract.objects.get(number="HT-1").total_price == D("1000000.50")
    board = {(row.bank, row.owed) for row in by_bank([Deal.objects.first().project])}
    assert board == {("中国工商银行", D("2254000.00")), ("公积金（中国建设银行）", D("686000.00"))}
    # Nothing is booked as received, nobody is dunned, and no clock runs for what happened before.
    assert not Receipt.objects.exists()
    assert not ReceivableEntry.objects.exclude(due_date=None).exists()
    assert set(ReceivableEntry.objects.values_list("due_event", flat=True)) == {
        CHECK,
        GATE_OPEN,
        "按合同约定",
    }
    assert not Clock.objects.exists()
    assert not Todo.objects.exists()
    assert Case.objects.get(mortgage__deal__contract_number="HT-1").historic
    assert list(problems()) == []

    before = (Book.objects.count(), ReceivableEntry.objects.count(), Case.objects.count())
    bring("customers", FILE, file_name="again.xlsx")
    assert (Book.objects.count(), ReceivableEntry.objects.count(), Case.objects.count()) == before

    # The register is corrected: a price, and the subscribed one has signed.
    better = [list(row) for row in ROWS]
    better[1][8], better[5][5], better[5][6] = 1210000, "2026-2-1", "HT-6"
    content = excel(Page("客户台账", [["澄园客户台账"], HEADER, *better]))
    bring("customers", content)
    price, first, banks = by_hand(content)
    assert (owed(), owed(Kind.DOWN_PAYMENT)) == (price, first) == (D("6360000.50"), D("2780000.50"))
    assert sum(Mortgage.objects.values_list("amount", flat=True)) == sum(banks.values()) == D("2950000.00")
    assert Contract.objects.get(number="HT-2").total_price == D("1210000.00")
    assert list(problems()) == []


def test_deals_imported_before_become_running_ones_by_one_command(estate, bring, lin, capsys):
    bring("customers", excel(Page("客户台账", [HEADER, ROWS[3]])))
    other = Deal.objects.get()
    Deal.objects.create(
        unit=other.project.units.get(building__name="2号楼", entrance="1", room="101"), project=other.project, stage=Deal.SIGNED,
        payment="mortgage", bank="中国银行", total_price=D("900000.00"), down_payment=D("270000.00"), contract_number="HT-9",
        signed_date=other.signed_date, source="旧台账.xlsx 第 3 行", opened_at=other.opened_at,
    )  # fmt: skip

    assert main(["running", "--project", "CY1", "--json"]) == 0

    said = json.loads(capsys.readouterr().out)
    assert (said["books"], said["contracts"], said["loans"], said["owed"]) == (1, 1, 1, "900000.00")
    assert said["totals"]["按揭 中国银行"] == {"count": 1, "yuan": "630000.00"}
    assert totals(other.project)["首付款"] == (2, D("1370000.00"))
    assert begin_all(other.project, by=lin, at=other.opened_at).books == 0
    assert main(["running", "--project", "NONE"]) == 2
