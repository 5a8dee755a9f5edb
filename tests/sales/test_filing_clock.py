"""The clock of filing, the rules of sale by day, and what counts as the same in the city's data. Table tests."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import pytest

from guiju.estate.models import Building, Project, Unit
from guiju.org.seed import seed_demo_people
from guiju.sales import filing_fields, filings
from guiju.sales.filing_fields import BY_KEY, differences, key_of, same
from guiju.sales.filing_rows import UnableToCompare, read
from guiju.sales.models import BuildingRegime, Milestone
from guiju.sales.regimes import (
    COMPLETED_SALE,
    PRESALE_2026,
    PRESALE_OLD,
    Gate,
    regime_of_building,
    why_not_for_sale,
)
from tests.stories.conftest import WEDNESDAY

SIGNED = date(2026, 11, 20)


@pytest.mark.clause("I-5.3-5d")
@pytest.mark.parametrize(
    ("today", "day", "left", "tone", "words"),
    [
        (date(2026, 11, 20), 0, 30, "ok", "还剩 30 天"),
        (date(2026, 11, 21), 1, 29, "ok", "还剩 29 天"),
        (date(2026, 11, 29), 9, 21, "ok", "还剩 21 天"),
        (date(2026, 11, 30), 10, 20, "brand", "还剩 20 天"),
        (date(2026, 12, 10), 20, 10, "risk", "还剩 10 天"),
        (date(2026, 12, 15), 25, 5, "risk", "还剩 5 天"),
        (date(2026, 12, 17), 27, 3, "risk", "还剩 3 天"),
        (date(2026, 12, 18), 28, 2, "over", "还剩 2 天"),
        # The last day is a Sunday: shown un-rolled.
        (date(2026, 12, 20), 30, 0, "over", "今天到期"),
        (date(2026, 12, 21), 31, -1, "over", "已超期 1 天"),
    ],
)
def test_thirty_days_count_from_the_day_after_signing_and_are_shown_unrolled(today, day, left, tone, words):
    clock = filings.clock_on(SIGNED, today)

    assert filings.due_date(SIGNED) == date(2026, 12, 20)
    assert (clock.day, clock.left, clock.tone, clock.words) == (day, left, tone, words)


@pytest.mark.parametrize(
    ("key", "paper", "city", "expected"),
    [
        ("buyers", "苏清越、周亦安", "周亦安,苏清越", True),
        ("buyers", "苏清越、周亦安", "苏清越", False),
        ("identities", "110108199001010010", "110***********0010".replace("***********", "*" * 11), True),
        ("identities", "110108199001010010", "110108199001010029", False),
        ("area", "100.00", "100", True),
        ("area", "100.00", "100.01", False),
        ("total_price", "1960000.00", "1,960,000.00 元", True),
        ("total_price", "1960000.00", "1960000.01", False),
        ("total_price", "1853869.92", "1853869.92", True),
        ("total_price", "1853869.92", "1853869.9", False),
        ("unit_price", "19632.22", "19,632.22 元/㎡", True),
        ("signed_date", "2026-11-20", "2026年11月20日", True),
        ("signed_date", "2026-11-20", "2026/11/21", False),
        ("room", "1号楼 1单元 1501", "1幢1单元1501室", True),
        ("room", "1号楼 1单元 1501", "示范市梧桐巷 1号楼 1单元 1501", True),
        ("room", "1号楼 1单元 1501", "1号楼 1单元 1502", False),
        ("room", "1号楼 1单元 1501", "11号楼 1501", False),
        ("payment", "银行按揭", "银行按揭 ", True),
    ],
)
def test_values_are_compared_as_people_mean_them(key, paper, city, expected):
    assert same(BY_KEY[key], paper, city) is expected


def test_a_blank_field_that_must_be_there_is_a_difference_and_an_optional_one_is_not():
    paper = {
        "buyers": "苏清越", "identities": "110108199001010010", "room": "1501", "area": "100", "total_price": "1",
        "signed_date": "2026-11-20", "unit_price": "20000",
    }  # fmt: skip

    assert differences(paper, {**paper, "unit_price": ""}) == []
    found = differences(paper, {**paper, "buyers": ""})
    assert [str(one) for one in found] == ["买受人：合同「苏清越」，系统「空白」"]
    # A column that an export does not carry says nothing; a blank cell in one that it does is a difference.
    exported = {key: value for key, value in paper.items() if key != "buyers"}
    assert differences(paper, exported, exported=True) == []
    assert len(differences(paper, {**exported, "buyers": ""}, exported=True)) == 1


def test_headings_of_the_export_are_known_by_other_names_and_the_order_of_the_city_is_kept():
    assert [key_of(one) for one in ("购房人", "合同金额", "建筑面积（㎡）", "流水")] == [
        "buyers", "total_price", "area", "",
    ]  # fmt: skip
    order = [field.key for field in filing_fields.in_order("总价、买受人")]
    assert order[:2] == ["total_price", "buyers"]
    assert set(order) == set(BY_KEY)
    rows = read(
        [
            ["某市网签合同明细"],
            ["合同编号", "购房人", "坐落", "合同金额"],
            ["WQ1", "苏清越", "1501", 1960000.0],
            [None],
        ]
    )
    assert rows == [(3, {"city_number": "WQ1", "buyers": "苏清越", "room": "1501", "total_price": "1960000"})]
    with pytest.raises(UnableToCompare, match="没有认出表头"):
        read([["甲", "乙"], ["1", "2"]])


@pytest.mark.django_db
def test_the_rules_of_sale_follow_the_day_and_old_contracts_keep_the_old_ones():
    people = seed_demo_people(WEDNESDAY)
    project = Project.objects.create(code="YQ1", name="云栖里一期", company=people["admin"].company)
    building = Building.objects.create(project=project, name="1号楼", regime=Building.PRESALE_2026)

    assert regime_of_building(building, date(2026, 8, 27)) is PRESALE_OLD
    assert regime_of_building(building, date(2026, 8, 28)) is PRESALE_2026
    BuildingRegime.objects.create(
        building=building, regime="completed_sale", from_date=date(2027, 1, 1), basis="示范市通知", recorded_at=WEDNESDAY,
    )  # fmt: skip
    assert regime_of_building(building, date(2026, 12, 31)) is PRESALE_2026
    assert regime_of_building(building, date(2027, 1, 1)) is COMPLETED_SALE
    assert [one.payout_gate for one in (PRESALE_OLD, PRESALE_2026, COMPLETED_SALE)] == [
        Gate.TOPPED_OUT, Gate.COMPLETION_FILED, Gate.SALE_FILED,
    ]  # fmt: skip
    assert SimpleNamespace(words=str(PRESALE_2026)).words == "预售（2026 新规）"


@pytest.mark.django_db
def test_by_the_new_rules_nothing_is_sold_before_the_building_is_topped_out():
    people = seed_demo_people(WEDNESDAY)
    project = Project.objects.create(code="YQ1", name="云栖里一期", company=people["admin"].company)
    building = Building.objects.create(project=project, name="1号楼", regime=Building.PRESALE_2026)
    unit = Unit.objects.create(project=project, building=building, room="101")

    assert why_not_for_sale(unit, SIGNED) == "预售（2026 新规）：1号楼还没有主体结构封顶，不能认购、不能收款"
    Milestone.objects.create(
        building=building, kind="topped_out", reached_date=SIGNED, proof="验收记录", recorded_at=WEDNESDAY
    )
    assert why_not_for_sale(unit, date(2026, 11, 19)) is not None
    assert why_not_for_sale(unit, SIGNED) is None
