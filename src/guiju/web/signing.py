"""Steps whose form is first printed for a wet signature: printed as it is filled in, signed, scanned, matched by QR."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from guiju.kernel import forms, ports
from guiju.kernel.engine import Context
from guiju.kernel.models import Case, CaseLink
from guiju.kernel.process import Need, process_of
from guiju.kernel.refusals import NotReady, Reason, Refused
from guiju.org.models import Company, Person
from guiju.papers.forms import written
from guiju.papers.models import Paper
from guiju.papers.operations.papers import issue, void
from guiju.sales import needs
from guiju.sales.papers import draft_form
from guiju.web import casepapers
from guiju.web.casepapers import Scan


@dataclass(frozen=True)
class Draft:
    """A paper that is signed before its step is taken. ``after`` are needs that only the signature meets."""

    form: str
    title: str
    button: str
    field: str
    build: Callable[[Case, Any, datetime], Any]
    after: tuple[Need, ...] = ()


DRAFTS: dict[tuple[str, str], Draft] = {
    ("subscription", "hand_in"): Draft(
        "subscription", "房产认购书", "打印认购书供签字", "signed", draft_form, (needs.signed_with_customer,)
    ),
}


@dataclass
class Panel:
    """What the form of such a step shows beside the fields."""

    draft: Draft
    papers: Sequence[Paper]
    scans: Sequence[Scan] = ()
    just: Paper | None = None
    other: Paper | None = None
    reason: str = ""
    error: str = ""
    reasons: Sequence[Reason] = field(default_factory=tuple)

    @property
    def strangers(self) -> list[Scan]:
        """Scans that are another case's paper, or a void one."""
        return [scan for scan in self.scans if scan.paper is not None and not scan.matched]


def panel(case: Case, step: str, given: dict[str, Any], **more: Any) -> Panel | None:
    """Return the panel of a step; None where nothing is printed before it."""
    draft = DRAFTS.get((case.process, step))
    if draft is None:
        return None
    papers = Paper.objects.filter(case=case, form=draft.form).select_related("printed_by").newest_first()[:5]
    hashes = given.get(draft.field) or []
    return Panel(draft, list(papers), casepapers.scans(hashes, case), **more)


def unmet(
    case: Case, step: str, given: Any, *, leave: Iterable[Need], by: Person, at: datetime
) -> list[Reason]:
    """Return the needs of a step that what is filled in does not meet, but for those that come with the signature."""
    process = process_of(case.process)
    known = process.step(step)
    assert known is not None
    links = list(CaseLink.objects.filter(case=case).values_list("kind", "key"))
    context = Context(
        case=case, process=process, step=known, policy=ports.policies().get(case.sop_version_id), by=by, at=at,
        recorded_at=at, given=given, links=links,
    )  # fmt: skip
    left = set(leave)
    found = (one.reason(context) for one in known.needs if one not in left)
    return [reason for reason in found if reason is not None]


class OtherDraftOut(Refused):
    """A draft with other words was printed before: it is voided first, or stays the one to sign."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        super().__init__(f"{paper} 已经印过，内容与现在填的不同。签哪一份要分清：作废旧的再印。")


def print_draft(
    case: Case, step: str, given: dict[str, Any], *, by: Person, at: datetime, void_reason: str | None = None
) -> Paper:
    """
    Print a step's paper from what is filled in but not yet handed in; with ``void_reason`` a draft with other words
    is voided, and the new one gets its own number. Printing the same again returns the draft that is out.

    :raises BadlyFilled: the form is not filled in far enough.
    :raises NotReady: what is filled in breaks a need of the step, so nobody should sign it.
    :raises OtherDraftOut: a draft with other words is out.
    :raises UnableToIssue: there is no reason to void it.
    """
    draft = DRAFTS[(case.process, step)]
    known = process_of(case.process).step(step)
    assert known is not None
    parsed = forms.parse(known.form, given)
    if wrong := unmet(case, step, parsed, leave=draft.after, by=by, at=at):
        raise NotReady(wrong)
    papers = Paper.objects.filter(case=case, form=draft.form)
    out = papers.valid().newest_first().first()
    data = replace(draft.build(case, parsed, at), number=out.number if out else _number(case, papers.count()))
    if out is not None and out.content != written(data):
        if void_reason is None:
            raise OtherDraftOut(out)
        data = replace(data, number=_number(case, papers.count()))
        void(paper=out, reason=void_reason, by=by, at=at)
    company = Company.objects.get(pk=case.chain_id)
    return issue(form=draft.form, data=data, company=company, by=by, at=at, case=case)


def _number(case: Case, before: int) -> str:
    return f"{case.number}-{before + 1}" if before else case.number
