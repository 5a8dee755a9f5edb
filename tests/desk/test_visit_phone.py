"""The technician's phone as the server sees it: acts once only under their key, refusals in words, the signature kept."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from guiju.desk.models import AfterSales, Visit
from guiju.kernel.models import Event
from guiju.org.models import Look
from guiju.papers.models import Paper, Signature
from tests.desk.servicing import PNG, Service, build
from tests.worlds import world

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
STROKES = [[[10 + 3 * n, 40 + (25 if n % 2 else 0), 20 * n] for n in range(30)]]
PICTURE = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"


@world(files=True)
def at_work() -> Service:
    return build(timezone.now() - timedelta(days=60))


@pytest.fixture
def today(at_work) -> Visit:
    """A visit of Kang that is agreed for ten minutes from now; late in the evening, for the end of the day."""
    start = timezone.now() - 4 * HOUR
    visit = at_work.booked(at=start, hours=4)
    midnight = timezone.localtime().replace(hour=23, minute=59, second=59)
    Visit.objects.update(starts_at=min(timezone.now() + 10 * MINUTE, midnight), ends_at=timezone.now() + HOUR)
    visit.refresh_from_db()
    return visit


def phone(service: Service, who: str = "kang") -> Client:
    client = Client(headers={"accept": "application/json"})
    client.force_login(service.people[who])
    return client


def act(client: Client, visit: Visit, step: str, key=None, **given):
    given = {"key": str(key or uuid4()), "happened_at": timezone.now().isoformat()} | given
    return client.post(f"/technician/visits/{visit.case.number}/{step}/", given)


def picture(client: Client) -> str:
    answer = client.post("/attachments/", {"file": SimpleUploadedFile("前.png", PNG, "image/png")})
    return answer.json()["sha256"]


def test_a_whole_visit_by_the_phone_with_the_customers_signature_on_the_work_order(at_work, today):
    client = phone(at_work)
    sha = picture(client)
    ticks = {"points.badge": "1", "points.tools": "1", "points.called": "1"}
    answers = [
        act(client, today, "depart", **ticks),
        act(client, today, "arrive", met="苏清越"),
        act(client, today, "start", who="苏清越", need="不再渗水", before=[sha], **{"points.manners": "1", "points.safe": "1"}),
        act(client, today, "inspect", cause="wear", cause_words="密封胶老化", kind="repair", solution="重打耐候胶", agreed="1",
            who="苏清越", **{"findings.0.item": "密封胶", "findings.0.words": "开裂", "findings.0.ok.shown": "1"}),
        act(client, today, "use", **{"items.0.material": "GL-01", "items.0.quantity": "3"}),
        act(client, today, "finish", done="重打耐候胶", measure="换耐候胶", test="淋水无渗漏", after=[sha], minutes="50",
            **{"points.procedure": "1"}),
        act(client, today, "sign", name="苏清越", signature=json.dumps({"png": PICTURE, "strokes": STROKES})),
    ]  # fmt: skip

    assert [(one.status_code, one.json().get("state")) for one in answers] == [
        (200, "en_route"), (200, "arrived"), (200, "working"), (200, "working"), (200, "working"), (200, "finished"),
        (200, "signed"),
    ]  # fmt: skip
    signature = Signature.objects.get()
    paper = Paper.objects.get(form="work_order")
    assert (signature.signer_name, signature.signed_sha256, signature.paper) == (
        "苏清越",
        paper.sha256,
        paper,
    )
    today.refresh_from_db()
    assert (today.signed_name, today.signature) == ("苏清越", signature.picture.sha256)
    assert AfterSales.objects.get(case_id=today.for_case_id).case.state == "done"


def test_the_same_act_sent_twice_happens_once(at_work, today):
    client, key = phone(at_work), uuid4()
    moment = timezone.now().isoformat()
    first = act(client, today, "arrive", key=key, met="苏清越", happened_at=moment)
    again = act(client, today, "arrive", key=key, met="苏清越", happened_at=moment)

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json()["state"] == again.json()["state"] == "arrived"
    assert Event.objects.filter(case=today.case, step="arrive").count() == 1


def test_the_signature_sent_twice_is_kept_once(at_work, today):
    client, key = phone(at_work), uuid4()
    Visit.objects.update(starts_at=timezone.now() - HOUR, ends_at=timezone.now() + HOUR)
    done = at_work.finished(at=timezone.now() - 8 * HOUR)
    drawn = json.dumps({"png": PICTURE, "strokes": STROKES})
    for _ in range(2):
        assert act(client, done, "sign", key=key, name="苏清越", signature=drawn).status_code == 200

    assert (Signature.objects.count(), Event.objects.filter(case=done.case, step="sign").count()) == (1, 1)


def test_what_is_refused_is_said_with_every_reason(at_work, today):
    client = phone(at_work)
    answer = act(client, today, "start", who="苏清越", need="修好")

    assert answer.status_code == 422
    assert answer.json()["reasons"] == ["现在是「已约定」，到「已到达」时才能办理"]
    stranger = act(phone(at_work, "du"), today, "arrive")
    assert "这次上门派给 康水，由他办理" in stranger.json()["reasons"]
    assert act(phone(at_work, "ma"), today, "arrive").status_code == 403


def test_what_happened_without_a_network_keeps_its_own_moment(at_work, today):
    client = phone(at_work)
    then = timezone.now() - 30 * MINUTE
    Visit.objects.update(starts_at=then, ends_at=then + HOUR)
    act(client, today, "arrive", happened_at=then.isoformat())

    today.refresh_from_db()
    assert (today.arrived_at, today.late_minutes) == (then, 0)


def test_the_pages_work_without_script(at_work, today):
    client = Client()
    client.force_login(at_work.kang)
    listed = client.get("/technician/")
    assert listed.status_code == 200
    assert "1号楼 1单元 1501" in listed.content.decode()
    assert "tel:19900001111" in listed.content.decode()
    client.get("/technician/")
    assert Look.objects.filter(person=at_work.kang, kind="list", key="visits").count() == 1
    page = client.get(f"/technician/visits/{today.case.number}/").content.decode()
    assert "确认需求，开始" in page
    assert "渗漏位置和范围" in page
    wrong = client.post(
        f"/technician/visits/{today.case.number}/start/", {"who": "苏清越", "need": "我写的别丢"}
    )
    assert wrong.status_code == 422
    assert "我写的别丢" in wrong.content.decode()
    right = client.post(
        f"/technician/visits/{today.case.number}/arrive/", {"key": str(uuid4()), "met": "苏清越"}
    )
    assert right.status_code == 302
    worker = client.get("/technician/worker.js")
    assert worker["Content-Type"].startswith("text/javascript")
    assert worker["Service-Worker-Allowed"] == "/technician/"
    assert client.get("/technician/alive/").json()["person"] == str(at_work.kang.pk)
    assert client.get(f"/technician/visits/{today.for_case.number}/").status_code == 404


@pytest.mark.clause("C-3.3-e", "C-4.4-c", "E-1.3-a", "H-2.2-c", "H-2.2-d", "C-2-1", "E-3.5-a", "H-2.3-g")
def test_the_pages_of_the_desk_show_progress_history_departments_and_the_plan(at_work, today):
    case = today.for_case
    now = timezone.now()
    at_work.take(case, "coordinate", "shen", now, to_post="quality", subject="整栋排查", content="窗边渗水")
    earlier = at_work.closed(at=now - timedelta(days=20))
    waiting = at_work.on_site(at=now - HOUR, urgency="urgent")
    client = Client()
    client.force_login(at_work.shen)

    board = client.get("/aftersales/").content.decode()
    assert case.number in board
    assert "满足率 100.0 %" in board
    for tab in ("quiet", "repeat", "closed", "gaps"):
        assert client.get(f"/aftersales/?tab={tab}").status_code == 200
    whole = client.get(f"/aftersales/{waiting.number}/").content.decode()
    assert earlier.number in whole
    assert "建设工程质量管理条例第四十条" in whole
    assert "提出方案" in whole
    assert "整栋排查" in client.get(f"/aftersales/{case.number}/").content.decode()
    plan = client.get("/aftersales/plan/").content.decode()
    assert "云栖里一期 1号楼" in plan
    assert "较急" in plan
    assert "康水" in plan
    masked = Client()
    masked.force_login(at_work.jiang)
    assert "苏清越" not in masked.get(f"/aftersales/{case.number}/").content.decode()
    assert client.get("/aftersales/plan/?visit=x&hour=99&day=nonsense").status_code == 200
