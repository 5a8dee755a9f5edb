"""The chase grid and work in lists, as people use them: thirty buyers in two acts, forty pay-out rows with two bad ones."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from guiju.kernel.models import Event
from guiju.ledger.models import Receipt
from guiju.notify.models import Message
from guiju.papers.models import Reprint
from guiju.sales import mortgage_list
from guiju.sales.models import MissingList, Mortgage, MortgagePaper
from guiju.web import batch
from tests.sales.loans import ALL, SIGNED, Loans

pytestmark = pytest.mark.django_db
BOARD = (
    "mortgages",
    "mortgage_register",
    "mortgage_waiting",
    "mortgage_guarantees",
    "mortgage_progress",
    "mortgage_lists",
)


@pytest.fixture
def loans(house) -> Loans:
    return Loans(house)


def text(answer) -> str:
    return answer.content.decode()


@pytest.mark.clause("I-2.2-c", "I-5.3-5c", "I-2.2-b")
def test_thirty_buyers_are_chased_in_two_acts_each_for_his_own_papers(house, loans, visit):
    deals = [loans.signed(f"客户{place:02d}", phone=f"199000{place:05d}") for place in range(30)]
    deals += [loans.signed("没电话甲", phone=""), loans.signed("没电话乙", phone="")]
    kinds = [kind for kind in ALL if kind not in ("contract", "receipt")]
    for place, deal in enumerate(deals):
        Mortgage.objects.filter(deal=deal).update(signed_date=timezone.localdate() - timedelta(days=20))
        papers = MortgagePaper.objects.filter(mortgage__deal=deal)
        papers.exclude(kind=kinds[place % len(kinds)]).update(state="original")
    client = visit("yu")

    page = client.get(reverse("web:mortgages"), {"all": 1})
    assert text(page).count('name="case"') == 32
    assert text(page).count("没有手机号") == 2
    numbers = list(Mortgage.objects.values_list("case__number", flat=True))
    done = client.post(reverse("web:mortgage_mark"), {"act": "chase", "case": numbers, "token": "a"})

    told = {one.name: one.body for one in Message.objects.filter(template="mortgage.papers")}
    assert sorted(told) == [f"客户{n:02d}" for n in range(30)]
    names = dict(MortgagePaper.objects.values_list("kind", "name"))
    for place in range(30):
        assert f"还缺：{names[kinds[place % len(kinds)]]}。" in told[f"客户{place:02d}"]
    assert text(done).count("没有登记手机号") == 2
    assert "没电话甲" in text(done)
    again = client.post(reverse("web:mortgage_mark"), {"act": "chase", "case": numbers, "token": "a"})
    assert "已办过" in text(again)
    assert Message.objects.filter(template="mortgage.papers").count() == len(told)

    # One paper of the marked, as it came.
    wanted = [
        Mortgage.objects.get(deal=deals[0]).case.number,
        Mortgage.objects.get(deal=deals[9]).case.number,
    ]
    client.post(
        reverse("web:mortgage_mark"),
        {"act": "paper", "case": wanted, "kind": "identity", "state": "copy", "token": "b"},
    )
    assert (
        MortgagePaper.objects.filter(
            kind="identity", state="copy", mortgage__deal__in=[deals[0], deals[9]]
        ).count()
        == 2
    )
    assert "先勾选" in text(client.post(reverse("web:mortgage_mark"), {"act": "chase"}))


def asked(loans: Loans, number: int) -> list[Mortgage]:
    """Loans whose payout was asked for, without walking there step by step."""
    made = []
    for place in range(number):
        deal = loans.signed(f"客户{place:02d}")
        row = Mortgage.objects.select_related("case", "deal__unit").get(deal=deal)
        row.approved_amount = Decimal("1400000.00")
        row.payout_asked_at = timezone.now() - timedelta(days=9)
        row.save()
        row.case.state = "asked"
        row.case.save(update_fields=["state"])
        made.append(row)
    return made


@pytest.mark.clause("I-2.2-g", "I-2.2-i")
def test_forty_pay_out_rows_are_pasted_with_two_bad_ones_and_pasted_again(house, loans, visit):
    rows = asked(loans, 40)
    lines = ["房号\t到账金额\t到账日期\t银行流水号"]
    for place, row in enumerate(rows):
        amount = "1,500,000.00" if place == 7 else "1,400,000.00"
        room = "1-1-9999" if place == 21 else row.deal.unit.short
        lines.append(f"{room}\t{amount}\t{timezone.localdate():%Y/%m/%d}\tCCB{place:04d}")
    client = visit("he")
    url = reverse("web:batch_many", args=["mortgage", "disburse"])

    read = client.post(url, {"act": "read", "paste": "\n".join(lines), "token": "t"})
    assert "没有找到「1-1-9999」" in text(read)
    assert Receipt.objects.filter(method="loan").count() == 0
    done = client.post(url, {"act": "run", "paste": "\n".join(lines), "token": "t"})
    assert "办成 38 件" in text(done)
    assert "没办成 2 件" in text(done)
    assert "多于还应放的 ¥1,400,000.00" in text(done)
    assert Receipt.objects.filter(method="loan").count() == 38
    assert Mortgage.objects.filter(disbursed_amount=Decimal("1400000.00")).count() == 38
    events = Event.objects.count()

    again = client.post(url, {"act": "run", "paste": "\n".join(lines), "token": "u"})
    assert "办成 0 件" in text(again)
    assert "已办过 38 件" in text(again)
    assert Receipt.objects.filter(method="loan").count() == 38
    assert Event.objects.filter(step="disburse").count() == 38
    assert Event.objects.count() == events
    # Somebody without the post is told so, row by row.
    other = visit("lin").post(url, {"act": "run", "paste": "\n".join([lines[0], lines[8]]), "token": "v"})
    assert "须由" in text(other)


@pytest.mark.clause("I-5.3-5c")
def test_letters_of_many_are_printed_in_one_run_and_a_reprint_is_marked_and_counted(house, loans, visit):
    deals = [loans.signed(f"客户{place}") for place in range(3)]
    Mortgage.objects.update(signed_date=timezone.localdate() - timedelta(days=40))
    Mortgage.objects.filter(deal=deals[2]).update(signed_date=timezone.localdate())
    numbers = list(Mortgage.objects.order_by("pk").values_list("case__number", flat=True))
    client = visit("yu")
    url = reverse("web:batch_print", args=["mortgage", "letter"])

    first = client.post(url, {"case": numbers})
    assert "新印 2 份" in text(first)
    assert "签约满 30 日后才发" in text(first)
    run = first.context["pdf"]
    pdf = client.get(run)
    assert pdf.content.startswith(b"%PDF")
    assert visit("wu").get(run).status_code == 404, "only who printed the run opens it"

    without = client.post(url, {"case": numbers[:2]})
    assert "要补打请写原因" in text(without)
    again = client.post(url, {"case": numbers[:2], "reason": "邮寄退回"})
    assert "补打 2 份" in text(again)
    assert sorted(Reprint.objects.values_list("count", "reason")) == [(1, "邮寄退回"), (1, "邮寄退回")]


def test_a_paste_is_read_by_heads_or_by_order_and_says_what_it_does_not_know(house, loans):
    act = batch.act_of("mortgage", "disburse")
    by_order = batch.read_paste(act, "1-1-1501\t1400000\t2026-12-01\tA1\n\n1-1-1502\t1\t2026-12-02\tA2")
    assert [(row.where, row.values["voucher"]) for row in by_order] == [
        ("1-1-1501", "A1"),
        ("1-1-1502", "A2"),
    ]
    by_head = batch.read_paste(
        act, "到账日期\t贷款种类\t房号\t到账金额\t银行流水号\n2026年12月1日\t公积金\t1501\t5\tB"
    )
    assert (by_head[0].where, by_head[0].which) == ("1501", "公积金")
    assert batch.given_of(act, by_head[0]) == {"amount": "5", "received_date": "2026-12-01", "voucher": "B"}
    at = timezone.now()
    deal = loans.signed(payment="combined", loan="800000.00", fund="600000.00")
    rows = [
        batch.Row(1, deal.unit.short),
        batch.Row(2, "1501", "公积金"),
        batch.Row(3, "9栋1501"),
        batch.Row(4, ""),
    ]
    batch.match(act, rows, by=house.he, at=at, project=house.project)
    assert "请写明贷款种类" in rows[0].problem
    assert Mortgage.objects.get(case=rows[1].case).part == "fund"
    assert "没有找到「9栋1501」" in rows[2].problem
    assert rows[3].problem == "没有写房号"


def test_five_thousand_rows_and_unknown_columns_are_said_and_nothing_is_dropped_in_silence(
    house, loans, visit
):
    client, address = visit("he"), reverse("web:batch_many", args=["mortgage", "disburse"])
    lines = [
        "房号\t放款金额\t到账日期\t银行流水号",
        *(f"{place}号楼9999\t1\t2026-12-01\tA{place}" for place in range(5000)),
    ]
    page = text(client.post(address, {"paste": "\n".join(lines), "act": "read"}))
    assert "前 300 行已读入，后面的 4700 行没有读" in page
    assert "没有认出这几列，里面的内容没有读：放款金额。要的列是房号" in page
    assert page.count("没有找到「") == 300


@pytest.mark.clause("I-2.2-b", "I-2.2-g", "I-5.3-5a", "I-5.3-5d", "I-5.3-5e", "I-2.2-h")
def test_every_page_of_the_board_opens_full_and_empty(house, loans, visit):
    client = visit("yu")
    for name in (*BOARD, "batch"):
        assert client.get(reverse(f"web:{name}")).status_code == 200, name
    rows = asked(loans, 2)
    filed = loans.signed("程一舟")
    loans.file(filed)
    paid = Mortgage.objects.get(deal=filed)
    paid.disbursed_at, paid.disbursed_amount = timezone.now(), Decimal("1400000.00")
    paid.save()
    paid.case.state = "disbursed"
    paid.case.save(update_fields=["state"])

    pages = {name: text(client.get(reverse(f"web:{name}"))) for name in BOARD}
    assert rows[0].case.number in pages["mortgages"]
    assert "¥2,800,000.00" in pages["mortgage_waiting"]
    assert "¥1,400,000.00" in pages["mortgage_guarantees"]
    assert "4,200,000.00" in pages["mortgage_register"]
    # signed on 2 November, filed on the tenth day
    assert '<td class="right once" data-name="预售登记">10</td>' in pages["mortgage_progress"]
    assert f"已 {(timezone.localdate() - SIGNED).days}" in pages["mortgage_progress"]
    assert text(client.get(reverse("web:mortgage_register"), {"state": "asked"})).count("AJ-") > 0

    monday = timezone.localdate() - timedelta(days=timezone.localdate().weekday() + 7)
    made = mortgage_list.close(project=house.project, monday=monday, at=timezone.now())
    shown = client.get(reverse("web:mortgage_list", args=[made.pk]))
    assert "迟报" in text(shown)
    assert client.get(reverse("web:mortgage_list_paper", args=[made.pk])).content.startswith(b"%PDF")
    assert client.post(reverse("web:mortgage_receive_list", args=[made.pk])).status_code == 403
    visit("lin").post(reverse("web:mortgage_receive_list", args=[made.pk]))
    assert MissingList.objects.get().received_by == house.lin
    masked = text(visit("jiang").get(reverse("web:mortgages")))
    assert "客户00" not in masked


def test_the_board_asks_the_same_number_of_questions_for_any_number_of_loans(
    house, loans, visit, django_assert_max_num_queries
):
    client = visit("yu")
    loans.signed("苏清越", "陆望舒")
    client.get(reverse("web:mortgages"))
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as one:
        client.get(reverse("web:mortgages"))
    for place in range(4):
        loans.signed(f"客户{place}", "陆望舒")
    with CaptureQueriesContext(connection) as five:
        client.get(reverse("web:mortgages"))
    assert len(five) <= len(one) + 1
    assert date(2026, 11, 2) == SIGNED


def test_odd_rows_and_numbers_are_refused_in_words(house, loans, visit):
    client = visit("he")
    url = reverse("web:batch_many", args=["mortgage", "disburse"])
    odd = "\x00\t²\t9999-99-99\t\n1-1-1501\tNaN\t2026-02-30\t😀\n\t\t\t"
    for act in ("read", "run", "other"):
        assert client.post(url, {"act": act, "paste": odd, "token": "\x00"}).status_code in (200, 422)
    assert client.post(url, {"act": "run", "row-1": "AJ\x00", "row-1-amount": "x"}).status_code in (200, 422)
    assert client.get(url, {"case": ["AJ-1", "AJ-2"]}).status_code == 200
    assert client.get(reverse("web:batch_many", args=["mortgage", "cancel"])).status_code == 404
    assert client.get(reverse("web:batch_pdf"), {"paper": ["²", "9" * 30]}).status_code == 404
    marked = {"act": "paper", "case": ["\x00", "AJ-1"], "kind": "no", "state": "no", "valid_until": "x"}
    assert visit("yu").post(reverse("web:mortgage_mark"), marked).status_code in (200, 422)
    marked["case"] = ["AJ-1"]
    assert "没有找到" in text(visit("yu").post(reverse("web:mortgage_mark"), marked))
    for name in BOARD:
        assert (
            client.get(
                reverse(f"web:{name}"), {"after": "²", "state": "x", "bank": "x", "only": "x"}
            ).status_code
            == 200
        )
