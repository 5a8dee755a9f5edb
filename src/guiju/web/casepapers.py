"""The papers of a case: what can be printed, why not yet, what was printed by whom, and which scan is which paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.urls import reverse

from guiju.kernel.models import Case
from guiju.org import posts
from guiju.org.gates import holds_post
from guiju.org.models import Person
from guiju.org.secrecy import may_take_out
from guiju.papers import forms
from guiju.papers.models import Attachment, AttachmentUse, Paper
from guiju.papers.offers import NotYetPrintable, offers_of
from guiju.papers.operations.papers import match_scan

MAY_VOID = (
    posts.SIGNING_SUPERVISOR,
    posts.CS_ASSISTANT_MANAGER,
    posts.CS_MANAGER,
    posts.SALES_DIRECTOR,
    posts.FINANCE,
)
REMEMBERED = 24 * 60 * 60
NO_CODE = 0


@dataclass(frozen=True)
class Offered:
    """A paper that the case's process knows: ready, not yet (``why``), or printed already (``paper``)."""

    name: str
    title: str
    form_number: str
    why: str = ""
    paper: Paper | None = None
    changed: bool = False

    @property
    def ready(self) -> bool:
        """Whether it can be printed for the first time now."""
        return not self.why and self.paper is None


@dataclass(frozen=True)
class Scan:
    """What the QR code of a scan says: which paper it is, and whether that is right here."""

    sha256: str
    name: str
    paper: Paper | None
    own: bool = False
    void: bool = False

    @property
    def matched(self) -> bool:
        """Whether it is a valid paper of this case."""
        return self.paper is not None and self.own and not self.void

    @property
    def words(self) -> str:
        """Say it in one sentence."""
        if self.paper is None:
            return "没有认出二维码，请核对是不是本单的认购书"
        if not self.own:
            return f"这是别的事项的单据：{self.paper}，请核对是否传错"
        if self.void:
            return f"已匹配：{self.paper}，但这一份已作废，请重新签"
        return f"已匹配：{self.paper}"


def offered(case: Case, at: datetime) -> list[Offered]:
    """Return what the case can print, in the order of its process, with the reason where it cannot yet."""
    valid = {
        (paper.form, paper.number): paper
        for paper in Paper.objects.valid().filter(case=case).order_by("pk")
        if paper.number
    }
    found = []
    for offer in offers_of(case.process):
        kind = forms.form_kind(offer.form)
        try:
            data = offer.build(case, at)
        except NotYetPrintable as not_yet:
            found.append(Offered(offer.name, offer.title, kind.number, str(not_yet)))
            continue
        paper = valid.get((kind.code, getattr(data, "number", "")))
        if paper is not None and paper.title != forms.title_of(kind, data):
            paper = None
        changed = paper is not None and paper.content != forms.written(data)
        found.append(Offered(offer.name, offer.title, kind.number, "", paper, changed))
    return found


def printed(case: Case) -> list[Paper]:
    """Return the printed papers of a case, newest first, with who printed and voided them."""
    rows = Paper.objects.filter(case=case).select_related("printed_by", "voided_by", "file")
    return list(rows.prefetch_related("reprint_log__reprinted_by").newest_first())


def may_print(by: Person, case: Case, at: datetime) -> bool:
    """Whether the person may take papers of this case out: the work has to do with the people on them (E-4.4-b)."""
    return may_take_out(by, case.secrecy, company_id=case.chain_id, project_id=case.scope_id, at=at)


def may_void(by: Person, paper: Paper, case: Case, at: datetime) -> bool:
    """Whether the person may void a paper: whoever printed it, and those who answer for it."""
    if paper.printed_by_id == by.pk:
        return True
    return holds_post(by, *MAY_VOID, company_id=case.chain_id, project_id=case.scope_id, at=at)


def voiders() -> str:
    """Name those who may void a paper that somebody else printed."""
    return "、".join(posts.label(code) for code in MAY_VOID)


def paper_in(attachment: Attachment) -> Paper | None:
    """Return the paper that a scan shows by its QR code; looked for once a day and file."""
    key = f"scan:{attachment.company_id}:{attachment.sha256}"
    known = cache.get(key)
    if known is not None:
        return Paper.objects.filter(pk=known).first() if known != NO_CODE else None
    paper = match_scan(attachment)
    cache.set(key, paper.pk if paper is not None else NO_CODE, REMEMBERED)
    return paper


def scan_of(attachment: Attachment, case: Case) -> Scan:
    """Return what a scan is, as seen from this case."""
    paper = paper_in(attachment)
    own = paper is not None and paper.case_id == case.pk
    void = paper is not None and paper.voided_at is not None
    return Scan(attachment.sha256, attachment.name, paper, own, void)


def scans(hashes: Iterable[str], case: Case) -> list[Scan]:
    """Return what files just uploaded are; drawings made on the screen carry no code and are left out."""
    wanted = [one for one in hashes if isinstance(one, str)]
    rows = {
        row.sha256: row
        for row in Attachment.objects.filter(company_id=case.chain_id, sha256__in=wanted).exclude(
            kind=Attachment.Kind.SIGNATURE
        )
    }
    return [scan_of(rows[one], case) for one in wanted if one in rows]


def signed_scans(case: Case) -> list[Scan]:
    """Return the signed scans that belong to the case already, each with the paper it shows."""
    uses = AttachmentUse.objects.filter(case=case, kind="subscription_signed").select_related("attachment")
    return [
        scan_of(use.attachment, case)
        for use in uses.order_by("pk")
        if use.attachment.kind != Attachment.Kind.SIGNATURE
    ]


def lines(papers: Sequence[Paper]) -> list[dict[str, str]]:
    """Return printed papers for a panel with little room: valid ones first, newest first."""
    return [
        {
            "title": str(paper),
            "url": reverse("web:paper", args=[paper.pk]),
            "void": "1" if paper.voided_at else "",
        }
        for paper in sorted(papers, key=lambda paper: paper.voided_at is not None)
    ]
