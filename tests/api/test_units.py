"""Units, customers, SOPs and uploads: what the outside may see, and nothing in full that is personal."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from guiju.customers.models import Customer
from guiju.papers.models import Attachment
from guiju.sales.models import Deal, DealBuyer
from guiju.sop.operations.loading import load_shipped

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


@pytest.fixture
def sold(office):
    """The first unit, sold to somebody."""
    buyer = Customer.objects.create(
        company=office.company, name="苏清越", identity_kind="resident", identity_number="110101190305070018",
        phone="19900001111", address="示范市梧桐巷3号2单元", recorded_at=NOW,
    )  # fmt: skip
    deal = Deal.objects.create(
        unit=office.units[0],
        project=office.project,
        stage=Deal.SIGNED,
        total_price=Decimal("1960000.00"),
        opened_at=NOW,
    )
    DealBuyer.objects.create(deal=deal, customer=buyer, position=1)
    return buyer


def test_units_are_listed_by_key_in_the_scope_and_filtered(office, wu):
    office.units[1].control = "held"
    office.units[1].save()

    everything = wu.get("/units").json()
    first = wu.get("/units", limit=2).json()

    assert [u["short"] for u in everything["items"]] == ["1-1-1501", "1-1-1502", "1-1-1503"]
    assert [u["short"] for u in wu.get("/units", after=first["next"]).json()["items"]] == ["1-1-1503"]
    assert [u["short"] for u in wu.get("/units", control="held", project="YQ1").json()["items"]] == [
        "1-1-1502"
    ]
    assert wu.get("/units", project="YD1").status_code == 404
    assert office.caller("bai").get("/units").json()["items"] == []


def test_a_unit_with_figures_as_text_its_deal_and_cases(office, wu, sold):
    number = office.ask(wu)["number"]

    unit = wu.get(f"/units/{office.units[0].pk}").json()

    assert (unit["area_contract"], unit["list_price"], unit["control_label"]) == (
        "100.00",
        "2000000.00",
        "可售",
    )
    assert (unit["deal"]["stage_label"], unit["deal"]["total_price"]) == ("已签约", "1960000.00")
    assert unit["deal"]["buyers"] == [{"id": sold.pk, "name": "苏**"}]
    assert [case["number"] for case in unit["cases"]] == [number]


@pytest.mark.parametrize("who", ["wu", "bai"])
def test_a_unit_outside_the_scope_is_not_found(office, who):
    unit = office.foreign if who == "wu" else office.units[0]

    assert office.caller(who).get(f"/units/{unit.pk}").status_code == 404


def test_a_customer_is_masked_everywhere(office, wu, sold):
    from guiju.kernel.models import Case, CaseLink

    number = office.ask(wu)["number"]
    CaseLink.objects.create(case=Case.objects.get(number=number), kind="customer", key=sold.pk)

    customer = wu.get(f"/customers/{sold.pk}")
    case = wu.get(f"/cases/{number}")

    said = customer.json()
    assert (said["name"], said["phone"], said["identity_number"]) == (
        "苏**",
        "199 **** 1111",
        "110***********0018",
    )
    assert said["address"].startswith("示范市")
    assert [deal["unit"]["short"] for deal in said["deals"]] == ["1-1-1501"]
    assert [found["number"] for found in said["cases"]] == [number]
    assert case.json()["customers"] == [{"id": sold.pk, "name": "苏**"}]
    for answer in (customer, case, wu.get("/cases"), wu.get(f"/units/{office.units[0].pk}")):
        text = answer.content.decode()
        for secret in ("苏清越", "19900001111", "110101190305070018", "梧桐巷3号"):
            assert secret not in text


def test_a_customer_of_another_company_is_not_found(office, wu):
    stranger = Customer.objects.create(company=office.elsewhere.company, name="外人", recorded_at=NOW)

    assert wu.get(f"/customers/{stranger.pk}").status_code == 404


def test_the_library_of_sops_and_one_of_them(office, wu):
    load_shipped()

    codes = [sop["code"] for sop in wu.get("/sops").json()["items"]]
    sop = wu.get("/sops/KF-ZY-01").json()

    assert "KF-ZY-01" in codes
    assert (sop["process"], sop["version"]) == ("subscription", "1.0")
    assert "steps" in sop["content"]
    assert wu.get("/sops/NO-SUCH").status_code == 404


def upload(caller, content=PNG, name="发票.png", **fields):
    data = {"file": SimpleUploadedFile(name, content), **fields}
    return caller.client.post("/api/v1/attachments", data, headers=caller.headers({}))


def test_a_file_is_taken_in_once_and_named_by_its_content(office, wu):
    first, again = upload(wu, kind="scan", project="YQ1"), upload(wu)

    assert first.status_code == 201
    assert first.json() == again.json()
    assert (first.json()["mime"], first.json()["kind"]) == ("image/png", "scan")
    assert Attachment.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"<html>", b"GIF89a"])
def test_a_file_that_is_nothing_known_is_refused_with_a_reason(office, wu, content):
    answer = upload(wu, content)

    assert answer.status_code == 422
    assert answer.json()["detail"]
    assert Attachment.objects.count() == 0


def test_an_upload_needs_a_file_a_working_post_and_a_project_in_scope(office, wu):
    assert wu.client.post("/api/v1/attachments", {}, headers=wu.headers({})).status_code == 422
    assert upload(office.caller("jiang")).status_code == 403
    assert upload(wu, project="YD1").status_code == 404
    assert Attachment.objects.count() == 0
