"""Every look at what customers told is an event (DECISIONS 20): the step, the letter, the unit; not for who sees it masked."""

from django.urls import reverse
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case, Event
from guiju.org.models import Look
from guiju.papers.models import Attachment
from guiju.papers.operations.attachments import store
from tests.stories.conftest import PNG, House


def test_the_step_the_letter_and_the_unit_note_who_looked_once_a_day(house: House, visit):
    at = timezone.now()
    # Another picture than the one that everybody's scans are.
    letter = store(file=PNG + b"\0", name="来函.png", by=house.ma, at=at)
    said = {"words": "飘窗渗水", "quality": True, "complainant": "苏清越", "letters": [letter.sha256]}
    event = engine.open_case(
        "complaint", by=house.ma, at=at, given=said, chain_id=house.project.company_id, scope_id=house.project.pk,
        links=[("unit", house.units[0].pk)],
    )  # fmt: skip
    case = Case.objects.get(pk=event.case_id)
    pages = {
        ("case", case.pk): reverse("web:step", args=[case.number, "plan"]),
        ("file", Attachment.objects.get(sha256=letter.sha256).pk): reverse("web:attachment", args=[letter.sha256]),
        ("unit", house.units[0].pk): reverse("web:unit", args=[house.units[0].pk]),
    }  # fmt: skip

    for url in (*pages.values(), *pages.values()):
        assert visit("wu").get(url).status_code == 200, url

    looks = set(Look.objects.filter(person=house.wu).values_list("kind", "key"))
    assert looks >= {(kind, str(key)) for kind, key in pages}
    assert Event.objects.filter(step="org.look", actor_id=house.wu.pk).count() == len(looks)

    # Who sees it masked sees nobody, and whoever brought a file need not be noted for it.
    visit("ma").get(pages["file", Attachment.objects.get(sha256=letter.sha256).pk])
    visit("jiang").get(pages["unit", house.units[0].pk])
    assert visit("jiang").get(reverse("web:attachment", args=[letter.sha256])).status_code in (403, 404)
    assert not Look.objects.filter(person__in=[house.ma, house.people["jiang"]]).exists()
