"""
What signings draw on: the model contract and its versions, blank contract sets with serial numbers and their daily
count, the standing documents of a project. These acts belong to no case; each writes its event.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction

from guiju.estate.models import Project
from guiju.kernel import engine, ports
from guiju.kernel.calendar import local_date
from guiju.kernel.refusals import Reason, Refused
from guiju.kernel.worker import every
from guiju.notify import outbox, ways
from guiju.notify.outbox import Recipient
from guiju.notify.templates import template as notice
from guiju.org import posts
from guiju.org.gates import require_post
from guiju.org.models import Person
from guiju.papers.operations.attachments import attach
from guiju.sales.models import ContractTemplate, ContractText, PreparedDocument, TextCount, TextEntry
from guiju.sales.signing_facts import texts_in_stock

DRAWERS: Final = (posts.SIGNING_SUPERVISOR, posts.CS_CLERK)
RELEASERS: Final = (posts.CS_MANAGER, posts.DEPUTY_GM, posts.GENERAL_MANAGER)
KEEPERS: Final = (posts.SIGNING_SUPERVISOR, posts.CS_CLERK, posts.CS_ASSISTANT_MANAGER, posts.ARCHIVIST)
RESERVE: Final = 20
MOST_AT_ONCE: Final = 500

notice(
    "signing.reserve",
    "合同文本库存不足",
    channels=(ways.INSIDE,),
    text="{project}待用合同文本 {ready} 套，少于 {reserve} 套的日储备，请补 {short} 套。",
)


class UnableToRelease(Refused):
    """The model contract cannot be used like that."""


class UnableToStock(Refused):
    """The sets cannot be taken into stock."""


class UnableToPrepare(Refused):
    """The document cannot be entered."""


def _may(by: Person, project: Project, codes: Sequence[str], at: datetime) -> None:
    require_post(by, *codes, at=at, company_id=project.company_id, project_id=project.pk)


def _event(project: Project, step: str, by: Person, at: datetime, **given: Any) -> None:
    engine.record(
        company_id=project.company_id, step=step, by=by, at=at, given={"project": project.pk, **given}
    )


@dataclass(frozen=True)
class TemplateText:
    """A version of the model contract as it is written down; rates per 10,000 per day, days counted by the calendar."""

    name: str
    version: str
    model_text: str = ""
    terms: dict[str, Any] = field(default_factory=dict)
    clauses: tuple[dict[str, str], ...] = ()
    annexes: tuple[dict[str, Any], ...] = ()
    valid_from: date | None = None
    valid_until: date | None = None
    attachment: str = ""


@transaction.atomic
def draw_template(*, project: Project, text: TemplateText, by: Person, at: datetime) -> ContractTemplate:
    """
    Write down a version of the model contract; it is used once somebody else released it (I-5.3-2a).

    :raises NotYourPost: not the post for it here.
    :raises UnableToRelease: the version is there already.
    """
    _may(by, project, DRAWERS, at)
    if ContractTemplate.objects.filter(project=project, name=text.name, version=text.version).exists():
        raise UnableToRelease([Reason(f"{text.name} {text.version} 版已经有了，请用新的版本号", "I-5.3-2a")])
    made = ContractTemplate.objects.create(
        project=project, name=text.name, version=text.version, model_text=text.model_text, terms=text.terms,
        clauses=list(text.clauses), annexes=list(text.annexes), valid_from=text.valid_from or local_date(at),
        valid_until=text.valid_until, attachment=text.attachment, drawn_by=by,
    )  # fmt: skip
    if text.attachment:
        attach(
            sha256s=[text.attachment], company_id=project.company_id, kind="contract_template", by=by, at=at,
            key=str(made.pk), title=str(made),
        )  # fmt: skip
    _event(project, "draw_contract_template", by, at, template=str(made))
    return made


@transaction.atomic
def release_template(*, template: ContractTemplate, by: Person, at: datetime) -> ContractTemplate:
    """
    Release a version for use; the one before it ends the day before.

    :raises NotYourPost: not the post for it here.
    :raises UnableToRelease: drawn by the same person, released before, or its terms are not fair (GF 8, 12).
    """
    project = template.project
    _may(by, project, RELEASERS, at)
    if template.released_at is not None:
        raise UnableToRelease([Reason(f"{template}已经发布", "I-5.3-2a")])
    if template.drawn_by_id == by.pk:
        raise UnableToRelease([Reason("起草人不能发布自己起草的合同范本", "I-5.3-2a")])
    late, handover = template.terms.get("late_pay_rate"), template.terms.get("late_handover_rate")
    if late is not None and handover is not None and Decimal(str(handover)) < Decimal(str(late)):
        raise UnableToRelease(
            [Reason("逾期交付的违约金比例不能低于逾期付款的（买卖合同第八条、第十二条）", "I-5.3-2a")]
        )
    before = ContractTemplate.objects.filter(project=project, released_at__isnull=False, valid_until=None)
    before.filter(valid_from__lt=template.valid_from).update(
        valid_until=template.valid_from - timedelta(days=1)
    )
    template.released_at, template.released_by = at, by
    template.save(update_fields=["released_at", "released_by"])
    _event(project, "release_contract_template", by, at, template=str(template))
    return template


@transaction.atomic
def stock_texts(
    *, template: ContractTemplate, first: str, sets: int, by: Person, at: datetime
) -> list[ContractText]:
    """
    Take blank sets into stock under running serial numbers, from ``first`` on (I-5.3-2c).

    :raises NotYourPost: not the post for it here.
    :raises UnableToStock: the version is not released, the number does not run, or is there already.
    """
    project = template.project
    _may(by, project, KEEPERS, at)
    if template.released_at is None:
        raise UnableToStock([Reason(f"{template}还没有发布，不能印制合同文本", "I-5.3-2a")])
    if not 1 <= sets <= MOST_AT_ONCE:
        raise UnableToStock([Reason(f"一次入库 1 到 {MOST_AT_ONCE} 套", "I-5.3-2c")])
    stem = first.rstrip("0123456789")
    digits = first[len(stem) :]
    if not digits or len(first) > 40:
        raise UnableToStock([Reason("起始编号要以数字结尾，如 HTW-0001", "I-5.3-2c")])
    serials = [f"{stem}{int(digits) + n:0{len(digits)}d}" for n in range(sets)]
    there = ContractText.objects.filter(project=project, serial__in=serials).order_by("serial").first()
    if there is not None:
        raise UnableToStock([Reason(f"编号 {there.serial} 已经入库", "I-5.3-2c")])
    try:
        with transaction.atomic():
            made = ContractText.objects.bulk_create(
                [
                    ContractText(project=project, template=template, serial=one, stocked_at=at)
                    for one in serials
                ]
            )
    except IntegrityError as error:
        raise UnableToStock([Reason("这些编号刚由别人入库", "I-5.3-2c")]) from error
    TextEntry.objects.bulk_create(
        [
            TextEntry(project=project, text=one, act=TextEntry.IN, person=by, happened_at=at, recorded_at=at)
            for one in made
        ]
    )
    _event(project, "stock_contract_texts", by, at, first=serials[0], last=serials[-1], sets=sets)
    return made


@dataclass(frozen=True)
class DocumentText:
    """A standing document as it is entered: kind, version, number, until when it holds."""

    kind: str
    version: str
    owner: Person
    name: str = ""
    layout: str = ""
    number: str = ""
    issued_date: date | None = None
    valid_until: date | None = None
    attachment: str = ""


@transaction.atomic
def put_ready(*, project: Project, text: DocumentText, by: Person, at: datetime) -> PreparedDocument:
    """
    Enter a document of the preparation list, or its newer version (I-5.3-1a to 1l; ``other`` extends the list).

    :raises NotYourPost: not the post for it here.
    :raises UnableToPrepare: unknown kind, no name for a further document, or expired already.
    """
    _may(by, project, KEEPERS, at)
    kinds = dict(PreparedDocument.KINDS)
    if text.kind not in kinds or text.kind in ("permits", "contract_text"):
        raise UnableToPrepare([Reason("五证在项目资料里登记，合同文本按范本登记；请选其他文件", "I-5.3-1")])
    if text.kind == "other" and not text.name:
        raise UnableToPrepare([Reason("其他文件请填名称", "I-5.3-1l")])
    if text.valid_until is not None and text.valid_until < local_date(at):
        raise UnableToPrepare([Reason(f"有效期至 {text.valid_until}，已经过期", "I-5.3-1")])
    old = PreparedDocument.objects.filter(
        project=project, kind=text.kind, name=text.name, layout=text.layout, live=True
    )
    old.update(live=False)
    made = PreparedDocument.objects.create(
        project=project, kind=text.kind, name=text.name, layout=text.layout, version=text.version, number=text.number,
        owner=text.owner, issued_date=text.issued_date, valid_until=text.valid_until, attachment=text.attachment,
        added_at=at,
    )  # fmt: skip
    if text.attachment:
        attach(
            sha256s=[text.attachment], company_id=project.company_id, kind="prepared_document", by=by, at=at,
            key=str(made.pk), title=made.title,
        )  # fmt: skip
    _event(project, "put_document_ready", by, at, document=made.title, version=made.version)
    return made


def reserve_of(project: Project, at: datetime) -> int:
    """Return how many blank sets a project keeps in reserve: the SOP's number, never below twenty."""
    policy = ports.policies().current("signing", company_id=project.company_id, project_id=project.pk, at=at)
    return max(int(policy.settings.get("reserve", RESERVE)), RESERVE)


def count_texts(*, project: Project, at: datetime) -> TextCount:
    """
    Count the sets ready for use against the reserve, once a day, and tell the keepers when they are too few
    (I-5.3-2c). The same day again changes nothing.
    """
    day = local_date(at)
    there = TextCount.objects.filter(project=project, counted_date=day).first()
    if there is not None:
        return there
    issued = ContractText.objects.filter(project=project, state=ContractText.ISSUED).count()
    try:
        with transaction.atomic():
            made = TextCount.objects.create(
                project=project, counted_date=day, ready=texts_in_stock(project.pk, day), reserve=reserve_of(project, at),
                issued=issued, happened_at=at,
            )  # fmt: skip
            if made.short:
                _tell(project, made, at)
    except IntegrityError:
        return TextCount.objects.get(project=project, counted_date=day)
    return made


def _tell(project: Project, count: TextCount, at: datetime) -> None:
    keys = ports.people().holders(
        posts.SIGNING_SUPERVISOR, company_id=project.company_id, project_id=project.pk, at=at
    )
    for person in Person.objects.filter(pk__in=keys, is_active=True).order_by("pk"):
        outbox.send(
            template="signing.reserve", to=Recipient.person(person), case=None, at=at, company_id=project.company_id,
            key=f"{project.pk}:{count.counted_date}",
            values={
                "project": project.name, "ready": count.ready, "reserve": count.reserve, "short": count.short,
            },
        )  # fmt: skip


@every(timedelta(hours=1), "sales.signing.count")
def _count(at: datetime) -> None:
    projects = Project.objects.filter(contract_templates__released_at__isnull=False).distinct()
    for project in projects.select_related("company").order_by("pk"):
        count_texts(project=project, at=at)
