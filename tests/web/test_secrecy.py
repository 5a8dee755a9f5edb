"""E-4.4-b: records and documents carry a class that limits who reads, prints and exports them, on pages and over the API."""

import pytest
from django.test import Client
from django.utils import timezone

from guiju.api.operations.tokens import make_token
from guiju.kernel import audit
from guiju.kernel.models import Event
from guiju.org.operations.secrecy import classify_case
from guiju.org.secrecy import Secrecy, may_read, may_take_out
from guiju.papers.models import Attachment, AttachmentUse, Paper
from guiju.papers.offers import print_case

pytestmark = pytest.mark.django_db

SECRET, ORDINARY = "confidential", "personal"


@pytest.fixture
def case(house, ago):
    """Lin's subscription, signed by the director, registered by Wu; Luo and Song had nothing to do with it."""
    return house.registered(at=ago)


def secret(house, case):
    classify_case(case=case, secrecy=SECRET, reason="涉及诉讼", by=house.zhou, at=timezone.now())
    case.refresh_from_db()
    return case


def api(person):
    _, token = make_token(person=person, by=None, at=timezone.now())

    def get(path):
        return Client().get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})

    return get


@pytest.mark.clause("E-4.4-b")
@pytest.mark.parametrize(
    ("who", "read", "out"),
    # May the person read, and take out, things that are open, internal, personal, confidential? (by hand)
    [
        ("zhou", "YYYY", "YYYY"),
        ("sun", "YYYY", "YYYY"),
        ("wu", "YYYn", "YYYn"),
        ("wei", "YYYn", "YYYn"),
        ("jiang", "YYnn", "YYnn"),
        ("admin", "YYnn", "YYnn"),
    ],
)
def test_each_class_has_its_circle(house, who, read, out):
    place = {"company_id": house.project.company_id, "project_id": house.project.pk, "at": timezone.now()}
    classes = [Secrecy.OPEN, Secrecy.INTERNAL, Secrecy.PERSONAL, Secrecy.CONFIDENTIAL]

    person = house.people[who]

    assert "".join("Y" if may_read(person, one, **place) else "n" for one in classes) == read
    assert "".join("Y" if may_take_out(person, one, **place) else "n" for one in classes) == out
    assert may_read(person, SECRET, concerned=True, **place)
    assert may_take_out(person, SECRET, **place) == (out[3] == "Y")


@pytest.mark.clause("E-4.4-b")
def test_a_confidential_case_is_open_to_managers_and_to_those_who_work_on_it_only(house, case, visit):
    page = f"/cases/{case.number}/"
    assert visit("luo").get(page).status_code == 200

    secret(house, case)

    # Zhou manages, Lin opened it, Gao acted on it, He has the next act to do.
    assert {who: visit(who).get(page).status_code for who in ("zhou", "lin", "gao", "he")} == dict.fromkeys(
        ("zhou", "lin", "gao", "he"), 200
    )
    assert {
        who: visit(who).get(page).status_code for who in ("luo", "song", "jiang", "wei")
    } == dict.fromkeys(("luo", "song", "jiang", "wei"), 404)
    for part in ("papers/", "chart/", "steps/confirm_deposit/", "secrecy/"):
        assert visit("song").get(f"{page}{part}").status_code == 404
    assert "机密" in visit("zhou").get(page).content.decode()


@pytest.mark.clause("E-4.4-b")
def test_a_confidential_case_stands_in_no_list_search_or_register_of_others(house, case, visit):
    number, unit = case.number, house.units[0]
    places = ["/cases/", f"/units/{unit.pk}/", f"/search/?q={number}", "/registers/subscriptions/"]

    def leads_there(who):
        link = f'href="/cases/{number}/'
        return [link in visit(who).get(place).content.decode() for place in places]

    assert leads_there("deng") == [True] * 4
    assert number in api(house.deng)("/cases").content.decode()

    secret(house, case)

    assert leads_there("deng") == [False] * 4
    assert leads_there("zhou") == [True] * 4
    assert number not in visit("deng").get(f"/units/{unit.pk}/").content.decode()
    assert number not in api(house.deng)("/cases").content.decode()
    assert api(house.song)(f"/cases/{number}").status_code == 404
    assert api(house.zhou)(f"/cases/{number}").json()["secrecy"] == SECRET


@pytest.mark.clause("E-4.4-b")
def test_papers_of_a_confidential_case_are_printed_and_opened_by_readers_only(house, case, visit):
    now = timezone.now()
    paper = print_case(case, "subscription", by=house.lin, at=now)
    assert visit("wu").get(f"/papers/{paper.pk}/").status_code == 200

    secret(house, case)
    by_worker = visit("wu").get(f"/papers/{paper.pk}/")

    assert by_worker.status_code == 403
    assert "机密事项的单据由总经理、主管副总、客服经理打印和导出" in by_worker.content.decode()
    assert visit("wu").post(f"/cases/{case.number}/papers/print/subscription/").status_code == 403
    assert (
        visit("wu").post(f"/papers/{paper.pk}/again/", {f"again-{paper.pk}.reason": "客户要一份"}).status_code
        == 403
    )
    assert visit("song").get(f"/papers/{paper.pk}/").status_code == 404
    assert visit("zhou").get(f"/papers/{paper.pk}/").status_code == 200
    assert Paper.objects.get().reprints == 0


@pytest.mark.clause("E-4.4-b")
def test_what_is_printed_of_a_confidential_case_is_confidential_itself(house, case):
    secret(house, case)

    paper = print_case(case, "subscription", by=house.zhou, at=timezone.now())

    assert paper.file.secrecy == SECRET


@pytest.mark.clause("E-4.4-b")
@pytest.mark.parametrize(
    ("secrecy", "seen"),
    [
        ("open", {"zhou", "wu", "song", "jiang", "admin"}),
        ("internal", {"zhou", "wu", "song", "jiang", "admin"}),
        ("personal", {"zhou", "wu", "song"}),
        ("confidential", {"zhou", "wu"}),
    ],
)
def test_a_file_of_a_case_is_sent_to_those_of_its_class(house, case, visit, secrecy, seen):
    kept = Attachment.objects.filter(uses__case=case).exclude(uses__kind="paper").first()
    assert kept is not None
    Attachment.objects.filter(pk=kept.pk).update(secrecy=secrecy, uploaded_by=house.gao)

    got = {
        who
        for who in ("zhou", "wu", "song", "jiang", "admin")
        if visit(who).get(f"/attachments/{kept.sha256}/").status_code == 200
    }

    # Wu registered this case: its confidential files are her work. Song is a seller of the project and nothing else.
    assert got == seen


@pytest.mark.clause("E-4.4-b")
def test_making_confidential_and_taking_it_back_have_their_posts_and_leave_a_record(house, case, visit):
    page = f"/cases/{case.number}/secrecy/"

    refused = visit("wu").post(page, {"secrecy": SECRET, "reason": "怕别人看"})
    assert "这件事由" in refused.content.decode()
    assert visit("deng").post(page, {"secrecy": SECRET, "reason": ""}).status_code == 422
    assert visit("deng").post(page, {"secrecy": SECRET, "reason": "客户要求保密"}).status_code == 302
    case.refresh_from_db()
    assert case.secrecy == SECRET

    visit("deng").post(page, {"secrecy": ORDINARY, "reason": "不用了"})
    case.refresh_from_db()
    assert case.secrecy == SECRET  # the supervisor may make confidential, the manager takes it back
    assert visit("zhou").post(page, {"secrecy": ORDINARY, "reason": "诉讼已结束"}).status_code == 302
    case.refresh_from_db()

    assert case.secrecy == ORDINARY
    assert Event.objects.filter(case=case, step="classify").count() == 2
    assert audit.verify().ok
    assert "解除机密" in visit("zhou").get(f"/cases/{case.number}/").content.decode()


@pytest.mark.clause("E-4.4-b")
def test_the_class_of_a_file_is_changed_with_a_reason_by_its_posts(house, case, visit):
    use = AttachmentUse.objects.filter(case=case).exclude(kind="paper").select_related("attachment").first()
    page = f"/cases/{case.number}/secrecy/{use.attachment.sha256}/"
    Attachment.objects.filter(pk=use.attachment_id).update(uploaded_by=house.gao)

    assert visit("zhou").get(f"/cases/{case.number}/secrecy/").status_code == 200
    visit("wu").post(page, {"secrecy": "open", "reason": "给大家看"})
    assert Attachment.objects.get(pk=use.attachment_id).secrecy == ORDINARY
    assert visit("zhou").post(page, {"secrecy": SECRET, "reason": "身份证件"}).status_code == 302

    assert Attachment.objects.get(pk=use.attachment_id).secrecy == SECRET
    assert Event.objects.filter(step="papers.classify").count() == 1
