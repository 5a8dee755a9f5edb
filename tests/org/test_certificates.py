"""G-5.2-b: certificates on the staff record, with issue and expiry, and the warning before they expire."""

from datetime import date, timedelta

import pytest
from django.test import Client

from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.org.models import Certificate
from guiju.org.operations.certificates import (
    UnableToAddCertificate,
    add_certificate,
    certificates_of,
    drop_certificate,
    expiring,
)

from .conftest import NOW

# NOW is 20 November 2026, 10:00 in Beijing.
TODAY = date(2026, 11, 20)


def add(people, name, expires, *, issued=date(2024, 1, 10), who="wei"):
    return add_certificate(
        person=people[who], name=name, number="示-001", issued_date=issued, expires_date=expires, by=people["admin"],
        at=NOW,
    )  # fmt: skip


@pytest.mark.clause("G-5.2-b")
def test_certificates_that_expire_within_60_days_are_warned_about(people, company):
    add(people, "电工证", TODAY + timedelta(days=60))
    add(people, "防水施工证", TODAY + timedelta(days=61))
    add(people, "登高作业证", TODAY - timedelta(days=1))
    add(people, "内部培训", None)

    rows = certificates_of(people["wei"], at=NOW)

    assert [(row.certificate.name, row.words) for row in rows] == [
        ("登高作业证", "已过期 1 天"),
        ("电工证", "还有 60 天到期"),
        ("防水施工证", "有效"),
        ("内部培训", "长期有效"),
    ]
    assert [row.certificate.name for row in expiring(company, at=NOW)] == ["登高作业证", "电工证"]
    assert Certificate.objects.get(name="电工证").issued_date == date(2024, 1, 10)


@pytest.mark.clause("G-5.2-b")
def test_the_record_is_kept_by_the_administrator_and_dropping_needs_a_reason(people):
    with pytest.raises(NotYourPost):
        add_certificate(person=people["wei"], name="电工证", by=people["zhou"], at=NOW)
    with pytest.raises(UnableToAddCertificate, match="不能晚于今天"):
        add(people, "电工证", None, issued=TODAY + timedelta(days=1))
    with pytest.raises(UnableToAddCertificate, match="不能早于发证日期"):
        add(people, "电工证", date(2024, 1, 9))
    made = add(people, "电工证", date(2027, 1, 9))

    with pytest.raises(UnableToAddCertificate):
        drop_certificate(certificate=made, reason=" ", by=people["admin"], at=NOW)
    drop_certificate(certificate=made, reason="登错了人", by=people["admin"], at=NOW)

    assert not Certificate.objects.exists()
    assert Event.objects.filter(step__in=["org.add_certificate", "org.drop_certificate"]).count() == 2


@pytest.mark.clause("G-5.2-b")
def test_the_pages_show_the_warning_and_take_a_certificate_in(people):
    add(people, "登高作业证", date(2020, 1, 1), issued=date(2018, 1, 1))
    client = Client()
    client.force_login(people["admin"])
    wei = people["wei"].pk

    sent = client.post(
        f"/people/{wei}/certificates/new/",
        {"name": "电工证", "issued_date": "2024-01-10", "expires_date": "2099-01-09"},
    )

    assert sent.status_code == 302
    page = client.get(f"/people/{wei}/").content.decode()
    assert "电工证" in page
    assert "已过期" in page
    listed = client.get("/people/certificates/").content.decode()
    assert "登高作业证" in listed
    assert "电工证" not in listed
    client.force_login(people["zhou"])
    assert client.get(f"/people/{wei}/certificates/new/").status_code == 403
