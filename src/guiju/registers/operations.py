"""Previewing and applying an import: all good rows in one transaction, bad rows refused, nothing half done."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.db import IntegrityError, transaction

from guiju.estate.models import Project, Unit
from guiju.kernel.crypto import keyed_digest
from guiju.kernel.engine import record
from guiju.kernel.ports import Actor
from guiju.kernel.store import once_more_after_deadlock
from guiju.org.models import Company
from guiju.registers.fields import FIELDS, Kind
from guiju.registers.models import Doubt, Import, Layout
from guiju.registers.outcomes import Outcome, Status, counted
from guiju.registers.reading import NotARegister, Reading, read_register
from guiju.registers.titles import permit_number, project_name
from guiju.registers.values import text_of
from guiju.registers.writers.areas import AreaWriter
from guiju.registers.writers.base import BATCH, Act, Scope, UnableToImport, Writer
from guiju.registers.writers.complaints import ComplaintWriter
from guiju.registers.writers.customers import CustomerWriter
from guiju.registers.writers.units import UnitWriter

__all__ = ["Applied", "NotARegister", "Preview", "UnableToImport", "apply", "preview", "remember_layout"]

WRITERS: dict[Kind, type[Any]] = {
    Kind.UNITS: UnitWriter,
    Kind.AREAS: AreaWriter,
    Kind.CUSTOMERS: CustomerWriter,
    Kind.COMPLAINTS: ComplaintWriter,
}


@dataclass(slots=True)
class Preview:
    """What an import would do, or did: the reading, what becomes of each row, the counts."""

    kind: Kind
    project_code: str
    project_name: str
    new_project: bool
    file_name: str
    file_digest: str
    reading: Reading
    outcomes: list[Outcome]
    imported_before_at: datetime | None = None

    @property
    def counts(self) -> dict[str, int]:
        """Rows read, created, updated, unchanged, rejected."""
        return counted(self.outcomes)

    @property
    def rejected(self) -> list[Outcome]:
        """The refused rows."""
        return [outcome for outcome in self.outcomes if outcome.status is Status.REJECTED]

    @property
    def year_asked(self) -> bool:
        """Whether a person has to be asked for the year of days without one."""
        return self.reading.days.asked

    @property
    def year_words(self) -> str:
        """What is assumed about days without a year, in a sentence; '' when none lacks it."""
        days = self.reading.days
        if not days.yearless:
            return ""
        mapping = self.reading.pages[0].mapping
        parts = []
        for name, count in days.yearless.items():
            year = days.told or days.inferred.get(name)
            known = (
                f"按 {year} 年{'（指定）' if days.told else '（同列其他日期都在这一年）'}"
                if year
                else "缺年份，已拒绝"
            )
            parts.append(f"{mapping.name(name)}有 {count} 个没有年份，{known}")
        return "；".join(parts)


@dataclass(slots=True)
class Applied:
    """An import that was done."""

    made: Import
    preview: Preview


def preview(
    *,
    kind: Kind | str,
    content: bytes,
    file_name: str,
    project_code: str,
    company: Company,
    corrected: Dictionary[str, Dictionary[str, int]] | None = None,
    year: int | None = None,
) -> Preview:
    """
    Return what importing a file would do; writes nothing.

    ``corrected``: fingerprint → field → column, over the company's remembered layouts. ``year``: of days without one.

    :raises NotARegister: the file is no register of this kind.
    :raises UnableToImport: there is no such project (only a price list makes one), or it is another company's.
    """
    shown, _ = _planned(
        kind=Kind(kind), content=content, file_name=file_name, project_code=project_code, company=company,
        corrected=corrected, year=year,
    )  # fmt: skip
    return shown


def _planned(
    *,
    kind: Kind,
    content: bytes,
    file_name: str,
    project_code: str,
    company: Company,
    corrected: Dictionary[str, Dictionary[str, int]] | None,
    year: int | None,
) -> tuple[Preview, Writer]:
    code, name = project_code.strip(), PurePath(file_name.replace("\\", "/")).name[:120]
    layouts = layouts_of(company, kind)
    layouts.update(corrected or {})
    reading = read_register(kind, content, file_name=name, corrected=layouts or None, year=year)
    project = Project.objects.filter(code=code).select_related("company").first()
    if project is not None and project.company_id != company.pk:
        raise UnableToImport(f"项目 {code} 属于{project.company}，不能以{company}的身份导入。")
    if project is None and kind is not Kind.UNITS:
        raise UnableToImport(f"没有代码为 {code} 的项目。请先导入一房一价表，它会建立项目。")
    if project is None and (not code or len(code) > 20):
        raise UnableToImport("项目代码应为 1 至 20 个字符。")
    writer: Writer = WRITERS[kind](Scope(kind, company.pk, project, name))
    if isinstance(writer, UnitWriter):
        writer.permits = {
            page.sheet.name: number for page in reading.pages if (number := permit_number(page))
        }
    outcomes = writer.plan(reading.entries)
    digest = hashlib.sha256(content).hexdigest()
    before = (
        Import.objects.filter(project=project, kind=kind.value, file_digest=digest).order_by("-pk").first()
    )
    shown = Preview(
        kind=kind, project_code=code,
        project_name=project.name if project else project_name(reading.pages, name) or code,
        new_project=project is None, file_name=name, file_digest=digest, reading=reading, outcomes=outcomes,
        imported_before_at=before.imported_at if before else None,
    )  # fmt: skip
    return shown, writer


def layouts_of(company: Company, kind: Kind) -> dict[str, Dictionary[str, int]]:
    """Return the company's remembered layouts: fingerprint → field → column."""
    rows = Layout.objects.filter(company=company, kind=kind.value)
    return {layout.fingerprint: layout.columns for layout in rows}


@once_more_after_deadlock
@transaction.atomic
def apply(
    *,
    kind: Kind | str,
    content: bytes,
    file_name: str,
    project_code: str,
    company: Company,
    by: Actor | None,
    at: datetime,
    corrected: Dictionary[str, Dictionary[str, int]] | None = None,
    year: int | None = None,
) -> Applied:
    """
    Import a file: write all good rows in one transaction, refuse the others, mark units that a refused row is about
    待核实, and write one event. The same file again changes nothing.

    :raises NotARegister: the file is no register of this kind.
    :raises UnableToImport: no such project, or somebody changed the same units meanwhile; nothing was written.
    """
    kind = Kind(kind)
    Project.objects.select_for_update().filter(code=project_code.strip()).first()
    shown, writer = _planned(
        kind=kind, content=content, file_name=file_name, project_code=project_code, company=company,
        corrected=corrected, year=year,
    )  # fmt: skip
    project = writer.scope.project
    if project is None:
        project = writer.scope.project = Project.objects.create(
            code=shown.project_code, name=shown.project_name[:60], company=company
        )
    made = Import.objects.create(
        kind=kind.value, project=project, file_name=shown.file_name, file_digest=shown.file_digest, imported_at=at,
        imported_by_id=by.pk if by else None, year=year, result=_result(shown), **shown.counts,
    )  # fmt: skip
    act = Act(made, by.pk if by else None, at)
    try:
        with transaction.atomic():
            writer.write(act)
    except IntegrityError as error:
        raise UnableToImport("导入时有人正在办理其中的房源，什么都没有导入，请再试一次。") from error
    doubted = _raise_doubts(shown, writer, act) if kind is not Kind.COMPLAINTS else 0
    if doubted or shown.counts["created"] or shown.counts["updated"]:
        given = {
            "register": kind.value,
            "file": shown.file_name,
            "sha256": shown.file_digest,
            "project": project.code,
        }
        record(company_id=company.pk, step="register_imported", by=by, at=at, given={**given, **shown.counts})
    return Applied(made, shown)


def _result(shown: Preview) -> dict[str, Any]:
    """Return what is kept of an import: refused rows as they were, remarks, and the headers they stood under."""
    return {
        "project": {"code": shown.project_code, "name": shown.project_name, "new": shown.new_project},
        "rejected": [
            {
                "sheet": outcome.sheet, "row": outcome.row, "reason": outcome.reason,
                "cells": [
                    text_of(outcome.entry.filled.get(column, cell)) for column, cell in enumerate(outcome.entry.cells)
                ],
            }
            for outcome in shown.rejected
        ],
        "notices": [
            {"sheet": outcome.sheet, "row": outcome.row, "label": outcome.label, "notice": notice}
            for outcome in shown.outcomes
            for notice in outcome.notices
        ],
        "changes": [
            {
                "sheet": outcome.sheet, "row": outcome.row, "label": outcome.label,
                "changes": [[change.label, change.old, change.new] for change in outcome.changes],
            }
            for outcome in shown.outcomes
            if outcome.changes
        ],
        "headers": {
            page.sheet.name: [
                [text_of(cell) for cell in row.cells]
                for row in page.sheet.rows[page.mapping.first - 1 : page.mapping.last]
            ]
            for page in shown.reading.pages
        },
        "buildings": {page.sheet.name: page.mapping.building or "" for page in shown.reading.pages},
        "money": {page.sheet.name: page.mapping.wan for page in shown.reading.pages},
        "passed": [{"sheet": sheet, "row": row, "what": what} for sheet, row, what in shown.reading.passed],
        "skipped": [{"sheet": sheet, "why": why} for sheet, why in shown.reading.skipped],
        "year": shown.year_words,
    }  # fmt: skip


def _raise_doubts(shown: Preview, writer: Writer, act: Act) -> int:
    """
    Mark the units of refused rows 待核实, each row once for ever; take the mark off units whose row came in mended.

    Returns how many units were newly marked. Complaints never doubt a sale.
    """
    wanted: dict[tuple[int, str], tuple[Unit, Outcome]] = {}
    refused_units: set[int] = set()
    by_pk = {unit.pk: unit for unit in writer.homes.all.values()}
    for outcome in shown.rejected:
        unit = by_pk.get(outcome.unit_id or 0) or writer.homes.find(outcome.entry.places)[0]
        if unit is not None:
            refused_units.add(unit.pk)
            wanted[unit.pk, _content(shown.kind, outcome)] = (unit, outcome)
    mended = {
        outcome.unit_id
        for outcome in shown.outcomes
        if outcome.unit_id and outcome.status in (Status.CREATED, Status.UPDATED)
    } - refused_units
    project = writer.scope.project
    doubts = list(Doubt.objects.filter(unit__project=project)) if wanted or mended else []
    known = {(doubt.unit_id, doubt.content) for doubt in doubts}
    fresh = {key: found for key, found in wanted.items() if key not in known}
    Doubt.objects.bulk_create(
        [
            Doubt(
                unit=unit, register=shown.kind.value, content=content, raised_by=act.made,
                sheet=outcome.sheet[:100], row=outcome.row,
            )
            for (_, content), (unit, outcome) in fresh.items()
        ],
        batch_size=BATCH,
    )  # fmt: skip
    marked: dict[int, Unit] = {}
    for unit, outcome in fresh.values():
        reason = f"{writer.scope.source(outcome.entry)}：{outcome.reason}"
        earlier = unit.unverified_reason if unit.unverified else ""
        unit.unverified, unit.unverified_reason = (
            True,
            f"{earlier}；{reason}"[:400] if earlier else reason[:400],
        )
        marked[unit.pk] = unit
    Unit.objects.bulk_update(marked.values(), ["unverified", "unverified_reason"], batch_size=200)
    _settle(doubts, mended, shown.kind, act)
    return len(marked)


def _settle(doubts: list[Doubt], mended: set[int], kind: Kind, act: Act) -> None:
    settled = [
        doubt
        for doubt in doubts
        if doubt.unit_id in mended and doubt.register == kind.value and doubt.settled_import_id is None
    ]
    for doubt in settled:
        doubt.settled_import = act.made
    Doubt.objects.bulk_update(settled, ["settled_import"], batch_size=BATCH)
    still = {doubt.unit_id for doubt in doubts if doubt.settled_import_id is None}
    free = sorted({doubt.unit_id for doubt in settled} - still)
    for start in range(0, len(free), BATCH):
        Unit.objects.filter(pk__in=free[start : start + BATCH]).update(unverified=False, unverified_reason="")


def _content(kind: Kind, outcome: Outcome) -> str:
    """Return the keyed digest of a refused row's content: moved elsewhere in the file it is still the same row."""
    cells = "\0".join(text_of(cell) for cell in outcome.entry.cells)
    return keyed_digest(f"doubt\0{kind.value}\0{cells}").hex()[:40]


class UnableToRemember(Exception):
    """The corrected mapping cannot be kept. Says in Chinese why."""


@transaction.atomic
def remember_layout(
    *,
    company: Company,
    kind: Kind | str,
    fingerprint: str,
    headings: list[str],
    columns: Dictionary[str, int],
    by: Actor | None,
    at: datetime,
) -> Layout:
    """
    Keep how files of a layout are read from now on, and write an event with the old reading and the new (E-3.5-b).

    :raises UnableToRemember: a field is unknown, or one column is given two meanings.
    """
    kind = Kind(kind)
    labels = {known.name: known.label for known in FIELDS[kind]}
    unknown = [name for name in columns if name not in labels]
    if unknown:
        raise UnableToRemember(f"没有这样的字段：{'、'.join(unknown)}。")
    used: dict[int, str] = {}
    for name, column in columns.items():
        if column in used:
            raise UnableToRemember(f"同一列不能既是「{labels[used[column]]}」又是「{labels[name]}」。")
        used[column] = name
    before = Layout.objects.filter(company=company, fingerprint=fingerprint).first()
    layout, _ = Layout.objects.update_or_create(
        company=company,
        fingerprint=fingerprint,
        defaults={
            "kind": kind.value, "headings": headings, "columns": dict(columns), "corrected_at": at,
            "corrected_by_id": by.pk if by else None,
        },
    )  # fmt: skip
    given = {"register": kind.value, "old": before.columns if before else None, "new": dict(columns)}
    record(company_id=company.pk, step="layout_corrected", by=by, at=at, given=given)
    return layout
