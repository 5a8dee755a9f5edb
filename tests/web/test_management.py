"""Importing, people and posts, changing an operating standard: on the page, from end to end."""

import io
import re

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from guiju.estate.models import Project, Unit
from guiju.kernel.models import Deviation
from guiju.registers.models import Import
from tests.web.test_pages import ticked, words


def price_list(
    *rows, heads=("楼栋", "单元", "楼层", "房号", "建筑面积", "单价", "总价")
) -> SimpleUploadedFile:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    sheet = book.add_worksheet("一房一价")
    sheet.write(0, 0, "云岭里一房一价表")
    for line, row in enumerate([heads, *rows], 1):
        for column, cell in enumerate(row):
            sheet.write(line, column, cell)
    book.close()
    return SimpleUploadedFile("一房一价.xlsx", target.getvalue())


GOOD = [("1号楼", "1", 2, f"20{n}", 100.5, 20000, 2010000) for n in range(1, 4)]
BAD = ("1号楼", "1", 3, "301", 100.5, 20000, 1)


def test_a_price_list_is_previewed_then_imported_and_its_refused_row_offered_to_mend(
    house, visit, settings, tmp_path
):
    client = visit("deng")

    uploaded = client.post("/imports/", {"kind": "units", "project": "YL1", "file": price_list(*GOOD, BAD)})
    preview = client.get(uploaded.url)
    assert not Project.objects.filter(code="YL1").exists()
    done = client.post(uploaded.url, {"act": "apply"})

    made = Import.objects.get()
    shown = words(client.get(done.url))
    mend = client.get(reverse("web:import_refused", args=[made.pk]))
    assert "新建项目" in words(preview)
    # What a new row writes is read before it is written, in the words of the pages.
    assert "计价方式 按建筑面积，建筑面积 100.50，单价 20,000.00，总价 2,010,000.00" in words(preview)
    assert (made.read, made.created, made.rejected) == (4, 3, 1)
    assert Unit.objects.filter(project__code="YL1").count() == 3
    assert "一房一价 6" in shown
    assert mend.content[:2] == b"PK"
    assert client.get(uploaded.url).status_code == 404


def test_columns_are_corrected_on_the_page_and_remembered(house, visit):
    heads = ("楼栋", "单元", "楼层", "房号", "建筑面积", "甲", "总价")
    client = visit("deng")
    url = client.post(
        "/imports/", {"kind": "units", "project": "YL1", "file": price_list(*GOOD, heads=heads)}
    ).url
    page = client.get(url).content.decode()
    fingerprint = re.search(r'name="map\.([0-9a-f]{64})\.unit_price"', page)[1]
    columns = {"building": 0, "entrance": 1, "floor": 2, "room": 3, "area": 4, "unit_price": 5, "total": 6}

    client.post(
        url,
        {"act": "apply", "changed": "1"} | {f"map.{fingerprint}.{name}": at for name, at in columns.items()},
    )
    again = client.post(
        "/imports/", {"kind": "units", "project": "YL1", "file": price_list(*GOOD, heads=heads)}
    ).url

    chosen = re.search(r'unit_price">(.*?)</select>', client.get(again).content.decode(), re.S)[1]
    assert 'value="5" selected' in chosen


def test_a_file_that_is_no_register_is_refused_with_the_reason(house, visit):
    client = visit("deng")
    file = price_list(("甲", "乙"), heads=("姓名", "年龄"))

    url = client.post("/imports/", {"kind": "units", "project": "YL1", "file": file}).url
    answer = client.get(url)

    assert answer.status_code == 422
    assert "这不是" in words(answer)


def test_sales_do_not_import(visit):
    assert visit("lin").get("/imports/").status_code == 403


def test_a_control_point_is_freed_by_its_post_with_a_reason(house, visit):
    case = house.handed_in(at=timezone.now())
    house.take(case, "director_sign", "gao", timezone.now(), opinion="同意")
    option = house.option(case, "check_and_register", "wu")
    point = next(state.point for state in option.points if state.point.required and not state.point.hard)
    holder = {"cs_manager": "zhou", "deputy_gm": "sun"}[option.policy.override_post]
    url = reverse("web:override", args=[case.number, "check_and_register", point.key])

    page = words(visit(holder).get(reverse("web:case", args=[case.number])))
    refused = visit("wu").post(url, {"reason": "来不及了先办"})
    visit(holder).post(url, {"reason": "原件在途，明日补"})

    assert "放行这一项" in page
    assert refused.status_code == 403
    assert Deviation.objects.get(case=case).allowed_by == house.people[holder].pk
    assert "原件在途" in words(visit("jiang").get("/audit/"))


def test_a_case_shows_its_chart_with_where_it_stands(house, visit):
    case = house.handed_in(at=timezone.now())

    page = words(visit("gao").get(reverse("web:case_chart", args=[case.number])))

    assert "现在是「待总监审核」" in page


def test_reading_a_standard_is_noted(house, visit):
    client = visit("wu")

    client.post("/sops/KF-ZY-01/read/", {"version": "1.0"})

    assert "你已学习这一版" in words(client.get("/sops/KF-ZY-01/"))


@pytest.mark.parametrize("who", ["gao", "zhou"])
def test_somebody_elses_step_says_first_whose_it_is(house, visit, who):
    case = house.registered(at=timezone.now())

    page = words(visit(who).get(reverse("web:case", args=[case.number])))

    assert "须由财务收款员办理" in page


def test_the_cashiers_form_knows_amount_payer_and_account(house, visit):
    case = house.registered(at=timezone.now())
    url = reverse("web:step", args=[case.number, "confirm_deposit"])

    page = visit("he").get(url).content.decode()
    answer = visit("he").post(
        url,
        {
            "amount": "50,000.00",
            "method": "transfer",
            "account": "4400 0000 0001",
            "voucher": "V2026",
            "payer": "苏清越",
            "cleared": "1",
        }
        | ticked(house, case, "confirm_deposit", "he"),
    )

    assert 'value="50000.00"' in page
    assert 'value="苏清越"' in page
    assert answer.status_code == 302
