"""The change register as a page: figures, lines, statistics without names, and the application as people open it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from guiju.kernel.models import Case
from tests.stories.changing import asked, registered, work


@pytest.fixture
def swap(house):
    """A change of flat that customer service has registered just now."""
    at = timezone.now() - timedelta(hours=5)
    house.sealed(at=at - timedelta(days=2))
    work(at)
    return registered(house, asked(house, "swap", at=at, new_unit="1-1-1502", total_price="2000000.00"), at)


@pytest.mark.clause("I-5.2-2b")
def test_the_register_shows_what_changes_and_adds_up(house, swap, visit):
    html = visit("wu").get(reverse("web:changes")).content.decode()

    assert "变更登记表" in html
    assert "BGD-YQ1-" in html
    assert "1号楼 1单元 1502" in html
    assert "待经理审核报批" in html
    assert "换房 <b>1</b>" in html
    answer = visit("wu").get(reverse("web:changes_report"), {"as": "xlsx"})
    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    assert visit("wu").get(reverse("web:changes_report"))["Content-Type"] == "application/pdf"
    assert (
        "这段期间没有变更"
        in visit("wu")
        .get(reverse("web:changes"), {"from": "2020-01-01", "to": "2020-01-31"})
        .content.decode()
    )


def test_auditors_see_the_register_masked(house, swap, visit):
    html = visit("jiang").get(reverse("web:changes")).content.decode()

    assert "苏清越" not in html


@pytest.mark.clause("I-5.2-1a")
def test_the_application_opens_from_the_unit_and_its_page_names_the_next_step(house, swap, visit):
    unit = visit("lin").get(reverse("web:unit", args=[house.units[0].pk])).content.decode()
    assert "认购变更</a>" in unit
    found = (
        visit("lin")
        .get(reverse("web:search"), {"q": swap.change_application.register_number})
        .content.decode()
    )
    assert swap.number in found
    page = visit("lin").get(reverse("web:open", args=["subscription_change"]), {"unit": house.units[0].pk})
    assert page.status_code == 200
    assert "变更内容" in page.content.decode()
    case = Case.objects.get(process="subscription_change")
    html = visit("zhou").get(reverse("web:case", args=[case.number])).content.decode()
    assert "财务还没有核对差价和收据" in html
