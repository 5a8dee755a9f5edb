"""E-mail against a real SMTP server on loopback."""

from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller

from guiju.notify.models import Message
from guiju.notify.operations.channels import set_channel
from guiju.notify.outbox import send
from guiju.notify.templates import _templates, template
from tests.notify.conftest import NOON, TEN, again, worked
from tests.processes import PATIENCE, free_port

State = Message.State


class Postman:
    """Takes mail, or answers with the code it was told."""

    def __init__(self):
        self.mails, self.answer = [], "250 OK"

    async def handle_DATA(self, server, session, envelope):
        if self.answer.startswith("250"):
            self.mails.append(envelope)
        return self.answer


@pytest.fixture
def postman():
    handler = Postman()
    handler.port = free_port()
    controller = Controller(handler, hostname="127.0.0.1", port=handler.port, ready_timeout=PATIENCE)
    controller.start()
    yield handler
    controller.stop()


@pytest.fixture(autouse=True)
def mailing(house, company, postman):
    before = dict(_templates)
    template("t.mail", "邮件", channels=("email",), text="{name}：\n附上处理结果。", subject="关于 {number}")
    set_channel(
        company=company, way="email", on=True, by=house.people["admin"], at=NOON,
        config={
            "host": "127.0.0.1", "port": str(postman.port), "sender": "客户服务 <service@example.com>",
            "security": "none",
        },
    )  # fmt: skip
    yield
    _templates.clear()
    _templates.update(before)


def mail(to, case):
    values = {"name": "苏清越", "number": case.number}
    return send(template="t.mail", to=to, values=values, case=case, at=NOON)


def test_a_mail_arrives_with_subject_words_and_our_key(postman, case, to):
    message = mail(to, case)

    worked(NOON + TEN)

    (envelope,) = postman.mails
    read = message_from_bytes(envelope.content, policy=policy.default)
    assert envelope.rcpt_tos == ["su@example.com"]
    assert read["Subject"] == f"关于 {case.number}"
    assert read.get_content().replace("\r\n", "\n").strip() == "苏清越：\n附上处理结果。"
    assert read["Message-ID"] == f"<{message.uuid}@example.com>"
    assert again(message).state == State.SENT


def test_a_mail_that_is_refused_for_good_fails_and_one_refused_for_now_waits(postman, case, to):
    postman.answer = "550 no such user"
    gone = mail(to, case)
    worked(NOON + TEN)
    postman.answer = "451 try later"
    later = mail(to, case)
    worked(NOON + TEN)

    assert (again(gone).state, again(gone).why) == (State.DEAD, "电子邮件：邮件被拒：550")
    assert (again(later).state, again(later).attempts) == (State.WAITING, 1)
    postman.answer = "250 OK"
    worked(again(later).next_at)
    assert again(later).state == State.SENT


def test_a_subject_with_a_line_break_cannot_forge_a_header(house, company, postman, case, to):
    template("t.forged", "邮件", channels=("email",), text="正文在此。", subject="关于 {number}")

    message = send(
        template="t.forged", to=to, values={"number": "1\r\nBcc: spy@example.com"}, case=case, at=NOON
    )
    worked(NOON + TEN)

    (envelope,) = postman.mails
    assert envelope.rcpt_tos == ["su@example.com"]
    assert message_from_bytes(envelope.content)["Bcc"] is None
    assert again(message).state == State.SENT


def test_a_server_that_is_away_is_tried_again(house, company, case, to):
    set_channel(
        company=company, way="email", on=True, by=house.people["admin"], at=NOON,
        config={"host": "127.0.0.1", "port": "1", "sender": "a@example.com", "security": "none"},
    )  # fmt: skip
    message = mail(to, case)

    worked(NOON + TEN)

    assert (again(message).state, again(message).attempts) == (State.WAITING, 1)
    assert "连不上邮件服务器" in again(message).why
