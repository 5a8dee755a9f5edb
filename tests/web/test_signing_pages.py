"""The signing desk: appointments of the day, the customer's papers ticked on one page, contract texts, documents."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from guiju.api.operations.tokens import make_token
from guiju.kernel.calendar import local_date
from guiju.sales.models import ContractTemplate, PreparedDocument, Signing, TextEntry
from guiju.sales.operations import signing_stock as stock
from tests.stories.signing_desk import Desk, work


@pytest.fixture
def booked(house):
    """A cash buyer who signs tomorrow, with everything a signing draws on."""
    now = timezone.now()
    desk = Desk(house).stocked(at=now - timedelta(days=2), sets=3)
    subscription = house.sealed(at=now - timedelta(hours=5))
    house.take(
        subscription,
        "set_signing_date",
        "deng",
        now - timedelta(minutes=30),
        signing_at=now + timedelta(days=1),
    )
    work(now)
    return desk, desk.of(subscription)


@pytest.mark.clause("I-5.3-1", "I-5.3-4c")
def test_the_desk_shows_the_days_signings_with_what_is_open_and_ticks_papers_on_one_page(booked, visit):
    desk, case = booked
    row = desk.row(case)
    client = visit("wu")
    page = client.get(f"/signing/?day={local_date(row.signing_at)}").content.decode()
    assert case.number in page
    assert "准备文件、填制合同、客户签字、款费" in page
    assert "1 单明天以前要签约，销售还没有领取合同文本" in page
    assert f"0／{row.papers.count()}" in page
    assert case.number not in client.get("/signing/?day=2026-01-01").content.decode()

    # The form of the step itself names papers and people, nobody counts lines.
    form = client.get(f"/cases/{case.number}/steps/check_papers/").content.decode()
    assert "户口簿（未收）" in form and "第几项" not in form
    form = client.get(f"/cases/{case.number}/steps/ask_paper/").content.decode()
    assert ">全体<" in form and "苏清越" in form
    address = f"/signing/{case.number}/papers/"
    page = client.get(address).content.decode()
    assert "户口簿" in page
    assert "公司营业执照副本" in page
    given: dict[str, Any] = {}
    for paper in row.papers.order_by("position"):
        given[f"state-{paper.position}"] = "missing" if paper.name == "户口簿" else "here"
    refused = client.post(f"{address}tick/", given)
    assert (refused.status_code, "户口簿没有收到，请填客户答应补交的日期" in refused.content.decode()) == (
        422,
        True,
    )
    for paper in row.papers.filter(name="户口簿"):
        given[f"promised-{paper.position}"] = f"{local_date(row.signing_at)}"
    assert client.post(f"{address}tick/", given).status_code == 302
    assert [p.name for p in Signing.objects.get().papers.filter(received_at=None)] == ["户口簿"]
    assert "还缺 1 项" in client.get(address).content.decode()
    # Who has nothing to do with the project finds no such page; who only looks gets no form.
    assert "保存核对结果" not in visit("lin").get(address).content.decode()
    assert client.get("/signing/QY-NONE/papers/").status_code == 404


@pytest.mark.clause("I-5.3-2a", "I-5.3-2c", "I-5.3-3c", "I-5.3-1a")
def test_texts_and_documents_are_kept_from_their_pages(booked, visit):
    desk, _ = booked
    client = visit("wu")
    page = client.get("/signing/texts/").content.decode()
    assert "待用 3 套，日储备 20 套，请补 17 套" in page
    assert (
        client.post(
            "/signing/texts/in/", {"template": desk.template.pk, "first": "HTW-0101", "sets": "17"}
        ).status_code
        == 302
    )
    assert "请补" not in client.get("/signing/texts/").content.decode()
    assert TextEntry.objects.filter(act="in").count() == 20
    bad = client.post("/signing/texts/in/", {"template": desk.template.pk, "first": "HTW-9", "sets": "many"})
    assert bad.status_code == 422
    assert "套数：请填数字" in bad.content.decode()

    drawn = {
        "name": "商品房买卖合同（预售）", "version": "2026-2", "late_pay_rate": "1", "late_handover_rate": "1",
        "rescind_after_days": "60", "rescind_percent": "5", "handover_date": "2028-06-30",
        "clauses": "8 逾期付款责任。\n12 逾期交付责任。", "annexes": "平面图\n装修标准",
    }  # fmt: skip
    assert client.post("/signing/texts/draw/", drawn | {"handover_date": "soon"}).status_code == 422
    assert client.post("/signing/texts/draw/", drawn).status_code == 302
    made = ContractTemplate.objects.get(version="2026-2")
    assert ([clause["number"] for clause in made.clauses], made.released_at) == (["8", "12"], None)
    assert client.post("/signing/texts/release/", {"template": made.pk}).status_code == 403
    assert visit("zhou").post("/signing/texts/release/", {"template": made.pk}).status_code == 302

    printed = client.post(
        "/signing/texts/print/", {"first": "2026-01-01", "last": f"{local_date(timezone.now())}"}
    )
    assert (printed.status_code, printed["Content-Type"]) == (200, "application/pdf")
    page = client.get("/signing/documents/").content.decode()
    assert "设备及装修标准" in page
    assert client.post("/signing/documents/ready/", {"kind": "areas", "version": "2026-9"}).status_code == 302
    assert PreparedDocument.objects.get(kind="areas", live=True).version == "2026-9"
    assert client.post("/signing/documents/ready/", {"kind": "none", "version": "1"}).status_code == 422
    assert "登记文件或新版本" not in visit("lin").get("/signing/documents/").content.decode()
    assert stock.reserve_of(desk.house.project, timezone.now()) == 20


def test_a_program_takes_the_steps_of_a_signing_by_itself(booked):
    desk, case = booked
    _, token = make_token(person=desk.house.people["wu"], by=None, at=timezone.now())
    client, headers = Client(), {"Authorization": f"Bearer {token}"}
    address = f"/api/v1/cases/{case.number}"

    seen = client.get(address, headers=headers).json()
    assert "booked" in str(seen["state"])
    refused = client.post(
        f"{address}/steps/sign", '{"given": {"signed_date": "2026-11-24"}}', content_type="application/json",
        headers=headers,
    )  # fmt: skip
    done = client.post(
        f"{address}/steps/give_list", '{"given": {"how": "微信", "receiver": "苏清越"}}',
        content_type="application/json", headers=headers,
    )  # fmt: skip

    assert refused.status_code in (409, 422)
    assert done.status_code == 200, done.content.decode()
    assert (desk.row(case).list_given_how, desk.row(case).list_given_to) == ("微信", "苏清越")


def test_the_form_of_signatures_has_a_line_for_each_buyer_and_names_the_agent_known(booked, visit):
    desk, case = booked
    desk.take(case, "draft", "deng", timezone.now())

    page = visit("wu").get(f"/cases/{case.number}/steps/check_signatures/").content.decode()

    assert "signers.0.buyer" in page
    assert "signers.1.buyer" not in page
