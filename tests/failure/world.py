"""
A sales office made inside an installation's own process: `python -m tests.failure.world UNITS` prints what callers need.

The people of the demonstration, one building of UNITS flats on sale, a token for each post of the subscription.
"""

import json
import sys
from datetime import timedelta
from decimal import Decimal

CALLERS = ("lin", "gao", "wu", "he", "fang", "ma", "deng")
ROOM = 100


def make(count):
    """Make the office; return tokens, units and the hash of a scan as plain values."""
    from django.utils import timezone

    from guiju.api.operations.tokens import make_token
    from guiju.estate.models import Building, Control, Permit, Project, Unit
    from guiju.org.seed import seed_demo_people
    from guiju.papers.models import Seal
    from guiju.papers.operations.attachments import store
    from guiju.papers.operations.seals import add_seal
    from tests.stories.conftest import PNG

    at = timezone.now() - timedelta(days=1)
    people = seed_demo_people(at)
    company = people["admin"].company
    project = Project.objects.create(code="YQ1", name="云栖里一期", company=company)
    building = Building.objects.create(project=project, name="1号楼", position=1)
    Permit.objects.create(project=project, kind="presale", number="示房售证字 007 号").buildings.add(building)
    units = Unit.objects.bulk_create(
        Unit(
            project=project, building=building, entrance="1", floor=1 + n // 4, room=str(ROOM + n), layout="A",
            area_contract=Decimal("100.00"), inner_area=Decimal("80.00"), unit_price=Decimal("20000.00"),
            list_price=Decimal("2000000.00"), control=Control.AVAILABLE,
        )
        for n in range(count)
    )  # fmt: skip
    add_seal(
        company=company,
        kind=Seal.Kind.CONTRACT,
        name="合同专用章",
        keeper=people["fang"],
        by=people["admin"],
        at=at,
    )
    tokens = {name: make_token(person=people[name], by=None, at=at)[1] for name in CALLERS}
    scan = store(file=PNG, name="签字.png", by=people["lin"], at=at).sha256
    return {"tokens": tokens, "units": [unit.pk for unit in units], "scan": scan, "company": company.pk}


if __name__ == "__main__":
    import django

    django.setup()
    print(json.dumps(make(int(sys.argv[1]))))
