"""Customers on pages: two entries side by side, merged and taken apart; corrections; letters and consents."""

import re
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from guiju.api.operations.tokens import make_token
from guiju.customers.models import CareContact, Consent, Contact, Customer, Merge
from guiju.customers.operations.entries import enter, letter
from guiju.estate.models import Project
from guiju.kernel.models import CaseLink
from guiju.org.models import Holding, Person
from guiju.papers.models import SealUse
from guiju.sales.models import DealBuyer
from tests.web.test_pages import words


def url(name, *rest):
    return reverse(f"web:{name}", args=rest)


@pytest.fixture
def bought(house, ago):
    """A buyer with a flat and a case."""
    house.handed_in(at=ago)
    return DealBuyer.objects.get().customer


@pytest.fixture
def double(house, bought):
    """The same person entered a second time, without an identity number, with the same phone."""
    return Customer.objects.create(
        company=house.project.company, name="苏青越", phone=bought.phone, phone_index=bought.phone_index,
        recorded_at=timezone.now(), source="来访登记",
    )  # fmt: skip


@pytest.mark.clause("E-4.4-b")
def test_who_works_in_another_project_only_does_not_see_its_buyers(house, visit, bought, ago):
    other = Project.objects.create(code="ZZ9", name="外项目", company=house.project.company)
    stranger = Person.objects.create(
        username="waimian", name="外面", company=house.project.company, joined_at=ago
    )
    held = Holding.objects.filter(person=house.wu).first()
    Holding.objects.create(
        person=stranger, post=held.post, company=held.company, project_id=other.pk, from_at=ago
    )
    visitor = enter(
        company_id=held.company_id, name="欧阳来访", identity="E12345678", phone="19900007777", at=ago
    )
    client = visit("wu")
    client.force_login(stranger)

    listed = words(client.get(url("customers")))

    assert "欧阳来访" in listed
    assert bought.name not in listed
    assert client.get(url("customer", bought.pk)).status_code == 404
    assert client.get(url("customer", visitor.pk)).status_code == 200
    _, token = make_token(person=stranger, by=None, at=timezone.now())
    program = {"Authorization": f"Bearer {token}"}
    assert client.get(f"/api/v1/customers/{bought.pk}", headers=program).status_code == 404
    assert client.get(f"/api/v1/customers/{visitor.pk}", headers=program).status_code == 200

    for someone in (bought, visitor):
        CareContact.objects.create(
            customer=someone,
            company=held.company,
            due_date=date(2026, 11, 20),
            subject="入住一年问候",
            planned_at=ago,
            person=house.wu,
        )
    cared = words(client.get("/reception/", {"tab": "care"}))

    assert "欧阳来访" in cared
    assert bought.name not in cared

    sealed = house.sealed(at=ago, unit=1)
    number = SealUse.objects.get(case=sealed).number

    assert number not in words(client.get(url("seals")))
    client.force_login(house.people["zhou"])
    assert number in words(client.get(url("seals")))
    # With two projects and none chosen the page of imports has no code to suggest.
    client.force_login(house.people["zhou"])
    assert client.get(url("imports")).status_code == 200


def test_double_entries_are_found_by_phone_and_offered(house, visit, bought, double):
    client = visit("wu")

    page = words(client.get(url("customer", bought.pk)))
    listed = words(client.get(url("customer_merge", bought.pk)))

    assert "可能有 1 条重复登记" in page
    assert "苏青越" in listed
    assert "电话" in listed


def test_two_entries_stand_side_by_side_with_what_differs(house, visit, bought, double):
    page = words(visit("wu").get(url("customer_merge", bought.pk) + f"?with={double.pk}"))

    assert "左边： 苏清越" in page
    assert "右边： 苏青越" in page
    assert "电话 199 0000 1111 199 0000 1111 一致" in page
    assert "不同" in page
    assert "一边没有" in page
    assert bought.identity_number not in page


def test_two_entries_become_one_with_a_reason_and_are_taken_apart_again(house, visit, bought, double):
    Contact.objects.create(customer=double, kind="wechat", value="suqy")
    client, place = visit("wu"), url("customer_merge", double.pk) + f"?with={bought.pk}"

    empty = client.post(place, {"keep": "right", "reason": ""})
    done = client.post(place, {"keep": "right", "reason": "本人带身份证核对过"}, follow=True)

    double.refresh_from_db()
    row = Merge.objects.get()
    assert empty.status_code == 422
    assert 'id="f-reason-error"' in empty.content.decode()
    assert double.merged_into == bought
    assert row.merged_by == house.wu
    assert "本人带身份证核对过" in words(done)
    assert "suqy" in words(done)

    client.post(url("customer_separate", bought.pk, row.pk))

    double.refresh_from_db()
    assert double.merged_into is None
    assert double.contacts.count() == 1
    assert "撤销" in words(client.get(url("customer", bought.pk)))


def test_purchases_and_cases_move_with_the_entry_that_is_folded(house, visit, bought, double):
    visit("wu").post(
        url("customer_merge", double.pk) + f"?with={bought.pk}", {"keep": "left", "reason": "电话和住址一致"}
    )

    page = words(visit("wu").get(url("customer", double.pk)))
    assert DealBuyer.objects.get().customer == double
    assert CaseLink.objects.get(kind="customer").key == double.pk
    assert "1号楼 1单元 1501" in page


def test_two_identity_numbers_are_never_made_one_person(house, visit, bought):
    other = enter(
        company_id=house.project.company_id, name="苏清越", identity="110101199003078515", at=timezone.now()
    )
    client, place = visit("wu"), url("customer_merge", bought.pk) + f"?with={other.pk}"

    shown = client.get(place)
    forced = client.post(place, {"keep": "left", "reason": "同名"})

    assert "证件号码不同，不是同一位客户" in words(shown)
    assert 'id="merge-form"' not in shown.content.decode()
    assert forced.status_code == 422
    assert not Merge.objects.exists()


def test_only_posts_that_keep_files_merge(house, visit, bought, double):
    assert visit("lin").get(url("customer_merge", bought.pk)).status_code == 403
    assert visit("jiang").get(url("customer_merge", bought.pk)).status_code == 403
    assert "找重复登记" not in words(visit("lin").get(url("customer", bought.pk)))


def test_an_entry_of_another_company_is_not_found(house, visit, bought):
    from guiju.org.models import Company

    elsewhere = Customer.objects.create(
        company=Company.objects.exclude(pk=house.project.company_id).first(),
        name="外人",
        recorded_at=timezone.now(),
    )

    assert visit("wu").get(url("customer_merge", bought.pk) + f"?with={elsewhere.pk}").status_code == 404


@pytest.mark.clause("E-3.5-b")
def test_a_correction_goes_through_the_step_of_the_case(house, visit, ago):
    case = house.registered(at=ago)
    customer = DealBuyer.objects.get().customer

    page = visit("wu").get(url("customer", customer.pk)).content.decode()
    place = url("step", case.number, "correct")
    answer = visit("wu").post(
        place, {"buyer": "1", "what": "phone", "value": "19900002222", "reason": "客户来电更换号码"}
    )

    customer.refresh_from_db()
    assert f'href="{place}"' in page
    assert answer.status_code == 302
    assert customer.phone == "19900002222"


def test_letters_contacts_and_consents_are_shown_and_masked_for_who_does_not_need_them(house, visit, bought):
    agent = enter(
        company_id=house.project.company_id, name="钱多多", identity="110101199003078515", at=timezone.now()
    )
    letter(
        principal=bought, agent=agent, kind="agent", matters="办理认购手续", valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1), notarised=True, attachment="", at=timezone.now(),
    )  # fmt: skip
    Contact.objects.create(customer=bought, kind="phone", value="19900003333", remark="晚上打")
    Consent.objects.create(
        customer=bought,
        purpose="marketing",
        given=True,
        how="来访时勾选",
        recorded_at=timezone.now(),
        recorded_by=house.wu,
    )

    page = words(visit("wu").get(url("customer", bought.pk)))
    masked = words(visit("jiang").get(url("customer", bought.pk)))

    for text in ("代理人： 钱多多", "办理认购手续", "已公证", "晚上打", "营销信息", "来访时勾选"):
        assert text in page, text
    assert "钱多多" not in masked
    assert "19900003333" not in re.sub(r"\D", "", masked)


def test_the_customer_page_asks_the_database_as_often_for_several_cases(house, visit, ago):
    client = visit("wu")

    def asked(customer) -> int:
        client.get(url("customer", customer.pk))
        with CaptureQueriesContext(connection) as seen:
            client.get(url("customer", customer.pk))
        return len(seen)

    same = house.buyer()
    house.registered(at=ago, buyers=[same])
    customer = DealBuyer.objects.get().customer
    one = asked(customer)
    for unit in (1, 2):
        house.registered(at=ago, unit=unit, buyers=[same])

    assert DealBuyer.objects.filter(customer=customer).count() == 3
    assert asked(customer) == one
