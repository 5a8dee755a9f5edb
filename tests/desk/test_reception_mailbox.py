"""The mailbox of the desk against a real IMAP server on the own machine."""

import imaplib
import shutil
import socket
import subprocess
import sys
from email.message import EmailMessage
from pathlib import Path

import pytest

from guiju.desk import mailbox
from guiju.desk.models import Incoming, Mailbox
from guiju.desk.operations.inbox import UnableToSort, open_item, put_aside
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import BadlyFilled
from guiju.papers.models import AttachmentUse
from tests.processes import free_port, wait_for
from tests.stories.at_the_desk import HOUR, desk
from tests.stories.conftest import PNG, WEDNESDAY, beijing, house

__all__ = ["desk", "house"]

USER, PASSWORD = "desk", "letters"


@pytest.fixture(scope="module")
def server():
    """A mail server with one empty mailbox; gives its port."""
    program = Path(sys.executable).parent / "pymap"
    found = str(program) if program.exists() else shutil.which("pymap")
    if found is None:
        pytest.skip("needs pymap")
    port = free_port()
    with subprocess.Popen(
        [found, "--host", "127.0.0.1", "--port", str(port), "--no-tls", "dict", "--demo-data", "--demo-user", USER,
         "--demo-password", PASSWORD],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    ) as running:  # fmt: skip

        def answers():
            assert running.poll() is None, "the mail server did not start"
            try:
                socket.create_connection(("127.0.0.1", port), timeout=60).close()
            except OSError:
                return False
            return True

        wait_for(answers)
        yield port
        running.terminate()


@pytest.fixture
def box(server):
    """Empty the mailbox; return a function that delivers a mail, and the address for the program."""
    with imaplib.IMAP4("127.0.0.1", server) as client:
        client.login(USER, PASSWORD)
        client.select("INBOX")
        client.store("1:*", "+FLAGS", r"(\Deleted)")
        client.expunge()

    def deliver(content: EmailMessage | bytes) -> None:
        with imaplib.IMAP4("127.0.0.1", server) as client:
            client.login(USER, PASSWORD)
            raw = content if isinstance(content, bytes) else content.as_bytes()
            client.append("INBOX", None, None, raw)

    deliver.url = f"imap://{USER}:{PASSWORD}@127.0.0.1:{server}/INBOX"
    return deliver


def mail(subject="主卧飘窗又漏水", text="昨晚又漏了，请尽快修。", key="<1@owner.example>", **more):
    message = EmailMessage()
    message["From"] = more.get("sender", "许文静 <xu@owner.example>")
    message["To"] = "desk@company.example"
    message["Subject"] = subject
    message["Date"] = "Wed, 18 Nov 2026 08:30:00 +0800"
    if key:
        message["Message-ID"] = key
    message.set_content(text)
    return message


def poll(desk, box, at=WEDNESDAY):
    return mailbox.poll(box.url, company_id=desk.house.project.company_id, at=at)


@pytest.mark.clause("C-3.1-b", "C-3.1-f", "F-2.1-b", "H-2.1-b")
def test_a_mail_is_taken_in_once_opened_by_name_and_becomes_a_case_that_keeps_it(desk, box):
    message = mail()
    message.add_attachment(PNG, maintype="image", subtype="png", filename="飘窗.png")
    box(message)

    assert poll(desk, box) == 1
    assert poll(desk, box) == 0
    item = Incoming.objects.get()
    assert (item.sender, item.address, item.subject) == ("许文静", "xu@owner.example", "主卧飘窗又漏水")
    assert item.text == "昨晚又漏了，请尽快修。"
    assert item.sent_at == beijing("2026-11-18 08:30")
    assert (len(item.files), item.opened_at) == (1, None)

    open_item(item, by=desk.house.ma, at=WEDNESDAY + HOUR)
    open_item(item, by=desk.house.wu, at=WEDNESDAY + 2 * HOUR)
    assert (item.opened_by, item.opened_at) == (desk.house.ma, WEDNESDAY + HOUR)
    case = desk.receive(channel="email", words=item.text, incoming=item.pk, at=WEDNESDAY + HOUR)
    item.refresh_from_db()
    assert item.case == case
    assert AttachmentUse.objects.filter(case=case, attachment__sha256=item.files[0]).exists()
    with pytest.raises(BadlyFilled, match="这一件已登记过"):
        desk.receive(channel="email", incoming=item.pk)
    assert Case.objects.filter(process="reception").count() == 1
    desk.take(case, "hand_on", at=WEDNESDAY + HOUR, to="after_sales")
    assert Case.objects.get(number=desk.row(case).handed_to).process == "after_sales"


def test_the_same_mail_delivered_twice_and_one_without_a_number_are_each_taken_once(desk, box):
    box(mail())
    box(mail())
    box(mail(key="", subject="没有编号的"))
    box(mail(key="", subject="没有编号的"))

    assert poll(desk, box) == 2
    assert poll(desk, box) == 0


def test_odd_mails_stop_nothing(desk, box):
    html = EmailMessage()
    html["From"], html["Message-ID"], html["Subject"] = (
        "owner@owner.example",
        "<2@x>",
        "=?gb2312?B?zuzKww==?=",
    )
    html.set_content("<p>厨房也漏</p><script>alert(1)</script><p>请回电</p>", subtype="html")
    box(html)
    box(b"From: x@y.example\r\nMessage-ID: <3@x>\r\nContent-Type: text/plain; charset=gb2312\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "漏水".encode("gb18030"))  # fmt: skip
    box(b"Subject: \xff\xfe broken\r\nDate: never\r\nMessage-ID: <4@x>\r\n\r\n\x00\xff")
    worm = mail(key="<5@x>", subject="附件不收")
    worm.add_attachment(b"MZ\x90\x00", maintype="application", subtype="octet-stream", filename="票据.exe")
    box(worm)

    assert poll(desk, box) == 4
    texts = {item.key: item.text for item in Incoming.objects.all()}
    assert texts["<2@x>"].split() == ["厨房也漏", "请回电"]
    assert texts["<3@x>"] == "漏水"
    assert "\x00" not in texts["<4@x>"]
    refused = Incoming.objects.get(key="<5@x>")
    assert refused.files == []
    assert "没有收下的附件：票据.exe" in refused.notes


def test_a_malformed_mail_is_shown_as_it_came_and_the_next_one_is_taken_in(desk, box):
    head = b"From: x@y.example\r\n"
    box(head + b"Message-ID: <>\r\nSubject: bounced\r\n\r\nno such user")
    box(head + b"Message-ID: <>\r\nSubject: bounced again\r\n\r\nno such user")
    box(head + b"Message-ID: <6@x>\r\nContent-Type: text/html\r\n\r\n<p>window</p><![<leaks<!--")
    box(head + b"Message-ID: <7@x>\r\nContent-Type: text/plain; charset*\r\n*\r\n\r\nroof")
    box(mail(key="<8@x>", text="昨晚又漏了"))

    assert poll(desk, box) == 5
    bounced = Incoming.objects.filter(subject__startswith="bounced")
    assert sorted(item.subject for item in bounced) == ["bounced", "bounced again"]
    assert "window" in Incoming.objects.get(key="<6@x>").text
    raw = Incoming.objects.get(sender="")
    assert raw.text.startswith("这封邮件的格式读不懂")
    assert "roof" in raw.text
    assert Incoming.objects.get(key="<8@x>").text == "昨晚又漏了"


def test_a_mailbox_that_cannot_be_read_says_so_and_goes_on_where_it_stood(desk, box, server):
    box(mail())
    wrong = box.url.replace(PASSWORD, "guessed")
    with pytest.raises(mailbox.UnableToPoll):
        mailbox.poll(wrong, company_id=desk.house.project.company_id, at=WEDNESDAY)
    known = Mailbox.objects.get()
    assert known.problem
    assert PASSWORD not in known.name + known.problem

    assert poll(desk, box) == 1
    known.refresh_from_db()
    assert (known.problem, known.polled_at) == ("", WEDNESDAY)
    with pytest.raises(mailbox.UnableToPoll):
        mailbox.poll(
            f"imap://u:p@127.0.0.1:{free_port()}", company_id=desk.house.project.company_id, at=WEDNESDAY
        )


def test_when_the_server_numbers_anew_nothing_is_taken_twice(desk, box):
    box(mail())
    assert poll(desk, box) == 1
    Mailbox.objects.update(validity=1, last=99)

    assert poll(desk, box) == 0
    assert Incoming.objects.count() == 1


def test_what_is_no_matter_of_a_customer_is_put_aside_with_its_reason(desk, box):
    box(mail(subject="装修广告"))
    poll(desk, box)
    item = Incoming.objects.get()
    with pytest.raises(UnableToSort, match="请写明为什么不登记"):
        put_aside(item, reason=" ", by=desk.house.ma, at=WEDNESDAY)

    put_aside(item, reason="广告", by=desk.house.ma, at=WEDNESDAY)

    assert (item.dropped, item.opened_by) == ("广告", desk.house.ma)
    assert Event.objects.filter(step="desk.put_aside").count() == 1
    with pytest.raises(UnableToSort, match="已登记或已放到一边"):
        put_aside(item, reason="再放一次", by=desk.house.ma, at=WEDNESDAY)
