"""认购登记表 with totals and the figure of banks; exports asked for, approved by another, masked, watermarked, once."""

import hashlib
import io
import re
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guiju.kernel.models import Event
from guiju.org.models import ExportRequest
from guiju.reports import subscriptions as register
from guiju.reports import tables
from guiju.reports.tables import MONEY, Column, Table
from guiju.sales.models import Subscription
from guiju.web.views.registers import part
from tests.web.test_pages import words


def url(name, *rest):
    return reverse(f"web:{name}", args=rest)


LOAN = {"payment": "mortgage", "down_payment": "660000"}


@pytest.fixture
def three(house, ago):
    """A cash buyer sealed, a mortgage buyer with a bank from the start, and one who chose none."""
    cash = house.sealed(at=ago, unit=0)
    early = house.registered(at=ago, unit=1, buyers=[house.buyer("罗小满")], bank="建设银行", **LOAN)
    late = house.registered(at=ago, unit=2, buyers=[house.buyer("唐若水")], **LOAN)
    return cash, early, late


# --- the register -----------------------------------------------------------------------------------------------------
@pytest.mark.clause("I-5.1-2d")
def test_the_register_shows_number_date_unit_buyers_price_payment_deposit_and_seal(house, visit, three):
    page = words(visit("wu").get(url("subscriptions")))

    row = house.facts(three[0])
    for text in (
        row.number, "1号楼 1单元 1501", "苏清越", "1,960,000.00", "一次性付款", "50,000.00", "已确认", row.seal_number,
        "罗小满", "银行按揭", "建设银行", "未盖章",
    ):  # fmt: skip
        assert text in page, text


def test_totals_add_up_over_the_lines(house, visit, three):
    page = words(visit("wu").get(url("subscriptions")))

    assert "共 3 份" in page
    assert "¥5,880,000.00" in page
    assert "合计 3 套 5,880,000.00 150,000.00 1 份已盖章" in page


def test_a_long_register_is_shown_by_parts_and_walked_by_the_last_case_shown():
    lines = [SimpleNamespace(case=f"RG-{n}") for n in range(401)]

    first, page = part(lines, "")
    second, further = part(lines, page.after)
    last, end = part(lines, further.after)

    assert [len(first), len(second), len(last)] == [200, 200, 1]
    assert first + second + last == lines
    assert end.after == ""


def test_the_period_chooses_by_the_day_of_subscription(house, visit, three):
    today = timezone.localdate()
    client = visit("wu")

    before = words(
        client.get(
            url("subscriptions") + f"?from={today - timedelta(days=30)}&to={today - timedelta(days=9)}"
        )
    )
    turned = words(client.get(url("subscriptions") + f"?from={today}&to={today - timedelta(days=1)}"))

    assert "这段期间没有登记认购" in before
    assert "共 3 份" in turned


def test_a_subscription_not_yet_registered_is_not_in_the_register(house, visit, ago):
    house.handed_in(at=ago)

    assert "这段期间没有登记认购" in words(visit("wu").get(url("subscriptions")))


def test_a_voided_subscription_is_shown_but_counts_under_its_new_number_only(house, visit, three):
    house.take(three[0], "reissue", "deng", timezone.now(), reason="房号写错")

    page = words(visit("wu").get(url("subscriptions")))

    assert "已作废重开" in page
    assert "另有作废 1 份" in page


@pytest.mark.clause("I-5.1-5a")
def test_the_share_of_mortgage_buyers_with_a_bank_chosen_at_subscription_leads_to_its_cases(
    house, visit, three
):
    client = visit("zhou")
    page = client.get(url("subscriptions")).content.decode()

    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))
    chosen = re.search(r'href="([^"]*bank=chosen[^"]*)"', page)[1].replace("&amp;", "&")
    left_out = re.search(r'href="([^"]*bank=open[^"]*)"', page)[1].replace("&amp;", "&")
    counted = words(client.get(url("subscriptions") + chosen))
    others = words(client.get(url("subscriptions") + left_out))
    assert "50.0 %" in text
    assert "1／2 份" in text
    assert "共 1 份" in counted
    assert "罗小满" in counted
    assert "唐若水" not in counted
    assert "共 1 份" in others
    assert "唐若水" in others


@pytest.mark.clause("I-5.1-5a")
def test_a_bank_chosen_after_registration_does_not_count_and_one_chosen_before_does(house, ago):
    late = house.registered(at=ago, unit=0, **LOAN)
    house.take(late, "choose_bank", "wu", timezone.now(), bank="工商银行")
    in_time = house.handed_in(at=ago, unit=1, **LOAN)
    house.take(in_time, "choose_bank", "lin", ago + timedelta(minutes=20), bank="工商银行")
    house.take(in_time, "director_sign", "gao", ago + timedelta(minutes=30), opinion="同意")
    house.take(
        in_time,
        "check_and_register",
        "wu",
        ago + timedelta(minutes=50),
        control_ok=True,
        price_ok=True,
        payment_ok=True,
    )
    changed = house.registered(at=ago, unit=2, bank="建设银行", **LOAN)
    house.take(changed, "choose_bank", "wu", timezone.now(), bank="工商银行")

    lines = {line.case: line.bank_in_time for line in register.rows(Subscription.objects.exclude(number=""))}

    assert lines == {late.number: False, in_time.number: True, changed.number: True}
    assert register.banks(register.rows(Subscription.objects.exclude(number=""))).percent == Decimal(200) / 3


def test_the_register_masks_people_for_posts_that_do_not_need_them(house, visit, three):
    page = words(visit("jiang").get(url("subscriptions")))

    assert "苏**" in page
    assert "苏清越" not in page
    assert "1501" not in page.replace(str(timezone.localdate().year), "")


def test_only_the_own_projects_are_in_the_register(house, visit, three):
    from guiju.org.models import Holding

    Holding.objects.filter(person=house.song).update(project_id=house.project.pk + 1000)

    assert "这段期间没有登记认购" in words(visit("song").get(url("subscriptions") + "?project=all"))


def test_the_register_asks_the_database_as_often_for_one_line_as_for_three(house, visit, ago):
    client = visit("wu")

    def asked() -> int:
        client.get(url("subscriptions"))
        with CaptureQueriesContext(connection) as seen:
            client.get(url("subscriptions"))
        return len(seen)

    house.registered(at=ago, unit=0, **LOAN)
    one = asked()
    for unit in (1, 2):
        house.registered(at=ago, unit=unit, buyers=[house.buyer("罗小满"), house.buyer("罗大满")], **LOAN)

    assert asked() == one


# --- exports ----------------------------------------------------------------------------------------------------------
def ask(house, client, **changed):
    today = timezone.localdate()
    sent = {
        "what": "subscriptions", "kind": "xlsx", "project": house.project.pk, "begin": today - timedelta(days=1),
        "end": today, "reason": "交集团做年度审计",
    } | changed  # fmt: skip
    return client.post(url("export_new"), sent)


def approve(client, row, decision="approve", note=""):
    return client.post(url("export_decide", row.pk), {f"e{row.pk}.note": note, "decision": decision})


def cells(answer) -> list[list[object]]:
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    return [[cell.value for cell in line] for line in sheet.iter_rows()]


def test_an_export_is_asked_for_approved_by_another_taken_once_and_logged(house, visit, three):
    wu, zhou = visit("wu"), visit("zhou")
    ask(house, wu)
    row = ExportRequest.objects.get()
    early = wu.post(url("export_take", row.pk))
    approve(zhou, row, note="只给审计")

    answer = wu.post(url("export_take", row.pk))
    again = wu.post(url("export_take", row.pk))

    row.refresh_from_db()
    assert early.status_code == again.status_code == 422
    assert "还没有批准" in words(early)
    assert "已导出过一次" in words(again)
    assert row.state == "taken"
    assert row.rows == 3
    assert row.sha256 == hashlib.sha256(answer.content).hexdigest()
    assert [
        event.actor_id
        for step in ("org.ask_for_export", "org.decide_export", "org.take_export")
        for event in Event.objects.filter(step=step)
    ] == [house.wu.pk, house.zhou.pk, house.wu.pk]


@pytest.mark.clause("E-4.4-a")
def test_the_file_masks_people_and_flats_and_carries_the_watermark(house, visit, three):
    ask(house, visit("wu"))
    row = ExportRequest.objects.get()
    approve(visit("zhou"), row)

    answer = visit("wu").post(url("export_take", row.pk))

    lines = cells(answer)
    flat = " ".join(str(value) for line in lines for value in line if value is not None)
    assert answer["Content-Disposition"].startswith("attachment")
    assert "no-store" in answer["Cache-Control"]
    assert f"导出 {row.pk} 号" in lines[0][0]
    for text in ("吴敏 申请", "周岚 批准", "仅限：交集团做年度审计"):
        assert text in lines[0][0]
    assert "苏**" in flat
    assert "苏清越" not in flat
    assert "1501" not in flat
    assert lines[2][:5] == ["编号", "日期", "房号", "买受人", "成交总价（元）"]
    assert lines[3][4] == 1960000
    assert lines[-1][4] == 5880000


def test_the_register_is_taken_as_a_printed_form(house, visit, three):
    ask(house, visit("wu"), kind="pdf")
    row = ExportRequest.objects.get()
    approve(visit("zhou"), row)

    answer = visit("wu").post(url("export_take", row.pk))

    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF")


def test_the_units_of_a_project_are_taken_with_areas_prices_and_state(house, visit, three):
    ask(house, visit("wu"), what="units")
    row = ExportRequest.objects.get()
    approve(visit("zhou"), row)

    lines = cells(visit("wu").post(url("export_take", row.pk)))

    assert lines[3][3:4] == ["1501"]
    assert lines[3][6] == 100
    assert lines[3][9] == 2000000
    assert lines[3][10] == "已认购"
    assert lines[6][10] == "可售"
    assert lines[-1][:1] == ["合计"]
    assert lines[-1][3] == "4 套"


def test_nobody_approves_the_own_export(house, visit, three):
    ask(house, visit("zhou"))
    row = ExportRequest.objects.get()

    answer = approve(visit("zhou"), row)

    row.refresh_from_db()
    assert answer.status_code == 422
    assert "不能批准自己的申请" in words(answer)
    assert row.state == "asked"


def test_a_refusal_needs_its_reason_and_is_told(house, visit, three):
    ask(house, visit("wu"))
    row = ExportRequest.objects.get()

    without = approve(visit("zhou"), row, "refuse")
    approve(visit("zhou"), row, "refuse", "用不到这么多")

    page = words(visit("wu").get(url("exports")))
    assert without.status_code == 422
    assert "用不到这么多" in page
    assert "下载一次" not in page.replace("本人下载一次", "")


def test_an_export_without_purpose_is_refused_beside_its_field(house, visit):
    answer = ask(house, visit("wu"), reason="")

    assert answer.status_code == 422
    assert 'id="f-reason-error"' in answer.content.decode()
    assert not ExportRequest.objects.exists()


def test_posts_without_personal_data_ask_for_none(house, visit):
    answer = ask(house, visit("jiang"))

    assert answer.status_code == 422
    assert "不能申请导出" in words(answer)


def test_somebody_elses_export_is_not_found(house, visit, three):
    ask(house, visit("wu"))
    row = ExportRequest.objects.get()

    assert visit("lin").post(url("export_take", row.pk)).status_code == 404
    assert approve(visit("lin"), row).status_code == 404
    assert "交集团做年度审计" not in words(visit("lin").get(url("exports")))
    assert visit("zhou").post(url("export_take", row.pk)).status_code == 422


def test_a_name_that_looks_like_a_formula_stays_a_text():
    table = Table(
        "名单",
        (Column("姓名"), Column("金额", MONEY)),
        [("=1+1", Decimal("2.50"))],
        ("合计", Decimal("2.50")),
    )

    book = openpyxl.load_workbook(
        io.BytesIO(tables.workbook(table, watermark="导出 1 号", made_at=timezone.now()))
    )

    cell = book.active["A4"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")
    assert book.active["B4"].value == 2.5
    assert tables.paper(table).rows == (("=1+1", "2.50"),)


def test_pages_of_registers_and_exports_have_no_inline_script_or_style(house, visit, three):
    ask(house, visit("wu"))

    for name in ("subscriptions", "exports", "export_new"):
        page = visit("zhou").get(url(name)).content.decode()
        assert page.count("<h1") == 1
        assert not re.search(r"<script(?![^>]*src=)", page)
        assert not re.search(r"\s(style|on[a-z]+)=\"", page)
