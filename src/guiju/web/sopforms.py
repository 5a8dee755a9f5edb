"""
An SOP as forms that a manager can fill in: one part of the document at a time, each with its own few fields.

A part knows how it looks now (``typed``) and puts what was filled in back into the content (``apply``). Posts and facts
are those that the code allows; everything else is judged by lint, beside the part it belongs to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from typing import Annotated, Any

from pydantic import Field, create_model

from guiju.kernel.duration import BadLimit, Limit
from guiju.kernel.forms import Form, LongText, Text
from guiju.kernel.forms import field as ask
from guiju.kernel.policy import POINT_KINDS
from guiju.kernel.process import ClockRule, Process, Step, processes
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.sop import content as contents
from guiju.sop.content import Content
from guiju.sop.lint import Finding
from guiju.sop.questions import printed_forms

Choices = Mapping[str, Sequence[tuple[str, str]]]
Line = Annotated[str, Field(min_length=1, max_length=120)]
Words = Annotated[str, Field(min_length=1, max_length=4000, json_schema_extra={"widget": "longtext"})]
DUE = "到期"

FACTS = {
    "discount_percent": "折扣率（%）",
    "total_price": "总价（元）",
    "extensions": "已延期次数",
    "days": "保留日数",
    "units": "套数",
    "kind": "种类",
    "cause": "原因",
    "sensitive": "涉及姓名或金额（1 是，0 否）",
}


class Sign(Enum):
    """How a fact is compared."""

    label: str

    def __new__(cls, value: str, label: str) -> Sign:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    MORE = ">", "超过"
    AT_LEAST = ">=", "达到"
    LESS = "<", "低于"
    AT_MOST = "<=", "不超过"
    IS = "==", "为"
    IS_NOT = "!=", "不是"


class PointKind(Enum):
    """Kinds of control points."""

    label: str

    def __new__(cls, value: str) -> PointKind:
        """Make a member that is called as the policy calls it."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = POINT_KINDS[value]
        return member

    TICK = "tick"
    NOTE = "note"
    PHOTO = "photo"
    SIGNATURE = "signature"
    NUMBER = "number"
    RECORD = "record"


class PointForm(Form):
    """控制要点。"""

    key: Text = ask("代码", default="", widget="hidden")
    label: Line = ask("要做到什么")
    kind: PointKind = ask("怎么办", default=PointKind.TICK)
    fields: list[str] = ask("记录表的栏目", default_factory=list, help="只有记录表要写，一行一栏")
    clause: Text = ask("依据条款", default="")
    required: bool = ask("必办", default=True)
    hard: bool = ask("不可放行", default=False)


class SeatForm(Form):
    """审批。"""

    order: Annotated[int, Field(ge=1, le=9)] = ask("顺序", default=1, help="同一顺序的同时审批")
    post: Line = ask("审批岗位")
    fact: Text = ask("条件", default="")
    sign: Sign = ask("比较", default=Sign.MORE)
    value: Text = ask("数值", default="")


class StepForm(Form):
    """步骤。"""

    label: Line = ask("名称")
    clause: Text = ask("依据条款", default="")
    words: Words = ask("要求")
    caution: LongText = ask("注意事项", default="")
    script: LongText = ask("应答话术", default="")
    points: Annotated[list[PointForm], Field(max_length=20)] = ask("控制要点", default_factory=list)
    override_post: Text = ask("放行岗位", default="", help="不办控制要点也放行一次的岗位，不能就是办理岗位")
    approval: Annotated[list[SeatForm], Field(max_length=12)] = ask("审批", default_factory=list)
    documents_in: list[str] = ask("收到资料", default_factory=list, help="一行一种")
    documents_out: list[str] = ask("形成资料", default_factory=list, help="一行一种")


class RungForm(Form):
    """超期上报。"""

    after: Text = ask("什么时候", default=DUE, help="写「到期」，或超期多久，如 1 日、4 小时")
    post: Line = ask("报给")


class ClockForm(Form):
    """时限。"""

    label: Line = ask("名称")
    limit: Text = ask("期限", default="")
    words: Words = ask("要求")
    clause: Text = ask("依据条款", default="")
    remind: list[str] = ask("到期前提醒", default_factory=list, help="一行一次，如 3 日、4 小时")
    escalate: Annotated[list[RungForm], Field(max_length=9)] = ask("超期上报", default_factory=list)


class HeadForm(Form):
    """文件头。"""

    title: Line = ask("名称")
    category: Line = ask("分类")
    department: Line = ask("部门")
    purpose: Words = ask("目的")
    scope: Words = ask("适用范围")
    review: Line = ask("复审周期", help="如 12 月")
    emergency: list[str] = ask("紧急处理", default_factory=list, help="一行一种情形")


class ClauseForm(Form):
    """条款。"""

    id: Line = ask("条款代码", help="条款目录里的代码，如 I-5.1-1a")
    number: Line = ask("编号", help="大家知道的编号，如 第五部分 一 3.1")
    words: Words = ask("条文")


class ClausesForm(Form):
    """全部条款。"""

    clauses: Annotated[list[ClauseForm], Field(max_length=300)] = ask("条款", default_factory=list)


class KpiForm(Form):
    """指标。"""

    kpi: Text = ask("代码", default="", widget="hidden")
    label: Line = ask("名称")
    target: Line = ask("目标")
    formula: Words = ask("计算方法")
    clause: Text = ask("依据条款", default="")


class KpisForm(Form):
    """全部指标。"""

    kpis: Annotated[list[KpiForm], Field(max_length=50)] = ask("指标", default_factory=list)


class PaperForm(Form):
    """相关表格。"""

    form: Line = ask("表格")
    title: Line = ask("名称")
    clause: Text = ask("依据条款", default="")


class RelatedForm(Form):
    """相关文件。"""

    code: Text = ask("文件编号", default="")
    title: Line = ask("名称")
    clause: Text = ask("依据条款", default="")


class FilesForm(Form):
    """相关文件和表格。"""

    forms: Annotated[list[PaperForm], Field(max_length=50)] = ask("相关表格", default_factory=list)
    related: Annotated[list[RelatedForm], Field(max_length=50)] = ask("相关文件", default_factory=list)


class SectionForm(Form):
    """节。"""

    number: Line = ask("编号")
    title: Line = ask("标题")
    words: LongText = ask("正文", default="")
    document: Text = ask("打开的文件", default="", help="文件编号，没有就不填")
    form: Text = ask("打开的表格", default="", help="表格编号，没有就不填")
    clauses: list[str] = ask("条款代码", default_factory=list, help="一行一个")


class ChapterForm(Form):
    """部分。"""

    number: Line = ask("编号")
    title: Line = ask("标题")
    words: LongText = ask("正文", default="")
    sections: Annotated[list[SectionForm], Field(max_length=60)] = ask("节", default_factory=list)


class TextForm(Form):
    """The whole document as text."""

    text: Annotated[str, Field(min_length=1, max_length=400_000)] = ask("文本", widget="longtext")


@dataclass(frozen=True)
class Part:
    """A part of a document that is edited by itself. ``row`` is what it says now, to notice somebody else's change."""

    kind: str
    name: str
    title: str
    form: type[Form]
    row: Any
    typed: dict[str, Any]
    apply: Callable[[Content, Any], Content]
    choices: Choices = field(default_factory=dict)
    summary: str = ""
    words: str = ""
    law: tuple[str, ...] = ()
    order: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        """Its title without the kind: what stands between the quotes."""
        return self.title.split("「", 1)[-1].rstrip("」")

    @property
    def key(self) -> str:
        """Its place in the document, for addresses and anchors."""
        return f"{self.kind}-{self.name}" if self.name else self.kind

    @property
    def digest(self) -> str:
        """A digest of what it says now."""
        return contents.digest({"row": self.row})


def _without_empty(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if value not in ("", None, [], ())}


def _posts(codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, posts.label(code)) for code in codes]


def _all_posts() -> list[tuple[str, str]]:
    return [(kind.code, kind.name) for kind in posts.POSTS]


def _clauses(content: Content) -> list[tuple[str, str]]:
    return [
        (row["id"], f"{row['number']}　{_short(row['words'])}（{row['id']}）")
        for row in content.get("clauses", [])
    ]


def _short(words: str, most: int = 22) -> str:
    return words if len(words) <= most else words[: most - 1] + "…"


def _checks(label: str, choices: Sequence[tuple[str, str]], help: str = "") -> Any:
    made: Any = Field(
        title=label,
        description=help or None,
        default_factory=list,
        json_schema_extra={"choices": dict(choices)},
    )
    return (list[str], made)


def _parsed(limit: str, path: str, label: str, wrong: dict[str, str]) -> None:
    try:
        Limit.parse(limit)
    except BadLimit as error:
        wrong[path] = f"{label}：{str(error).rstrip('。')}"


def _replaced(content: Content, key: str, named: str, name: str, row: dict[str, Any]) -> Content:
    changed = deepcopy(content)
    changed[key] = [row if old[named] == name else old for old in changed[key]]
    return changed


def _in_order(before: Sequence[str], chosen: Sequence[str]) -> list[str]:
    """Return what was chosen: what stood there before in its order, what is new behind it."""
    return [one for one in before if one in chosen] + [one for one in chosen if one not in before]


def _fresh(given: Sequence[Any], key: str, stem: str) -> list[str]:
    """Return a code for each row: the one it has, or a new one that nobody has."""
    used = {getattr(row, key) for row in given if getattr(row, key)}
    found: list[str] = []
    for row in given:
        name = getattr(row, key)
        number = len(found) + 1
        while not name or (name in found):
            name = f"{stem}_{number}"
            number += 1
            if name in used:
                name = ""
        found.append(name)
    return found


# --- steps ------------------------------------------------------------------------------------------------------------
def _step_typed(row: Mapping[str, Any]) -> dict[str, Any]:
    typed = {key: row[key] for key in row if key not in {"step", "approval", "points"}}
    typed["points"] = [
        {**point, "required": point.get("required", True), "hard": point.get("hard", False)}
        for point in row.get("points", [])
    ]
    seats: list[dict[str, Any]] = []
    for seat in row.get("approval", []):
        fact, sign, value = (seat.get("when") or "  ").split(" ", 2)
        seats.append(
            {
                "order": seat["order"],
                "post": seat["post"],
                "fact": fact.strip(),
                "sign": sign or ">",
                "value": value.strip(),
            }
        )
    typed["approval"] = seats
    return typed


def _seat(seat: SeatForm, place: int, wrong: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = {"order": seat.order, "post": seat.post}
    if seat.fact:
        if not seat.value.strip():
            wrong[f"approval.{place}.value"] = "数值：有条件就要写比较的数值"
        found["when"] = f"{seat.fact} {seat.sign.value} {seat.value.strip()}"
    return found


def _apply_step(content: Content, name: str, given: Any) -> Content:
    before = next(row for row in content["steps"] if row["step"] == name)
    wrong: dict[str, str] = {}
    approval = [_seat(seat, place, wrong) for place, seat in enumerate(given.approval)]
    if wrong:
        raise BadlyFilled(wrong)
    keys = _fresh(given.points, "key", "point")
    points = [
        _without_empty(
            {
                "key": key,
                "label": point.label,
                "kind": point.kind.value,
                "clause": point.clause,
                "fields": list(point.fields),
            }
        )
        | ({} if point.required else {"required": False})
        | ({"hard": True} if point.hard else {})
        for key, point in zip(keys, given.points, strict=True)
    ]
    row = _without_empty(
        {
            "step": name, "label": given.label, "posts": _in_order(before.get("posts", ()), given.posts), "clause": given.clause, "words": given.words,
            "points": points, "approval": approval, "documents_in": list(given.documents_in),
            "documents_out": list(given.documents_out), "forms": _in_order(before.get("forms", ()), given.forms), "script": given.script,
            "caution": given.caution, "override_post": given.override_post,
        }
    )  # fmt: skip
    return _replaced(content, "steps", "step", name, row)


def _step_part(content: Content, row: Mapping[str, Any], step: Step | None) -> Part:
    allowed = step.by if step is not None else tuple(row.get("posts", ()))
    listed = [(form["form"], f"{form['form']} {form['title']}") for form in content.get("forms", [])]
    model = create_model(
        "StepForm",
        __base__=StepForm,
        posts=_checks("办理岗位", _posts(allowed), "程序允许的岗位里选"),
        forms=_checks("相关表格", listed, "本文件「相关表格」里列出的"),
    )
    facts = step.approval_facts if step is not None and step.facts_for_approval is not None else ()
    clauses = _clauses(content)
    who = "、".join(posts.label(post) for post in row.get("posts", ())) or "系统按时"
    law = [f"办理岗位只能在{'、'.join(posts.label(post) for post in allowed) or '系统'}里选"]
    if step is not None and not step.approvable:
        law.append("这一步不能设审批")
    law.append("状态、前提和结果由程序定，这里改不了")
    return Part(
        "steps",
        row["step"],
        f"步骤「{row['label']}」",
        model,
        row,
        _step_typed(row),
        lambda content, given: _apply_step(content, row["step"], given),
        {
            "clause": clauses,
            "points.clause": clauses,
            "override_post": _all_posts(),
            "approval.post": _all_posts(),
            "approval.fact": [("", "每次都审批"), *((fact, FACTS.get(fact, fact)) for fact in facts)],
        },
        who,
        row["words"],
        tuple(law),
        ("label", "posts", "clause", "words", "caution"),
    )


# --- clocks -----------------------------------------------------------------------------------------------------------
def _apply_clock(content: Content, name: str, given: Any) -> Content:
    wrong: dict[str, str] = {}
    if given.limit:
        _parsed(given.limit, "limit", "期限", wrong)
    for text in given.remind:
        _parsed(text.lstrip("-−－"), "remind", "到期前提醒", wrong)
    for place, rung in enumerate(given.escalate):
        if rung.after != DUE:
            _parsed(rung.after, f"escalate.{place}.after", "什么时候", wrong)
    if wrong:
        raise BadlyFilled(wrong)
    row = _without_empty(
        {
            "clock": name, "label": given.label, "limit": given.limit,
            "remind": [f"-{text.lstrip('-−－').strip()}" for text in given.remind],
            "escalate": [{"after": rung.after, "post": rung.post} for rung in given.escalate],
            "clause": given.clause, "words": given.words,
        }
    )  # fmt: skip
    return _replaced(content, "clocks", "clock", name, row)


def _clock_part(content: Content, row: Mapping[str, Any], rule: ClockRule | None) -> Part:
    typed = {key: row[key] for key in row if key not in {"clock", "remind"}}
    typed["remind"] = [text.lstrip("-") for text in row.get("remind", [])]
    law = []
    if rule is not None and rule.latest:
        law.append(f"期限不能超过 {rule.latest}")
    if rule is not None and rule.law:
        law.append("法定或合同期限，不能暂停，只能改短")
    if rule is not None and rule.limit:
        law.append(f"不写期限时，按程序的 {rule.limit} 执行")
    law.append("从哪一步起算、到哪一步停，由程序定")
    return Part(
        "clocks",
        row["clock"],
        f"时限「{row['label']}」",
        ClockForm,
        row,
        typed,
        lambda content, given: _apply_clock(content, row["clock"], given),
        {"clause": _clauses(content), "escalate.post": _all_posts()},
        row.get("limit", "") or (rule.limit if rule else ""),
        row["words"],
        tuple(law),
    )


# --- the rest ---------------------------------------------------------------------------------------------------------
def _head_part(content: Content) -> Part:
    model = create_model(
        "HeadForm", __base__=HeadForm, audience=_checks("适用岗位", _all_posts(), "不选就是全体")
    )
    keys = ("title", "category", "department", "purpose", "scope", "audience", "emergency")
    row = {key: content.get(key) for key in keys} | {"review": content["control"]["review"]}

    def apply(content: Content, given: Any) -> Content:
        wrong: dict[str, str] = {}
        _parsed(given.review, "review", "复审周期", wrong)
        if wrong:
            raise BadlyFilled(wrong)
        changed = deepcopy(content)
        for key in ("title", "category", "department", "purpose", "scope"):
            changed[key] = getattr(given, key)
        for key in ("audience", "emergency"):
            if getattr(given, key) or key in content:
                changed[key] = _in_order(content.get(key, ()), getattr(given, key))
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
        names = _fresh(given.kpis, "kpi", "figure")
        changed["kpis"] = [
            _without_empty(row.model_dump(mode="json") | {"kpi": name})
            for row, name in zip(given.kpis, names, strict=True)
        ]
        return changed

    return Part(
        "kpis", "", "指标", KpisForm, rows, {"kpis": rows}, apply, {"kpis.clause": _clauses(content)}, f"{len(rows)} 个",
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
            changed[key] = [_without_empty(one.model_dump(mode="json")) for one in getattr(given, key)]
        return changed

    clauses = _clauses(content)
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
        made = _without_empty(given.model_dump(mode="json"))
        if "sections" in made:
            made["sections"] = [_without_empty(section) for section in made["sections"]]
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
            partial(_step_part, content, row, steps.get(row["step"], (0, None))[1]),
        )
    for row in content.get("clocks", []):
        yield "clocks", row["clock"], partial(_clock_part, content, row, rules.get(row["clock"]))
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
