"""The form library: the eight forms of the department, who makes them, and the blanks to fill in by hand."""

import io

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from tests.web.test_pages import words

EIGHT = {
    "subscription": ("KF-BD-01", "房产认购书", "第六部分 1"),
    "appointment": ("KF-BD-02", "签约预约及所需提供资料表", "第六部分 2"),
    "contract_approval": ("KF-BD-08", "销售合同审批单", "第六部分 3"),
    "works_change": ("KF-BD-39", "工程变更申请单", "第六部分 4"),
    "subscription_change": ("KF-BD-32", "认购客户房屋变更申请", "第六部分 5"),
    "contract_change": ("KF-BD-33", "签约客户房屋变更申请", "第六部分 6"),
    "refund": ("KF-BD-37", "退房申请、审批表", "第六部分 7"),
    "referral": ("KF-BD-38", "推荐客户确认单", "第六部分 8"),
}


def text_of(answer) -> str:
    assert answer["Content-Type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(b"".join(answer) if answer.streaming else answer.content)).pages
    return "".join("".join(page.extract_text().split()) for page in pages)


@pytest.mark.clause("I-6-0", "I-6-4")
def test_the_library_holds_the_eight_forms_and_prints_each_as_a_blank(house, visit):
    client = visit("wu")

    assert reverse("web:form_library") in client.get(reverse("web:sops")).content.decode()
    page = words(client.get(reverse("web:form_library")))

    for code, (number, title, clause) in EIGHT.items():
        assert f"{number} {title} A/0 {clause}" in page
        paper = text_of(client.get(reverse("web:form_blank", args=[code])))
        assert f"表单编号{number}版次A/0" in paper
        # What is filled in by hand keeps to one sheet; the 认购书 has its terms overleaf.
        assert f"第1页共{3 if code == 'subscription' else 1}页" in paper
        assert title in paper
        assert "None" not in paper
        assert "none" not in paper
    assert "认购审批工作流程" in page
    assert client.get(reverse("web:form_blank", args=["sop"])).status_code == 404


@pytest.mark.clause("I-6-4")
def test_the_works_change_form_takes_unit_buyers_and_contract_from_the_deal_of_the_unit(house, visit):
    case = house.sealed(at=timezone.now())
    deal = house.facts(case).deal
    place = reverse("web:form_blank", args=["works_change"])

    unit_page = visit("wu").get(reverse("web:unit", args=[deal.unit_id])).content.decode()
    paper = text_of(visit("wu").get(place, {"unit": deal.unit_id}))

    assert f"{place}?unit={deal.unit_id}" in unit_page
    for said in (deal.unit.project.name, deal.unit.label, deal.buyers.first().customer.name):
        assert "".join(said.split()) in paper
    for room in ("工程意见", "设计意见", "延长工期", "买受人验收", "一式四份"):
        assert room in paper
    assert visit("wu").get(place, {"unit": 10**9}).status_code == 404
