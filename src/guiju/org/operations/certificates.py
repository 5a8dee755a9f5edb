"""Training certificates and licences on the staff record, and the warning before they expire (G-5.2-b)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from guiju.kernel.numbering import ZONE
from guiju.kernel.refusals import Refused
from guiju.org.gates import require_administrator
from guiju.org.models import Certificate, Company, Person
from guiju.org.operations.recording import record

#: How long before its last day a certificate is warned about.
WARNED = timedelta(days=60)


class UnableToAddCertificate(Refused):
    """The certificate is not put on the record; the text says why."""


@transaction.atomic
def add_certificate(
    *,
    person: Person,
    name: str,
    by: Person,
    at: datetime,
    number: str = "",
    issued_date: date | None = None,
    expires_date: date | None = None,
) -> Certificate:
    """
    Put a certificate on a person's record.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToAddCertificate: no name, issued in the future, or it ends before it begins.
    """
    require_administrator(by, company_id=person.company_id, at=at)
    if not name.strip():
        raise UnableToAddCertificate("请填写证书名称。")
    if issued_date is not None and issued_date > at.astimezone(ZONE).date():
        raise UnableToAddCertificate("发证日期不能晚于今天。")
    if issued_date is not None and expires_date is not None and expires_date < issued_date:
        raise UnableToAddCertificate("有效期不能早于发证日期。")
    made = Certificate.objects.create(
        person=person,
        name=name.strip(),
        number=number.strip(),
        issued_date=issued_date,
        expires_date=expires_date,
    )
    given = {
        "person": person.pk,
        "name": made.name,
        "expires": expires_date.isoformat() if expires_date is not None else "",
    }
    record(person.company_id, "add_certificate", by=by, at=at, given=given)
    return made


@transaction.atomic
def drop_certificate(*, certificate: Certificate, reason: str, by: Person, at: datetime) -> None:
    """
    Take a certificate off the record (entered by mistake, or withdrawn); the event keeps what it was.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToAddCertificate: no reason.
    """
    company_id = certificate.person.company_id
    require_administrator(by, company_id=company_id, at=at)
    if not reason.strip():
        raise UnableToAddCertificate("请填写撤下的原因。")
    given = {
        "person": certificate.person_id,
        "name": certificate.name,
        "number": certificate.number,
        "reason": reason.strip(),
    }
    certificate.delete()
    record(company_id, "drop_certificate", by=by, at=at, given=given)


@dataclass(frozen=True)
class Standing:
    """A certificate and how it stands on a day: days left (negative: expired), None without an end."""

    certificate: Certificate
    left: int | None

    @property
    def expired(self) -> bool:
        """Whether its last day is past."""
        return self.left is not None and self.left < 0

    @property
    def soon(self) -> bool:
        """Whether it expires within the time of warning."""
        return self.left is not None and 0 <= self.left <= WARNED.days

    @property
    def words(self) -> str:
        """Say it in a phrase."""
        if self.left is None:
            return "长期有效"
        if self.expired:
            return f"已过期 {-self.left} 天"
        return f"还有 {self.left} 天到期" if self.soon else "有效"


def certificates_of(person: Person, *, at: datetime) -> list[Standing]:
    """Return a person's certificates, those that expire first before others, those without an end last."""
    return _standing(list(person.certificates.order_by("expires_date", "pk")), at)


def expiring(company: Company, *, at: datetime) -> list[Standing]:
    """Return certificates of people at work that expired or will within the time of warning, the earliest first."""
    until = at.astimezone(ZONE).date() + WARNED
    rows = Certificate.objects.filter(
        person__company=company, person__is_active=True, expires_date__lte=until
    ).select_related("person")
    return _standing(list(rows.order_by("expires_date", "pk")), at)


def _standing(rows: list[Certificate], at: datetime) -> list[Standing]:
    today = at.astimezone(ZONE).date()
    found = [Standing(row, (row.expires_date - today).days if row.expires_date else None) for row in rows]
    return sorted(found, key=lambda one: (one.left is None, one.left or 0))
