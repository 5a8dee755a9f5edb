"""
The mailbox of the desk, polled by IMAP: each mail once, its words sealed, its attachments beside it (C-3.1-b).

``GUIJU_MAILBOX`` names one or more, separated by blanks: ``imaps://user:password@host:993/INBOX``; ``imap://`` with
STARTTLS where the server offers it. What was read is remembered by UIDVALIDITY and UID; a mail is marked as seen only
after it is safe here, so that nothing is lost when the program or the network dies between the two.
"""

from __future__ import annotations

import email
import email.policy
import hashlib
import imaplib
import logging
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db import transaction

from guiju.desk.models import Incoming, Mailbox
from guiju.desk.operations.inbox import take_in
from guiju.kernel.worker import every
from guiju.org.models import Company
from guiju.papers.models import Attachment
from guiju.papers.operations.attachments import UnableToStore, keep_content

log = logging.getLogger(__name__)

WAIT = 20
AT_ONCE = 50
MOST_BYTES = 30 * 1024 * 1024
TOO_LARGE = "邮件超过 30 MB，正文和附件请到邮箱里看。"
UNREADABLE = "这封邮件的格式读不懂，下面是它原来的样子，附件请到邮箱里看。"
MOST_TEXT = 20_000
#: What the readers of mails raise over malformed headers, parts and markup.
ODD = (ValueError, LookupError, AttributeError, TypeError, AssertionError, RecursionError)
SECURE = ("imaps", "imap")


class UnableToPoll(Exception):
    """The mailbox cannot be read; says why."""


@dataclass(frozen=True)
class Address:
    """Where a mailbox is."""

    host: str
    port: int
    user: str
    password: str
    folder: str
    secure: bool

    @property
    def name(self) -> str:
        """What it is called where people see it: without the password."""
        return f"{self.user}@{self.host}/{self.folder}"


@dataclass
class Read:
    """What a mail says."""

    key: str
    sender: str
    address: str
    subject: str
    text: str
    sent_at: datetime | None
    parts: list[tuple[str, bytes]] = field(default_factory=list)


def parse(url: str) -> Address:
    """
    Read the address of a mailbox.

    :raises UnableToPoll: it is none.
    """
    parts = urlsplit(url)
    if parts.scheme not in SECURE or not parts.hostname or not parts.username:
        raise UnableToPoll("GUIJU_MAILBOX: imaps://user:password@host:993/INBOX")
    secure = parts.scheme == "imaps"
    return Address(
        parts.hostname, parts.port or (993 if secure else 143), unquote(parts.username), unquote(parts.password or ""),
        unquote(parts.path.strip("/")) or "INBOX", secure,
    )  # fmt: skip


@contextmanager
def _connected(address: Address) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    try:
        server: imaplib.IMAP4
        if address.secure:
            server = imaplib.IMAP4_SSL(address.host, address.port, ssl_context=context, timeout=WAIT)
        else:
            server = imaplib.IMAP4(address.host, address.port, timeout=WAIT)
            if "STARTTLS" in server.capabilities and address.host not in ("127.0.0.1", "localhost"):
                server.starttls(context)
        server.login(address.user, address.password)
    except (OSError, imaplib.IMAP4.error) as problem:
        raise UnableToPoll(f"{address.name}: {problem}") from problem
    try:
        yield server
    finally:
        try:
            server.logout()
        except (OSError, imaplib.IMAP4.error):
            log.debug("the mail server did not say goodbye")


def poll(url: str, *, company_id: int, project_id: int | None = None, at: datetime) -> int:
    """
    Take in what is new in a mailbox, and return how many mails were.

    :raises UnableToPoll: the server does not answer, or does not let us in.
    """
    address = parse(url)
    box, _ = Mailbox.objects.get_or_create(name=address.name)
    Mailbox.objects.filter(pk=box.pk).update(company_id=company_id, project_id=project_id)
    try:
        with _connected(address) as server:
            taken = _read_new(server, address, box, company_id=company_id, project_id=project_id, at=at)
    except (UnableToPoll, OSError, imaplib.IMAP4.error) as problem:
        Mailbox.objects.filter(pk=box.pk).update(problem=str(problem)[:400])
        raise UnableToPoll(str(problem)) from problem
    Mailbox.objects.filter(pk=box.pk).update(polled_at=at, problem="")
    return taken


def _read_new(
    server: imaplib.IMAP4, address: Address, box: Mailbox, *, company_id: int, project_id: int | None, at: datetime
) -> int:  # fmt: skip
    state, _ = server.select(f'"{address.folder}"')
    if state != "OK":
        raise UnableToPoll(f"{address.name}: no such folder")
    validity = _number(server.response("UIDVALIDITY")[1])
    if validity != box.validity:
        # The server numbers anew: what we know by key is not taken in twice.
        box.validity, box.last = validity, 0
    state, found = server.uid("SEARCH", f"UID {box.last + 1}:*")
    uids = sorted(int(uid) for uid in (found[0] or b"").split() if int(uid) > box.last)
    taken = 0
    for uid in uids[:AT_ONCE]:
        content = _fetch(server, uid, whole=_size(server, uid) <= MOST_BYTES)
        with transaction.atomic():
            taken += keep(content, company_id=company_id, project_id=project_id, at=at)
            box.last = uid
            box.save(update_fields=["validity", "last"])
        server.uid("STORE", str(uid), "+FLAGS", r"(\Seen)")
    return taken


def _number(found: Sequence[bytes | None] | None) -> int:
    digits = re.sub(rb"\D", b"", (found or [b""])[0] or b"")
    return int(digits or 0)


def _size(server: imaplib.IMAP4, uid: int) -> int:
    _, found = server.uid("FETCH", str(uid), "(RFC822.SIZE)")
    text = b" ".join(part for part in found or [] if isinstance(part, bytes))
    size = re.search(rb"RFC822\.SIZE (\d+)", text)
    return int(size.group(1)) if size else 0


def _fetch(server: imaplib.IMAP4, uid: int, *, whole: bool) -> bytes:
    """Return a mail; of one that is too large, its head: the text then says so."""
    state, found = server.uid("FETCH", str(uid), "(BODY.PEEK[])" if whole else "(BODY.PEEK[HEADER])")
    for part in found or []:
        if isinstance(part, tuple) and isinstance(part[1], bytes):
            return part[1]
    raise UnableToPoll(f"mail {uid} cannot be read ({state})")


def keep(content: bytes, *, company_id: int, project_id: int | None, at: datetime) -> int:
    """Take one mail in: its text, its attachments, itself whole. Return 1 if it is new."""
    read = understand(content)
    if Incoming.objects.filter(company_id=company_id, key=read.key).exists():
        return 0
    files, refused = [], []
    for name, part in read.parts:
        try:
            files.append(_store(part, name, company_id, at))
        except UnableToStore as problem:
            refused.append(f"{name}：{problem}")
    _, new = take_in(
        company_id=company_id, project_id=project_id, channel=Incoming.MAIL, key=read.key, sender=read.sender,
        address=read.address, subject=read.subject, text=read.text, files=files,
        notes="没有收下的附件：" + "；".join(refused) if refused else "", sent_at=read.sent_at, at=at,
    )  # fmt: skip
    return int(new)


def _store(content: bytes, name: str, company_id: int, at: datetime) -> str:
    return keep_content(
        content=content, name=name, kind="", secrecy=Attachment.Secrecy.PERSONAL, company_id=company_id, by=None, at=at
    ).sha256  # fmt: skip


def understand(content: bytes) -> Read:
    """Return what a mail says; nothing in it is trusted, and no oddity stops the reading: at worst it is shown raw."""
    digest = hashlib.sha256(content).hexdigest()
    try:
        return _understood(content, digest)
    except ODD:
        raw = _decoded(content[:MOST_TEXT], "").replace("\x00", "")
        return Read(digest, "", "", "", f"{UNREADABLE}\n\n{raw}"[:MOST_TEXT], None)


def _understood(content: bytes, digest: str) -> Read:
    message = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    named = _clean(_header(message, "Message-ID"), 200)
    name, address = parseaddr(_header(message, "From"))
    return Read(
        named if named.strip("<>@ ") else digest, _clean(name or address, 100), _clean(address, 200),
        _clean(_header(message, "Subject"), 200),
        _text(message)[:MOST_TEXT] or ("" if message.get_payload() else TOO_LARGE), _sent(message), _parts(message),
    )  # fmt: skip


def _parts(message: EmailMessage) -> list[tuple[str, bytes]]:
    found = []
    for place, part in enumerate(message.iter_attachments(), 1):
        payload = part.get_payload(decode=True)
        try:
            name = part.get_filename()
        except ODD:
            name = None
        if isinstance(payload, bytes) and payload:
            found.append((_clean(name or f"附件{place}", 120), payload))
    return found


def _header(message: EmailMessage, name: str) -> str:
    try:
        return str(message.get(name, ""))
    except ODD:
        return ""


def _clean(text: str, most: int) -> str:
    return "".join(c for c in text if c.isprintable())[:most].strip()


def _sent(message: EmailMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(_header(message, "Date"))
    except (ValueError, TypeError):
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    payload = body.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else str(body.get_payload()).encode()
    text = _decoded(raw, body.get_content_charset() or "")
    if body.get_content_type() == "text/html":
        text = _words_of(text)
    return re.sub(r"\n{3,}", "\n\n", text.replace("\x00", "").replace("\r\n", "\n")).strip()


def _words_of(html: str) -> str:
    reader = _Words()
    try:
        reader.feed(html)
    except ODD:
        # Markup that is none: everything between angle brackets goes.
        return re.sub(r"<[^<>]*>|[<>]", " ", html)
    return reader.text


def _decoded(raw: bytes, charset: str) -> str:
    for name in (charset, "utf-8", "gb18030"):
        try:
            # A charset that names a codec of its own kind may give what cannot be stored.
            return raw.decode(name or "utf-8").encode("utf-8", "replace").decode()
        except (LookupError, ValueError):
            continue
    return raw.decode("utf-8", "replace")


class _Words(HTMLParser):
    """The words of an HTML mail, without scripts and styles."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Leave out what is no text; a block begins a line."""
        if tag in ("script", "style"):
            self.silent += 1
        elif tag in ("p", "div", "br", "tr", "li"):
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """Hear again after a script."""
        if tag in ("script", "style"):
            self.silent = max(0, self.silent - 1)

    def handle_data(self, data: str) -> None:
        """Keep the words."""
        if not self.silent:
            self.found.append(data)

    @property
    def text(self) -> str:
        """What was said."""
        return "".join(self.found)


@every(settings.GUIJU_MAILBOX_PAUSE, "desk.mailbox")
def _poll_all(at: datetime) -> None:
    """Poll every mailbox named; one that fails stops no other and is said on the page of the inbox."""
    for url in settings.GUIJU_MAILBOX:
        company = Company.objects.filter(operating=True).order_by("pk").first()
        if company is None:
            return
        try:
            poll(url, company_id=company.pk, at=at)
        except UnableToPoll as problem:
            log.warning("mailbox: %s", problem)
