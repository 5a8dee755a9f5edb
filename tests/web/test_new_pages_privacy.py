"""E-4.4-a, E-4.4-b on the pages of reception, after-sales, complaints, call-backs and notices: who needs no names sees none."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from guiju.customers.models import Customer
from guiju.customers.operations.entries import enter, index_customer
from guiju.demo.invented import identity
from guiju.estate.models import Building, Project, Unit
from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.org.models import Company, Look
from guiju.org.operations.secrecy import classify_case
from guiju.quality.models import Complaint
from guiju.sales.models import Deal, DealBuyer
from tests.stories.conftest import BORN

pytestmark = pytest.mark.django_db

NAME, PHONE = "欧阳清越", "19900003456"
WORDS = "欧阳家主卧飘窗漏水，墙皮起泡"


@pytest.fixture
def cases(house, ago):
    """The owner of unit 1501 with one case of each process of the front desk, opened an hour ago."""
    at = timezone.now() - timedelta(hours=1)
    customer = enter(
        company_id=house.project.company_id, name=NAME, identity=identity(BORN, 77), phone=PHONE, at=ago
    )
    unit = house.units[0]
    deal = Deal.objects.create(unit=unit, project=house.project, stage=Deal.SIGNED, opened_at=ago)
    DealBuyer.objects.create(deal=deal, customer=customer, position=1)
    index_customer(Customer.objects.get(pk=customer.pk), scope_ids=(house.project.pk,))

    def opened(process, by, **given):
        event = engine.open_case(
            process, by=house.people[by], at=at, given=given, chain_id=house.project.company_id, scope_id=house.project.pk,
            links=[("unit", unit.pk), ("customer", customer.pk)],
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    event = engine.open_case(
        "visit", by=house.wu, at=at, chain_id=house.project.company_id, scope_id=house.project.pk,
        given={
            "for_case": opened("after_sales", "wu", words="另一处渗水", contact_name=NAME, contact_phone=PHONE, need="修好",
                               problem="漏水", service="repair", part="outer_wall", symptom="渗水", unit=unit.pk).number,
            "place": "云栖里一期", "contact_name": NAME, "contact_phone": PHONE, "purpose": "渗水", "trade": "general",
        },
        links=[("unit", unit.pk), ("customer", customer.pk)],
    )  # fmt: skip
    return {
        "visit": Case.objects.get(pk=event.case_id),
        "customer": customer,
        "reception": opened(
            "reception", "ma", channel="call", kind="repair", phone=PHONE, customer=customer.pk, unit=unit.pk,
            words=WORDS, need="修好", problem="漏水", category="leak_window",
        ),
        "complaint": opened(
            "complaint", "ma", channel="call", words=WORDS, complainant=NAME, phone=PHONE, customer=customer.pk,
            unit=unit.pk,
        ),
        "after_sales": opened(
            "after_sales", "wu", words=WORDS, contact_name=NAME, contact_phone=PHONE, need="修好", problem="漏水",
            service="repair", part="outer_wall", symptom="渗水", unit=unit.pk, customer=customer.pk,
        ),
        "callback": opened("callback", "ma", kind="asked", reason="问修好没有", contact_name=NAME, contact_phone=PHONE),
    }  # fmt: skip


def pages(cases):
    found = [
        "/", "/todos/", "/cases/?tab=all", "/reception/", "/reception/?tab=all", "/reception/letters/", "/reception/inbox/",
        f"/reception/new/?phone={PHONE}", f"/reception/new/?q={PHONE[-4:]}", "/complaints/", "/complaints/repeats/",
        "/complaints/new/", "/callbacks/", "/feedback/", "/feedback/?show=all", "/notices/?tab=all", "/board/",
        "/observations/", "/knowledge/", f"/customers/{cases['customer'].pk}/", f"/search/?q={PHONE[-4:]}",
        f"/technician/visits/{cases['visit'].number}/", "/technician/", "/aftersales/", "/aftersales/plan/",
        f"/aftersales/{cases['after_sales'].number}/", f"/cases/{cases['complaint'].number}/survey/paper/",
        f"/cases/{cases['complaint'].number}/record/", f"/reception/{cases['reception'].number}/",
    ]  # fmt: skip
    for process in ("reception", "complaint", "after_sales", "callback"):
        number = cases[process].number
        found += [
            f"/cases/{number}/",
            f"/cases/{number}/papers/",
            f"/cases/{number}/notices/",
            f"/cases/{number}/survey/",
        ]
    return found


def shown(text):
    """What the page says, without what was typed into its own address and fields."""
    return re.sub(r'(value|href|action|content|data-[\w-]+)="[^"]*"', "", text)


@pytest.mark.clause("E-4.4-a")
@pytest.mark.parametrize("who", ["jiang", "admin"])
def test_auditor_and_administrator_see_no_name_and_no_number_on_any_page(cases, visit, who):
    client = visit(who)
    leaks = []
    for page in pages(cases):
        answer = client.get(page)
        assert answer.status_code in (200, 302, 403, 404), (page, answer.status_code)
        text = shown(answer.content.decode())
        plain = text.replace(" ", "")
        if NAME in text or (PHONE in plain and "?phone" not in page):
            leaks.append(page)

    assert leaks == []


@pytest.mark.clause("E-4.4-b")
def test_a_confidential_case_of_the_desk_is_on_no_page_of_others(cases, house, visit):
    now = timezone.now()
    secret = {}
    for process in ("reception", "complaint", "after_sales", "callback"):
        case = cases[process]
        classify_case(case=case, secrecy="confidential", reason="涉及诉讼", by=house.zhou, at=now)
        secret[process] = case.number
    stranger = visit("deng")  # the signing supervisor: in the project, without a part in any of them
    leaks = []
    for page in pages(cases):
        text = stranger.get(page).content.decode()
        leaks += [
            (page, process) for process, number in secret.items() if number in text and number not in page
        ]

    assert leaks == []
    reader = visit("zhou")
    assert all(number in reader.get("/cases/?tab=all").content.decode() for number in secret.values())


@pytest.mark.clause("E-4.4-a")
@pytest.mark.parametrize(
    ("page", "process"),
    [
        ("/reception/{}/", "reception"),
        ("/cases/{}/record/", "complaint"),
        ("/aftersales/{}/", "after_sales"),
        ("/technician/visits/{}/", "visit"),
    ],
)
def test_looking_at_people_on_the_pages_of_the_desk_is_logged(cases, visit, house, page, process):
    answer = visit("zhou").get(page.format(cases[process].number))

    assert answer.status_code == 200
    assert Look.objects.filter(person=house.zhou, kind="case", key=str(cases[process].pk)).count() == 1


@pytest.mark.clause("E-4.4-b")
def test_the_survey_form_of_a_confidential_case_is_printed_by_its_readers_only(cases, house, visit):
    case = cases["complaint"]
    page = f"/cases/{case.number}/survey/paper/"
    assert visit("jiang").get(page).status_code == 403
    classify_case(case=case, secrecy="confidential", reason="涉及诉讼", by=house.zhou, at=timezone.now())

    assert visit("ma").get(page).status_code == 403  # she took it down, and may read it
    assert visit("zhou").get(page).status_code == 200


def test_a_held_call_leads_to_no_other_site(visit):
    for wanted in ("https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"):
        answer = visit("ma").post("/reception/hold/", {"phone": PHONE, "next_call": wanted})
        assert answer["Location"] == "/reception/new/"
    kept = visit("ma").post(
        "/reception/hold/", {"phone": PHONE, "next_call": "/reception/call/?phone=19900009999"}
    )
    assert kept["Location"] == "/reception/call/?phone=19900009999"


def test_a_complaint_of_the_company_takes_no_unit_of_another(house):
    other = Company.objects.get(kind="parent")
    project = Project.objects.create(code="YD1", name="异地一期", company=other)
    building = Building.objects.create(project=project, name="1号楼")
    foreign = Unit.objects.create(project=project, building=building, room="101", floor=1)

    event = engine.open_case(
        "complaint", by=house.ma, at=timezone.now(), given={"words": "漏水", "unit": foreign.pk},
        chain_id=house.project.company_id, scope_id=None,
    )  # fmt: skip

    assert Complaint.objects.get(case_id=event.case_id).unit is None


@pytest.mark.clause("E-4.4-a")
def test_a_list_with_telephone_numbers_is_one_look_of_the_day(cases, visit, house):
    guest = cases["customer"]
    for page, kind, key in (
        ("/callbacks/", "list", "callbacks"),
        (f"/customers/{guest.pk}/merge/", "list", "customers_alike"),
        ("/aftersales/plan/", "case", str(cases["visit"].pk)),
    ):
        client = visit("zhou")
        for _ in range(2):
            assert client.get(page).status_code == 200, page
        assert Look.objects.filter(person=house.zhou, kind=kind, key=key).count() == 1, page
