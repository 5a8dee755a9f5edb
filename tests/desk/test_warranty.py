"""Who pays, reckoned by hand: 建设工程质量管理条例 40 from completion, 住宅质量保证书规定 5 from handover, the later wins."""

from datetime import date

import pytest

from guiju.desk.models import WarrantyStart, WarrantyTerm
from guiju.desk.warranty import COOLING, PARTS, Payer, Term, add_months, decide, part_of

# Building accepted on 2023-06-30, flats handed over on 2023-12-28 (the house of after-sales).
TABLE = [
    # part, reported, payer, last day of warranty
    ("roof", date(2028, 6, 30), Payer.BUILDER, date(2028, 6, 30)),  # 5 years from 2023-06-30
    (
        "roof",
        date(2028, 7, 1),
        Payer.COMMON,
        date(2028, 6, 30),
    ),  # past both; 3 years from handover ended 2026-12-28
    ("outer_wall", date(2025, 9, 26), Payer.BUILDER, date(2028, 6, 30)),
    ("wet_room", date(2028, 6, 30), Payer.BUILDER, date(2028, 6, 30)),
    ("wet_room", date(2028, 7, 1), Payer.OWNER, date(2028, 6, 30)),
    (
        "pipe_leak",
        date(2025, 6, 30),
        Payer.BUILDER,
        date(2025, 6, 30),
    ),  # 2 years; 1 year from handover: 2024-12-28
    ("pipe_leak", date(2025, 7, 1), Payer.OWNER, date(2025, 6, 30)),
    ("pipe_block", date(2024, 2, 28), Payer.DEVELOPER, date(2024, 2, 28)),  # two months from handover
    ("pipe_block", date(2024, 2, 29), Payer.OWNER, date(2024, 2, 28)),
    ("lamp", date(2024, 6, 28), Payer.DEVELOPER, date(2024, 6, 28)),  # six months from handover
    ("lamp", date(2024, 6, 29), Payer.OWNER, date(2024, 6, 28)),
    ("electrical", date(2025, 6, 30), Payer.BUILDER, date(2025, 6, 30)),
    ("equipment", date(2025, 7, 1), Payer.COMMON, date(2025, 6, 30)),
    # Heating periods 15 November to 15 March: two whole ones after 2023-06-30 end on 2025-03-15; one whole one after
    # the handover of 2023-12-28 (in the middle of a period) is 2024-11-15 to 2025-03-15.
    ("heating", date(2025, 3, 15), Payer.BUILDER, date(2025, 3, 15)),
    ("heating", date(2025, 3, 16), Payer.OWNER, date(2025, 3, 15)),
    # Cooling periods 1 June to 30 September: whole ones after 2023-06-30 are 2024 and 2025.
    ("cooling", date(2025, 9, 30), Payer.BUILDER, date(2025, 9, 30)),
    ("structure", date(2073, 6, 30), Payer.BUILDER, date(2073, 12, 28)),
    ("structure", date(2073, 12, 28), Payer.DEVELOPER, date(2073, 12, 28)),
    ("other", date(2024, 1, 1), Payer.OWNER, None),
]


@pytest.mark.clause("F-1-a")
def test_the_later_of_both_terms_holds_and_its_last_day_counts(service):
    found = []
    for part, reported, _, _ in TABLE:
        verdict = decide(part=PARTS[part], unit=service.units[0], reported_date=reported)
        found.append((part, reported, verdict.payer, verdict.ends_date))
        assert verdict.rules

    assert found == TABLE


@pytest.mark.clause("F-1-a")
def test_a_flat_handed_over_late_is_the_developers_after_the_builders_term(service):
    WarrantyStart.objects.filter(unit=service.units[0]).update(start_date=date(2025, 3, 31))

    verdict = decide(part=PARTS["pipe_leak"], unit=service.units[0], reported_date=date(2025, 9, 26))

    # Builder until 2025-06-30, developer one year from 2025-03-31.
    assert (verdict.payer, verdict.ends_date) == (Payer.DEVELOPER, date(2026, 3, 31))


@pytest.mark.clause("F-1-a")
def test_what_the_warranty_paper_promises_longer_holds(service):
    WarrantyTerm.objects.create(
        project=service.project, part="lamp", months=24, valid_from=date(2023, 1, 1), basis="住宅质量保证书"
    )

    verdict = decide(part=PARTS["lamp"], unit=service.units[0], reported_date=date(2025, 12, 28))

    assert (verdict.payer, verdict.ends_date) == (Payer.DEVELOPER, date(2025, 12, 28))
    assert any("住宅质量保证书约定 2 年" in line for line in verdict.rules)


@pytest.mark.clause("F-1-a")
def test_what_the_customer_did_is_the_customers_whatever_the_term(service):
    for code, words in (("misuse", "使用不当"), ("altered", "自行改动"), ("force_majeure", "不可抗力")):
        verdict = decide(
            part=PARTS["wet_room"], unit=service.units[0], reported_date=date(2024, 1, 5), excluded=code
        )

        assert (verdict.payer, verdict.covered) == (Payer.OWNER, False)
        assert any(words in line for line in verdict.rules)


@pytest.mark.clause("F-1-a")
def test_days_that_are_not_on_file_are_read_for_the_customer(service):
    WarrantyStart.objects.all().delete()

    verdict = decide(part=PARTS["wet_room"], unit=service.units[0], reported_date=date(2035, 1, 1))

    assert (verdict.payer, verdict.ends_date) == (Payer.DEVELOPER, None)
    assert any("查清以前不向客户收费" in line for line in verdict.rules)


def test_shops_have_the_agreed_term_and_the_builders(service):
    unit = service.units[0]
    unit.kind = "shop"
    unit.save()

    past = decide(part=PARTS["plaster"], unit=unit, reported_date=date(2025, 7, 1))
    WarrantyTerm.objects.create(
        project=service.project, part="plaster", unit_kind="shop", months=36, valid_from=date(2023, 1, 1),
        basis="补充协议",
    )  # fmt: skip
    agreed = decide(part=PARTS["plaster"], unit=unit, reported_date=date(2026, 12, 28))

    assert (past.payer, past.ends_date) == (Payer.OWNER, date(2025, 6, 30))
    assert (agreed.payer, agreed.ends_date) == (Payer.DEVELOPER, date(2026, 12, 28))


def test_a_building_older_than_the_regulation_has_no_builders_term(service):
    WarrantyStart.objects.filter(unit=None).update(start_date=date(1999, 12, 31))
    WarrantyStart.objects.filter(unit=service.units[0]).update(start_date=date(2000, 3, 1))

    verdict = decide(part=PARTS["roof"], unit=service.units[0], reported_date=date(2003, 3, 1))

    assert (verdict.payer, verdict.ends_date) == (Payer.DEVELOPER, date(2003, 3, 1))
    assert any("还没有施行" in line for line in verdict.rules)


def test_fit_out_in_the_first_half_year_is_ours_to_prove(service):
    line = "由本公司证明不是瑕疵"
    within = decide(part=PARTS["plaster"], unit=service.units[0], reported_date=date(2024, 6, 28))
    after = decide(part=PARTS["plaster"], unit=service.units[0], reported_date=date(2024, 6, 29))

    assert any(line in words for words in within.rules)
    assert not any(line in words for words in after.rules)


@pytest.mark.parametrize(
    ("start", "months", "ends"),
    [
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2023, 12, 31), 2, date(2024, 2, 29)),
        (date(2023, 12, 28), 24, date(2025, 12, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_of_the_month(start, months, ends):
    assert add_months(start, months) == ends


def test_seasons_are_counted_whole():
    assert Term(seasons=1).ends(date(2024, 11, 15)) == date(2025, 3, 15)
    assert Term(seasons=1).ends(date(2024, 11, 16)) == date(2026, 3, 15)
    assert Term(seasons=2, season=COOLING).ends(date(2024, 6, 2)) == date(2026, 9, 30)


def test_an_unknown_part_is_what_only_an_agreement_covers():
    assert part_of("").code == part_of("nothing").code == "other"
