"""The glossary: the definitions of the operating standard, one step away from every page."""

import pytest
from django.urls import reverse

from guiju.sop.models import Version
from tests.web.test_pages import PLAIN, words


@pytest.mark.clause("I-1-u")
def test_the_glossary_holds_the_definitions_of_the_operating_standard(house, visit):
    page = words(visit("wu").get(reverse("web:glossary")))

    for term in ("集团各子公司", "集团关联企业", "集团成员大会", "本部门、客户服务部", "签订购房合同、签约"):
        assert term in page
    assert "在经营活动中，与经营组织利益相关联的个人和团体。" in page
    assert "由集团全体成员组成，是集团的最高权力机构。" in page


@pytest.mark.clause("I-1-u")
@pytest.mark.parametrize("name", PLAIN)
def test_the_glossary_is_one_step_away_from_every_page(visit, name):
    page = visit("wu").get(reverse(f"web:{name}")).content.decode()

    assert f'href="{reverse("web:glossary")}"' in page


def test_the_glossary_is_reached_from_a_case_and_from_its_step(house, visit):
    from django.utils import timezone

    case = house.lock(at=timezone.now())

    for url in (reverse("web:case", args=[case.number]), reverse("web:step", args=[case.number, "hand_in"])):
        assert f'href="{reverse("web:glossary")}"' in visit("lin").get(url).content.decode()


def test_without_the_standard_the_page_says_what_is_missing(house, visit):
    Version.objects.filter(document__code="KF-SC-00").update(state="draft")

    page = words(visit("wu").get(reverse("web:glossary")))

    assert "还没有生效的版本" in page
    assert "控制要点" in page
