"""A contractor's worker takes part by a link with a code by SMS, without an account."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.models import Case, Event
from guiju.kernel.reactions import run_due
from guiju.notify.models import Link, Message
from guiju.papers.models import AttachmentUse
from guiju.quality.models import RecordEntry
from tests.stories.conftest import PNG, House


@pytest.fixture
def dispatched(house: House) -> Case:
    at = timezone.now() - timedelta(hours=1)
    event = engine.open_case(
        "contractor_work", by=house.wu, at=at, chain_id=house.project.company_id, scope_id=house.project.pk,
        given={"contractor": "恒筑防水", "contact": "李工", "phone": "19900002222", "scope": "飘窗重做防水"},
        links=[("unit", house.units[0].pk)],
    )  # fmt: skip
    for _ in range(2):
        run_due(at + timedelta(minutes=1), limit=100)
    return Case.objects.get(pk=event.case_id)


def inside(link: Link) -> Client:
    """A phone that has typed the code it was sent."""
    phone = Client()
    phone.post(f"{link.url_path}code/", {"act": "send"})
    code = re.search(r"\d{6}", Message.objects.filter(template="portal.code").latest("pk").body).group()
    phone.post(f"{link.url_path}code/", {"act": "check", "code": code})
    return phone


def test_the_contractor_gets_one_link_and_sees_nothing_without_the_code(dispatched: Case):
    link = Link.objects.get(case=dispatched)
    message = Message.objects.get(case=dispatched, template="contractor.dispatch")

    assert link.phone == "19900002222"
    assert dispatched.number in message.body
    assert "飘窗重做防水" not in Client().get(link.url_path).content.decode()


def test_the_worker_takes_the_work_on_and_reports_it_done_without_an_account(dispatched: Case):
    link = Link.objects.get(case=dispatched)
    phone = inside(link)
    assert "飘窗重做防水" in phone.get(link.url_path).content.decode()

    refused = phone.post(link.url_path, {"act": "accept", "by_whom": ""})
    assert refused.status_code == 422
    shown = phone.get(link.url_path).content.decode()
    key = re.search(r'name="key" value="([^"]+)"', shown).group(1)
    for _ in range(2):  # pressed twice
        taken = phone.post(
            link.url_path, {"act": "accept", "by_whom": "李工", "starts_date": "2026-11-23", "key": key}
        )
        assert taken.status_code == 302
    dispatched.refresh_from_db()
    assert dispatched.state == "working"

    untested = phone.post(link.url_path, {"act": "report", "words": "重做两遍", "test": "淋水还渗"})
    assert "测试合格后才能报告完工" in untested.content.decode()
    done = {"act": "report", "words": "重做两遍", "test": "淋水不渗", "passed": "on"}
    text = SimpleUploadedFile("a.txt", b"hello", "text/plain")
    assert phone.post(link.url_path, done | {"photos": [text]}).status_code == 422
    picture = SimpleUploadedFile("完工.png", PNG, "image/png")
    phone.post(link.url_path, done | {"photos": [picture]})
    dispatched.refresh_from_db()
    assert dispatched.state == "done"
    used = AttachmentUse.objects.get(case=dispatched, kind="contractor_photo")
    assert RecordEntry.objects.get(case=dispatched, kind="done").data["photos"] == [used.attachment.sha256]
    assert RecordEntry.objects.get(case=dispatched, kind="accepted").data["by_whom"] == "李工"
    assert Event.objects.filter(case=dispatched, step="report", actor_id=None).exists()
    assert "现在没有要您办的事" in phone.get(link.url_path).content.decode()
