"""
An SOP as forms that a manager can fill in: one part of the document at a time, each with its own few fields.

A part knows how it looks now (``typed``) and puts what was filled in back into the content (``apply``). Posts and facts
are those that the code allows; everything else is judged by lint, beside the part it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from functools import partial
from typing import Annotated, Any

from pydantic import Field, create_model

from guiju.kernel.forms import Form
from guiju.kernel.process import Process, processes
from guiju.kernel.refusals import BadlyFilled
from guiju.sop.content import Content
from guiju.sop.lint import Finding
from guiju.sop.questions import printed_forms
from guiju.web.sopfields import ChapterForm, ClausesForm, FilesForm, HeadForm, KpisForm, Line
from guiju.web.soppart import (
    Part,
    all_posts,
    check_limit,
    clause_choices,
    codes_of,
    in_order,
    ticks,
    without_empty,
)
from guiju.web.sopsteps import clock_part, step_part


def _head_part(content: Content) -> Part:
    model = create_model(
        "HeadForm", __base__=HeadForm, audience=ticks("适用岗位", all_posts(), "不选就是全体")
    )
    keys = ("title", "category", "department", "purpose", "scope", "audience", "emergency")
    row = {key: content.get(key) for key in keys} | {"review": content["control"]["review"]}

    def apply(content: Content, given: Any) -> Content:
        wrong: dict[str, str] = {}
        check_limit(given.review, "review", "复审周期", wrong)
        if wrong:
            raise BadlyFilled(wrong)
        changed = deepcopy(content)
        for key in ("title", "category", "department", "purpose", "scope"):
            changed[key] = getattr(given, key)
        for key in ("audience", "emergency"):
            if getattr(given, key) or key in content:
                changed[key] = in_order(content.get(key, ()), getattr(given, key))
        changed["control"] = {**changed["control"], "review": given.review}
        return changed

    typed = {key: value for key, value in row.items() if value}
    return Part(
        "head", "", "名称、目的、适用范围", model, row, typed, apply, {}, content["title"], content["purpose"]
    )


def _clauses_part(content: Content) -> Part:
    rows = content.get("clauses", [])

    def apply(content: Content, given: Any) -> Content:
        changed = deepcopy(content)
        changed["clauses"] = [row.model_dump(mode="json") for row in given.clauses]
        return changed

    return Part(
        "clauses",
        "",
        "条款",
        ClausesForm,
        rows,
        {"clauses": rows},
        apply,
        {},
        f"{len(rows)} 条",
        "条文照大家知道的编号写。",
    )


def _kpis_part(content: Content) -> Part:
    rows = content.get("kpis", [])

    def apply(content: Content, given: Any) -> Content:
        changed = deepcopy(content)
        names = codes_of(given.kpis, "kpi", "figure")
        changed["kpis"] = [
            without_empty(row.model_dump(mode="json") | {"kpi": name})
            for row, name in zip(given.kpis, names, strict=True)
        ]
        return changed

    return Part(
        "kpis", "", "指标", KpisForm, rows, {"kpis": rows}, apply, {"kpis.clause": clause_choices(content)}, f"{len(rows)} 个",
        "、".join(row["label"] for row in rows),
    )  # fmt: skip


def _files_part(content: Content) -> Part:
    row = {"forms": content.get("forms", []), "related": content.get("related", [])}
    library: dict[str, str] = {}
    for part in printed_forms.ask_all():
        library |= part

    def apply(content: Content, given: Any) -> Content:
        changed = deepcopy(content)
        for key in ("forms", "related"):
            changed[key] = [without_empty(one.model_dump(mode="json")) for one in getattr(given, key)]
        return changed

    clauses = clause_choices(content)
    known = [(number, f"{number} {title}") for number, title in library.items()]
    return Part(
        "files", "", "相关文件和表格", FilesForm, row, row, apply,
        {"forms.form": known, "forms.clause": clauses, "related.clause": clauses},
        f"表格 {len(row['forms'])} 张，文件 {len(row['related'])} 份",
    )  # fmt: skip


_NUMBER = Annotated[float, Field(allow_inf_nan=False)]


def _settings_part(content: Content) -> Part | None:
    rows = [row for row in content.get("settings", []) if not isinstance(row["value"], dict | list)]
    if not rows:
        return None
    fields: dict[str, Any] = {}
    for row in rows:
        value = row["value"]
        kind: Any = bool if isinstance(value, bool) else int if isinstance(value, int) else _NUMBER
        if isinstance(value, str):
            kind = Line
        hints = [row.get("words", "")]
        if "minimum" in row or "maximum" in row:
            hints.append(f"可选 {row.get('minimum', '不限')} 至 {row.get('maximum', '不限')}")
        extra = {"unit": row["unit"]} if row.get("unit") else None
        made = Field(
            title=row["label"], description="　".join(filter(None, hints)) or None, json_schema_extra=extra
        )
        fields[row["setting"]] = (kind, made)
    model = create_model("SettingsForm", __base__=Form, **fields)

    def apply(content: Content, given: Any) -> Content:
        changed = deepcopy(content)
        for row in changed["settings"]:
            if row["setting"] in fields:
                row["value"] = getattr(given, row["setting"])
        return changed

    typed = {row["setting"]: row["value"] for row in rows}
    return Part(
        "settings",
        "",
        "参数",
        model,
        rows,
        typed,
        apply,
        {},
        f"{len(rows)} 个",
        "、".join(row["label"] for row in rows),
    )


def _chapter_part(content: Content, index: int) -> Part:
    row = content["parts"][index]

    def apply(content: Content, given: Any) -> Content:
        changed = deepcopy(content)
        made = without_empty(given.model_dump(mode="json"))
        if "sections" in made:
            made["sections"] = [without_empty(section) for section in made["sections"]]
        if row.get("clauses"):
            made["clauses"] = row["clauses"]
        changed["parts"][index] = made
        return changed

    sections = row.get("sections", [])
    return Part(
        "parts", str(index + 1), f"{row['number']} {row['title']}", ChapterForm, row, dict(row), apply, {},
        f"{len(sections)} 节" if sections else "", row.get("words", "") or "、".join(one["title"] for one in sections),
    )  # fmt: skip


def _makers(content: Content) -> Iterator[tuple[str, str, Callable[[], Part | None]]]:
    """Yield kind, name and maker of each part in the order in which they are read; making one costs a form class."""
    process: Process | None = processes().get(content.get("process", ""))
    steps = {step.name: (place, step) for place, step in enumerate(process.steps)} if process else {}
    rules = {rule.name: rule for rule in process.clocks} if process else {}
    yield "head", "", partial(_head_part, content)
    for index in range(len(content.get("parts", []))):
        yield "parts", str(index + 1), partial(_chapter_part, content, index)
    for row in sorted(content.get("steps", []), key=lambda row: steps.get(row["step"], (999, None))[0]):
        yield (
            "steps",
            row["step"],
            partial(step_part, content, row, steps.get(row["step"], (0, None))[1]),
        )
    for row in content.get("clocks", []):
        yield "clocks", row["clock"], partial(clock_part, content, row, rules.get(row["clock"]))
    yield "settings", "", partial(_settings_part, content)
    if content["kind"] == "process" or content.get("clauses"):
        yield "clauses", "", partial(_clauses_part, content)
    if content["kind"] == "process":
        yield "kpis", "", partial(_kpis_part, content)
        yield "files", "", partial(_files_part, content)


def parts(content: Content) -> list[Part]:
    """Return the parts of a document in the order in which they are read."""
    return [part for _, _, make in _makers(content) if (part := make()) is not None]


def part_of(content: Content, kind: str, name: str) -> Part | None:
    """Return one part, or None if there is no such part."""
    return next((make() for *place, make in _makers(content) if place == [kind, name]), None)


_PLACES = (
    ("相关表格", "files"),
    ("相关文件", "files"),
    ("指标", "kpis"),
    ("参数", "settings"),
    ("条款", "clauses"),
)


def beside(findings: Sequence[Finding], known: Sequence[Part]) -> dict[str, list[Finding]]:
    """Return the findings by the part that they are about; what belongs to none stands under an empty key."""
    found: dict[str, list[Finding]] = {}
    titles = [(part.title, part.key) for part in known if part.kind in {"steps", "clocks"}]
    kinds = {part.kind for part in known}
    for finding in findings:
        key = next((key for title, key in titles if finding.place.startswith(title)), "")
        if not key:
            key = next(
                (kind for word, kind in _PLACES if finding.place.startswith(word) and kind in kinds), ""
            )
        if not key and finding.place.split(" ")[0] in {
            "名称",
            "目的",
            "适用范围",
            "部门",
            "分类",
            "紧急处理",
        }:
            key = "head"
        found.setdefault(key, []).append(finding)
    return found
