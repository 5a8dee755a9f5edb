"""An SOP as people read it: control block, contents, clauses, steps, limits, chart; and as it is printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from guiju.kernel.policy import Point
from guiju.kernel.process import Process, processes
from guiju.org import posts
from guiju.sop import content as contents
from guiju.sop import flowchart, queries
from guiju.sop.models import Version, day_of


@dataclass(frozen=True)
class Signature:
    """Who did a part of the control block, and when; a shipped version names posts and has no day."""

    name: str = ""
    on: date | None = None


@dataclass(frozen=True)
class Revision:
    """A line of the revision log."""

    version: str
    on: date
    text: str


@dataclass(frozen=True)
class Control:
    """The control block: 编制, 审核, 批准, 实施日期, version, revision log (I-0-a to I-0-d)."""

    code: str
    version: str
    standing: str
    prepared: Signature
    reviewed: Signature
    approved: Signature
    effective: date | None
    review: str
    next_review: date | None
    revisions: tuple[Revision, ...]
    sha256: str


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents; it opens a place on the page or another document (I-0-f)."""

    number: str
    title: str
    anchor: str
    level: int = 0
    document: str = ""


@dataclass(frozen=True)
class Clause:
    """Clauses that people know under one number, read together; ``ids`` are those of the inventory."""

    number: str
    words: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A section of a document without process: text, or the document or form it opens."""

    number: str
    title: str
    words: str
    anchor: str
    level: int
    document: str = ""
    form: str = ""


@dataclass(frozen=True)
class StepRow:
    """A step as the SOP describes it, with its number in the flowchart."""

    name: str
    index: int
    label: str
    posts: str
    clause: str
    number: str
    words: str
    caution: str
    points: tuple[Point, ...]
    approval: tuple[str, ...]
    documents_in: tuple[str, ...]
    documents_out: tuple[str, ...]
    forms: tuple[str, ...]
    script: str
    override: str
    limits: tuple[str, ...]
    sources: str
    target: str


@dataclass(frozen=True)
class ClockRow:
    """A limit with its reminders and its ladder."""

    name: str
    label: str
    limit: str
    remind: tuple[str, ...]
    escalate: tuple[str, ...]
    number: str
    words: str
    longest: str


@dataclass(frozen=True)
class Page:
    """Everything that the page of an SOP shows."""

    title: str
    code: str
    kind: str
    number: str
    department: str
    audience: str
    control: Control
    purpose: str
    scope: str
    contents: tuple[Entry, ...]
    clauses: tuple[Clause, ...]
    sections: tuple[Section, ...]
    steps: tuple[StepRow, ...]
    clocks: tuple[ClockRow, ...]
    settings: tuple[Mapping[str, Any], ...]
    kpis: tuple[Mapping[str, Any], ...]
    emergency: tuple[str, ...]
    related: tuple[Mapping[str, Any], ...]
    forms: tuple[Mapping[str, Any], ...]
    chart: str
    mermaid: str


def page(version: Version, *, on: date, heading: bool = False) -> Page:
    """Return the page of a version on a day. The chart is drawn from the running definition; steps link into the page."""
    content = version.content
    process = processes().get(content.get("process", ""))
    chart = mermaid = ""
    if process is not None:
        drawn = flowchart.chart_of(process, version.policy())
        links = {} if heading else {step.name: f"#step-{step.name}" for step in process.steps}
        chart = flowchart.draw(drawn, links=links, heading=heading)
        mermaid = flowchart.mermaid(drawn)
    sections = tuple(_sections(content))
    return Page(
        title=content["title"],
        code=content["code"],
        kind=contents.KINDS[content["kind"]],
        number=content["number"],
        department=content["department"],
        audience="、".join(posts.label(post) for post in content.get("audience", [])) or "全体",
        control=control(version, on=on),
        purpose=content["purpose"],
        scope=content["scope"],
        contents=tuple(_contents(content, sections)),
        clauses=clauses(content),
        sections=sections,
        steps=tuple(
            sorted(
                (_step(row, content, process) for row in content.get("steps", [])), key=lambda row: row.index
            )
        ),
        clocks=tuple(_clock(row, content, process) for row in content.get("clocks", [])),
        settings=tuple({**row, "said": setting_said(row)} for row in content.get("settings", [])),
        kpis=tuple(content.get("kpis", [])),
        emergency=tuple(content.get("emergency", [])),
        related=tuple(content.get("related", [])),
        forms=tuple(content.get("forms", [])),
        chart=chart,
        mermaid=mermaid,
    )


def setting_said(row: Mapping[str, Any]) -> tuple[str, ...]:
    """
    Return the value of a setting in words, a line for each entry of a table; posts by their names.

    The order is that of its ``names``: PostgreSQL keeps no order of the keys themselves.
    """
    names, unit = dict(row.get("names", [])), row.get("unit", "")

    def said(value: Any) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, list):
            return "、".join(names.get(one) or posts.label(one) for one in value) or "无"
        return f"{value} {unit}".strip()

    value = row["value"]
    if isinstance(value, Mapping):
        order = [key for key in names if key in value] + sorted(key for key in value if key not in names)
        return tuple(f"{names.get(key, key)}：{said(value[key])}" for key in order)
    return (said(value),)


def control(version: Version, *, on: date) -> Control:
    """Return the control block: the people of this installation, or the posts that a shipped version names."""
    said = version.content["control"]

    def signature(act: str) -> Signature:
        person, at = getattr(version, f"{act}_by"), getattr(version, f"{act}_at")
        if person is not None:
            return Signature(person.name, day_of(at))
        return Signature(said[act]) if version.shipped else Signature()

    return Control(
        code=version.content["code"],
        version=version.number,
        standing=queries.standing(version, on),
        prepared=signature("prepared"),
        reviewed=signature("reviewed"),
        approved=signature("approved"),
        effective=version.effective_date,
        review=said["review"].replace(" 月", " 个月"),
        next_review=version.document.next_review_date,
        revisions=tuple(
            Revision(row["version"], date.fromisoformat(row["date"]), row["text"])
            for row in said["revisions"]
        ),
        sha256=version.sha256,
    )


def clauses(content: contents.Content) -> tuple[Clause, ...]:
    """Return the clauses in the order of the document, those of one number read as one text."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for row in content.get("clauses", []):
        words, ids = found.get(row["number"], ("", ()))
        found[row["number"]] = (words + row["words"], (*ids, row["id"]))
    return tuple(Clause(number, words, ids) for number, (words, ids) in found.items())


def _sections(content: contents.Content) -> list[Section]:
    found: list[Section] = []
    for index, part in enumerate(content.get("parts", []), 1):
        found.append(Section(part["number"], part["title"], part.get("words", ""), f"part-{index}", 0))
        for inner, row in enumerate(part.get("sections", []), 1):
            found.append(
                Section(
                    number=row["number"],
                    title=row["title"],
                    words=row.get("words", ""),
                    anchor=f"part-{index}-{inner}",
                    level=1,
                    document=row.get("document", ""),
                    form=row.get("form", ""),
                )
            )
    return found


def _contents(content: contents.Content, sections: tuple[Section, ...]) -> list[Entry]:
    if sections:
        return [Entry(row.number, row.title, row.anchor, row.level, row.document) for row in sections]
    names = [
        ("purpose", "目的"),
        ("scope", "适用范围"),
        ("clauses", "条款"),
        ("chart", "流程图"),
        ("steps", "步骤"),
    ]
    names += [("clocks", "时限"), ("settings", "参数"), ("kpis", "指标"), ("emergency", "紧急处理")]
    names += [("related", "相关文件"), ("forms", "相关表格"), ("control", "修订记录")]
    there = [(key, title) for key, title in names if key in {"chart", "control"} or content.get(key)]
    return [Entry(str(number), title, key) for number, (key, title) in enumerate(there, 1)]


def _numbers(content: contents.Content) -> dict[str, str]:
    return {row["id"]: row["number"] for row in content.get("clauses", [])}


def _step(row: Mapping[str, Any], content: contents.Content, process: Process | None) -> StepRow:
    declared = process.step(row["step"]) if process else None
    said = contents.policy_of(content, key=0, version="").step(row["step"])
    index = list(process.steps).index(declared) + 1 if process and declared else 0
    titles = {form["form"]: form["title"] for form in content.get("forms", [])}
    limits = [
        f"{clock['label']} {clock.get('limit', '')}".strip()
        for clock in content.get("clocks", [])
        for rule in (process.clocks if process else ())
        if rule.name == clock["clock"] and row["step"] in rule.starts
    ]
    return StepRow(
        name=row["step"],
        index=index,
        label=row["label"],
        posts="、".join(posts.label(post) for post in said.posts) or "系统按时",
        clause=said.clause,
        number=said.number,
        words=row["words"],
        caution=row.get("caution", ""),
        points=said.points,
        approval=tuple(approval(row)),
        documents_in=said.documents_in,
        documents_out=said.documents_out,
        forms=tuple(titles.get(form, form) for form in said.forms),
        script=said.script,
        override=posts.label(said.override_post) if said.override_post else "",
        limits=tuple(limits),
        sources="、".join(state.label for state in declared.when) if declared else "",
        target=declared.to.label if declared and declared.to else "",
    )


_FACTS = {
    "discount_percent": ("折扣率", "% "), "total_price": ("总价", " 元"), "extensions": ("已延期次数", " 次"),
    "days": ("保留日数", " 日"), "units": ("套数", " 套"), "kind": ("种类", ""), "cause": ("原因", ""),
    "sensitive": ("姓名或金额的更正", ""), "amount": ("金额", " 元"), "owed": ("欠款", " 元"), "payable": ("应退", " 元"),
    "kept": ("扣款", " 元"), "signed": ("已签的合同", ""), "reason": ("原因类别", ""), "deviations": ("与范本不同处", " 处"),
    "legal_vote": ("法务审核人", ""), "major": ("重大问题", ""),
}  # fmt: skip
_VALUES = {
    "release": "推出可售", "hold": "销控保留", "restrict": "限制交易", "reopen": "待公开转可售", "verify": "核实后放开",
    "seize": "查封", "discount": "折扣",
}  # fmt: skip
_SIGNS = {">": "超过", ">=": "达到", "<": "低于", "<=": "不超过", "==": "为", "!=": "不是"}


def condition(words: str) -> str:
    """Return a condition of a chain as people say it: 折扣率超过 2% 时, 种类为推出可售时."""
    fact, sign, value = words.split(" ")
    label, unit = _FACTS.get(fact, (fact, ""))
    if (sign, value) == (">", "0"):
        return f"有{label}时"
    if (sign, value) == ("<", "1"):
        return f"没有{label}时"
    if value[0].isdigit() or value[0] == "-":
        return f"{label}{_SIGNS[sign]} {value}{unit}时"
    return f"{label}{_SIGNS[sign]}{_VALUES.get(value, value)}时"


def approval(row: Mapping[str, Any]) -> list[str]:
    """Return the chain of a step, one line per seat: 1 主管副总，折扣率超过 2% 时."""
    found = []
    for seat in sorted(row.get("approval", []), key=lambda seat: seat["order"]):
        when = ""
        if seat.get("when"):
            when = f"，{condition(seat['when'])}"
        found.append(f"{seat['order']} {posts.label(seat['post'])}{when}")
    return found


def _clock(row: Mapping[str, Any], content: contents.Content, process: Process | None) -> ClockRow:
    rule = next((rule for rule in process.clocks if rule.name == row["clock"]), None) if process else None
    return ClockRow(
        name=row["clock"],
        label=row["label"],
        limit=row.get("limit") or (rule.limit if rule else ""),
        remind=tuple(f"到期前 {text.lstrip('-')}" for text in row.get("remind", [])),
        escalate=tuple(
            f"{'到期时' if rung['after'] == '到期' else '超期 ' + rung['after']}报{posts.label(rung['post'])}"
            for rung in row.get("escalate", [])
        ),
        number=_numbers(content).get(row.get("clause", ""), ""),
        words=row["words"],
        longest=rule.latest if rule else "",
    )


def printed(version: Version, *, on: date) -> dict[str, Any]:
    """
    Return the version as the printed form 作业标准书 wants it, in plain values: ``papers`` fills its form with them.

    Signatures are (name, day), or None where nobody of this installation signed: there is room to sign by hand.
    Clauses are (number, text, level), revisions (version, day, text); ``chart`` is SVG.
    """
    shown = page(version, on=on, heading=True)

    def signed(signature: Signature) -> tuple[str, date] | None:
        return (signature.name, signature.on) if signature.on else None

    return {
        "code": shown.code,
        "version": shown.control.version,
        "title": shown.title,
        "state": shown.control.standing,
        "compiled_by": signed(shown.control.prepared),
        "reviewed_by": signed(shown.control.reviewed),
        "approved_by": signed(shown.control.approved),
        "effective_on": shown.control.effective,
        "purpose": shown.purpose,
        "scope": shown.scope,
        "clauses": [(row.number, row.words, 0) for row in shown.clauses]
        + [(row.number, f"{row.title}　{row.words}".strip("　"), row.level) for row in shown.sections],
        "steps": [
            {
                "name": row.label,
                "post": row.posts,
                "number": row.number,
                "words": row.words,
                "limit": "，".join(row.limits),
                "points": tuple(point.label for point in row.points),
                "documents": "、".join(row.documents_out),
            }
            for row in shown.steps
        ],
        "chart": shown.chart,
        "documents": tuple(f"{row.get('code', '')} {row['title']}".strip() for row in shown.related),
        "forms": tuple(f"{row['form']} {row['title']}" for row in shown.forms),
        "kpis": tuple(f"{row['label']}：{row['formula']}，目标 {row['target']}" for row in shown.kpis),
        "revisions": [(row.version, row.on, row.text) for row in shown.control.revisions],
    }
