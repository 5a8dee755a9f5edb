"""
The sender of notices, for tests that kill it.

`python -m tests.failure.sending write NUMBER URL`: reach an SMS operator at URL and write so many urgent messages.
`… send SECONDS`: send all that is due, with the clock moved forward by SECONDS.
"""

import sys
from datetime import timedelta

import django

django.setup()

from django.utils import timezone  # noqa: E402

from guiju.notify import sending  # noqa: E402
from guiju.notify.operations.channels import set_channel, set_filing  # noqa: E402
from guiju.notify.outbox import Recipient, send  # noqa: E402
from guiju.org.models import Person  # noqa: E402


def main(what, number, url=""):
    at, admin = timezone.now(), Person.objects.get(username="admin")
    if what == "write":
        company = admin.company
        set_channel(company=company, way="sms", on=True, config={"url": url}, by=admin, at=at)
        for template in ("", "portal.code"):
            set_filing(
                company=company, kind="notice", template=template, text="示范置业", state="filed", number="1", by=admin,
                at=at,
            )  # fmt: skip
        for n in range(int(number)):
            send(
                template="portal.code", to=Recipient("address", None, "", f"1990000{n:04d}"), case=None, at=at,
                values={"code": f"{n:06d}", "minutes": 5}, key=f"killed {n}", company_id=company.pk,
            )  # fmt: skip
    else:
        print("sending", flush=True)
        while sending.deliver_due(at + timedelta(seconds=int(number)), limit=5):
            pass


if __name__ == "__main__":
    main(*sys.argv[1:])
