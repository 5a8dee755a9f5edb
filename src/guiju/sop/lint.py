"""Checks an SOP before it takes effect, against the schema, the running definition, the forms and the people.

An error refuses submission or publication; a warning is shown and may stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db.models import Q

from guiju.kernel.duration import BadLimit, Limit
from guiju.kernel.process import ClockRule, Process, Step, processes
from guiju.org import posts
from guiju.org.models import Holding
from guiju.sop import content as contents
from guiju.sop.models import Document, Reading, Version
from guiju.sop.questions import printed_forms

ERROR, WARNING = "error", "warning"

_CJK: Final = "\u2e80-\u9fff\U00020000-\U0003ffff"
_RUBBISH: Final = (
    (re.compile("\ufffd"), "有无法显示的字符"),
    (re.compile(f"(?<=[{_CJK}])[,;:?!()](?=[{_CJK}])"), "中文之间用了半角标点"),
    (re.compile(f"(?<=[{_CJK}])[IlW^•|](?=[{_CJK}])|I ?」"), "夹有误识的字符"),
    (re.compile(r"\.{4,}|…{3,}"), "夹有目录的点线"),
    (re.compile(r"攵|匚|H\^|第\s*\d+\s*页共"), "夹有误识的字符"),
)
_MISREAD: Final = {
    "常核": "审核", "按帽": "按揭", "治商": "洽商", "活单": "清单", "不低丁": "不低于", "应丁": "应于",
    "下届": "下属", "隶届": "隶属", "建全": "健全", "登统制": "登统", "设设置": "设置",
}  # fmt: skip
_MENTIONED: Final = re.compile(r"\d+\s*个?\s*(?:工作小时|工作日|分钟|小时|日|天|个?月)(?:之?内|以内)")


@dataclass(frozen=True)
class Finding:
    """Something wrong with an SOP: where, and what, in the words of the person who will mend it."""

    level: str
    place: str
    text: str
    rule: str

    def __str__(self) -> str:
        return f"{self.place}：{self.text}"


def errors(findings: list[Finding]) -> list[Finding]:
    """Return the findings that refuse publication."""
    return [finding for finding in findings if finding.level == ERROR]


def lint(content: contents.Content) -> list[Finding]:
    """Return what is wrong with the content, errors first. People are checked by ``people``."""
    wrong = [Finding(ERROR, place, text, "schema") for place, text in contents.misfits(content)]
    if wrong:
        return wrong
    found = [*_clauses(content), *_texts(content), *_limits_alone(content), *_related(content)]
    if content["kind"] == "process":
        process = processes().get(content["process"])
        if process is None:
            found.append(Finding(ERROR, "流程", f"程序里没有流程「{content['process']}」", "process"))
        else:
            if process.sop != content["code"]:
                says = f"流程「{process.label}」的作业标准书编号是 {process.sop}"
                found.append(Finding(ERROR, "文件编号", says, "process"))
            found += [*_steps(content, process), *_clocks(content, process), *_dead_ends(content, process)]
    found += _forms(content)
    found += _settings(content)
    return sorted(found, key=lambda finding: finding.level != ERROR)


@cache
def known_clauses() -> frozenset[str] | None:
    """Return the ids of the clause inventory; None where the program was installed without it."""
    path = Path(settings.BASE_DIR) / "docs" / "clauses.tsv"
    if not path.exists():
        return None
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(line.split("\t", 1)[0] for line in lines if line)


def _used_clauses(
    value: Any, path: tuple[str | int, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            if key == "clause":
                yield (*path, key), part
            elif key == "clauses" and part and isinstance(part[0], str):
                yield from (((*path, key), clause) for clause in part)
            else:
                yield from _used_clauses(part, (*path, key))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _used_clauses(part, (*path, index))


def _clauses(content: contents.Content) -> Iterator[Finding]:
    own = [row["id"] for row in content.get("clauses", [])]
    known = known_clauses()
    for clause in {clause for clause in own if own.count(clause) > 1}:
        yield Finding(ERROR, "条款", f"条款 {clause} 写了两次", "clause")
    for clause in own:
        if known is not None and clause not in known:
            yield Finding(ERROR, "条款", f"条款 {clause} 不在条款目录里", "clause")
    for path, clause in _used_clauses(content):
        if clause in own:
            continue
        where = contents.place(content, list(path[:-1]))
        if content["kind"] == "process":
            yield Finding(ERROR, where, f"引用的条款 {clause} 没有写在本文件的条款里", "clause")
        elif known is not None and clause not in known:
            yield Finding(ERROR, where, f"引用的条款 {clause} 不在条款目录里", "clause")


def _texts(content: contents.Content) -> Iterator[Finding]:
    for path, text in contents.texts(content):
        where = contents.place(content, path)
        if not text.strip():
            yield Finding(ERROR, where, "没有写", "words")
        for pattern, sentence in _RUBBISH:
            if hit := pattern.search(text):
                yield Finding(
                    ERROR, where, f"{sentence}「{text[max(0, hit.start() - 4) : hit.end() + 4]}」", "ocr"
                )
        for misread, meant in _MISREAD.items():
            if misread in text:
                yield Finding(ERROR, where, f"「{misread}」应为「{meant}」", "ocr")


def _limits_alone(content: contents.Content) -> Iterator[Finding]:
    """A step whose words set a limit that no clock of the document counts."""
    if content["kind"] != "process":
        return
    clocks = content.get("clocks", [])
    said = {_plain(row.get("limit", "")) for row in clocks}
    clauses = {row.get("clause") for row in clocks}
    for row in content["steps"]:
        hit = _MENTIONED.search(row["words"])
        if hit and row.get("clause") not in clauses and _plain(hit[0]) not in said:
            where = f"步骤「{row['label']}」"
            yield Finding(ERROR, where, f"写了「{hit[0]}」，却没有对应的时限", "limit_without_clock")


def _plain(words: str) -> str:
    return re.sub(r"\s|个|之?内|以内", "", words).replace("天", "日")


def _related(content: contents.Content) -> Iterator[Finding]:
    names = [row["step"] for row in content.get("steps", [])]
    for kind, key in (("steps", "step"), ("clocks", "clock"), ("settings", "setting"), ("kpis", "kpi")):
        names = [row[key] for row in content.get(kind, [])]
        for name in {name for name in names if names.count(name) > 1}:
            yield Finding(ERROR, contents.WORDS[kind], f"「{name}」写了两次", "twice")


def _steps(content: contents.Content, process: Process) -> Iterator[Finding]:
    written = {row["step"]: row for row in content["steps"]}
    for step in process.steps:
        if step.name not in written:
            level = ERROR if step.by else WARNING
            yield Finding(level, f"步骤「{step.label}」", "没有写进作业标准书", "words")
    for name, row in written.items():
        where = f"步骤「{row['label']}」"
        declared = process.step(name)
        if declared is None:
            yield Finding(ERROR, where, f"流程「{process.label}」没有步骤「{name}」", "step")
            continue
        yield from _posts(row, declared, where)
        yield from _points(row, where)
        yield from _approval(row, declared, where)


def _posts(row: Mapping[str, Any], step: Step, where: str) -> Iterator[Finding]:
    for post in row.get("posts", []):
        if post not in posts.BY_CODE:
            yield Finding(ERROR, where, f"没有岗位「{post}」", "post")
        elif post not in step.by:
            allowed = "、".join(posts.label(code) for code in step.by) or "系统"
            yield Finding(ERROR, where, f"不能由{posts.label(post)}办理，程序只允许{allowed}", "post")
    if step.by and not row.get("posts"):
        yield Finding(ERROR, where, "没有写办理岗位", "post")
    override = row.get("override_post")
    if override and override not in posts.BY_CODE:
        yield Finding(ERROR, where, f"没有放行岗位「{override}」", "post")
    if override and set(row.get("posts", [])) == {override}:
        yield Finding(ERROR, where, "放行岗位就是办理岗位，没有人能放行", "post")
    if override and not any(not point.get("hard") for point in row.get("points", [])):
        yield Finding(WARNING, where, "写了放行岗位，却没有可以放行的控制要点", "post")


def _points(row: Mapping[str, Any], where: str) -> Iterator[Finding]:
    keys = [point["key"] for point in row.get("points", [])]
    for key in {key for key in keys if keys.count(key) > 1}:
        yield Finding(ERROR, where, f"控制要点「{key}」写了两次", "point")
    for point in row.get("points", []):
        if point["kind"] == "record" and not point.get("fields"):
            yield Finding(ERROR, where, f"记录表「{point['label']}」没有写栏目", "point")
        if point["kind"] != "record" and point.get("fields"):
            yield Finding(ERROR, where, f"控制要点「{point['label']}」不是记录表，不写栏目", "point")


def _approval(row: Mapping[str, Any], step: Step, where: str) -> Iterator[Finding]:
    seats = row.get("approval", [])
    if seats and not step.approvable:
        yield Finding(ERROR, where, "这一步不能设审批", "approval")
    for seat in seats:
        if seat["post"] not in posts.BY_CODE:
            yield Finding(ERROR, where, f"没有审批岗位「{seat['post']}」", "approval")
        if condition := seat.get("when"):
            fact = condition.split()[0].rstrip("<>=!")
            known = step.approval_facts if step.facts_for_approval else ()
            if step.facts_for_approval is None or (known and fact not in known):
                choice = f"，可用的是{'、'.join(known)}" if known else ""
                yield Finding(
                    ERROR, where, f"审批条件「{condition}」里的「{fact}」这一步没有{choice}", "condition"
                )
    if (
        seats
        and {seat["post"] for seat in seats} <= set(row.get("posts", []))
        and len(row.get("posts", [])) == 1
    ):
        yield Finding(ERROR, where, "审批岗位就是办理岗位，没有别人把关", "own_approval")
    orders = sorted({seat["order"] for seat in seats})
    if orders and orders != list(range(1, len(orders) + 1)):
        yield Finding(WARNING, where, "审批顺序不连续", "approval")


def _clocks(content: contents.Content, process: Process) -> Iterator[Finding]:
    rules = {rule.name: rule for rule in process.clocks}
    written = {row["clock"] for row in content["clocks"]}
    for rule in process.clocks:
        if rule.name not in written:
            limit = f"，按程序的 {rule.limit} 执行" if rule.limit else ""
            yield Finding(WARNING, f"时限「{rule.label}」", f"没有写进作业标准书{limit}", "clock")
    for row in content["clocks"]:
        where = f"时限「{row['label']}」"
        if row["clock"] not in rules:
            yield Finding(
                ERROR,
                where,
                f"流程「{process.label}」没有时限「{row['clock']}」，这个期限没有人计时",
                "limit_without_clock",
            )
            continue
        yield from _limit(row, rules[row["clock"]], where)


def _limit(row: Mapping[str, Any], rule: ClockRule, where: str) -> Iterator[Finding]:
    limits: dict[str, Limit] = {}
    for word, text in (
        ("limit", row.get("limit") or rule.limit),
        *(("remind", text.lstrip("-")) for text in row.get("remind", [])),
        *(("escalate", rung["after"]) for rung in row.get("escalate", []) if rung["after"] != "到期"),
    ):
        try:
            if text:
                limits[word] = Limit.parse(text)
        except BadLimit as error:
            yield Finding(ERROR, where, str(error).rstrip("。"), "limit")
            return
    if rule.due is None and "limit" not in limits:
        yield Finding(ERROR, where, "没有写期限", "limit")
    if rule.latest and "limit" in limits and limits["limit"].exceeds(Limit.parse(rule.latest)):
        yield Finding(ERROR, where, f"{limits['limit']}超过了允许的最长期限 {rule.latest}", "looser_than_law")
    if (
        rule.law
        and not rule.latest
        and rule.limit
        and "limit" in limits
        and limits["limit"].exceeds(Limit.parse(rule.limit))
    ):
        yield Finding(ERROR, where, f"{limits['limit']}超过了法定期限 {rule.limit}", "looser_than_law")
    for rung in row.get("escalate", []):
        if rung["post"] not in posts.BY_CODE:
            yield Finding(ERROR, where, f"没有升级岗位「{rung['post']}」", "post")
    if "limit" in limits and not rule.then and not row.get("escalate"):
        yield Finding(WARNING, where, "超期后没有写报给谁", "escalate")


def _dead_ends(content: contents.Content, process: Process) -> Iterator[Finding]:
    """States that nobody can leave, because the SOP gives every way out to posts that do not exist."""
    written = {row["step"]: row for row in content["steps"]}
    for state in process.states:
        if state in process.ends:
            continue
        ways = [step for step in process.steps if state in step.when and step.to and step.to is not state]
        open_ways = [step for step in ways if step.by_clock or _somebody(written.get(step.name), step)]
        if not open_ways:
            yield Finding(ERROR, f"状态「{state.label}」", "没有人能把事项办出这个状态", "dead_end")


def _somebody(row: Mapping[str, Any] | None, step: Step) -> bool:
    chosen = set(row.get("posts", [])) if row else set()
    return bool((chosen & set(step.by)) & set(posts.BY_CODE)) if chosen else bool(step.by)


def _forms(content: contents.Content) -> Iterator[Finding]:
    library: dict[str, str] = {}
    for part in printed_forms.ask_all():
        library |= part
    listed = {row["form"] for row in content.get("forms", [])}
    used = {
        form: f"步骤「{row['label']}」" for row in content.get("steps", []) for form in row.get("forms", [])
    }
    for form, where in used.items():
        if form not in listed:
            yield Finding(ERROR, where, f"表格「{form}」没有列在本文件的相关表格里", "form")
    if library:
        for row in content.get("forms", []):
            if row["form"] not in library:
                yield Finding(
                    ERROR, f"相关表格「{row['title']}」", "表单库里没有这张表的模板", "form_without_template"
                )


def _settings(content: contents.Content) -> Iterator[Finding]:
    for row in content.get("settings", []):
        where, value = f"参数「{row['label']}」", row["value"]
        numbers = list(value.values()) if isinstance(value, dict) else [value]
        for number in numbers:
            if isinstance(number, bool) or not isinstance(number, int | float):
                continue
            if "minimum" in row and number < row["minimum"]:
                yield Finding(ERROR, where, f"{number} 低于下限 {row['minimum']}", "range")
            if "maximum" in row and number > row["maximum"]:
                yield Finding(ERROR, where, f"{number} 高于上限 {row['maximum']}", "range")


# --- people ----------------------------------------------------------------------------------------------------------
def posts_of(content: contents.Content) -> dict[str, str]:
    """Return the posts that the document gives work to, with a place that names each."""
    found: dict[str, str] = {}
    for row in content.get("steps", []):
        for post in row.get("posts", []):
            found.setdefault(post, f"步骤「{row['label']}」")
        for seat in row.get("approval", []):
            found.setdefault(seat["post"], f"步骤「{row['label']}」的审批")
    for row in content.get("clocks", []):
        for rung in row.get("escalate", []):
            found.setdefault(rung["post"], f"时限「{row['label']}」的升级")
    return found


def people(version: Version, *, company_id: int, at: datetime) -> list[Finding]:
    """
    Return the posts of a version that nobody holds in the company, or whose holders have neither read the version nor
    been trained in it. Both refuse publication.
    """
    found: list[Finding] = []
    holders: dict[str, set[int]] = {}
    rows = Holding.objects.at(at).filter(company_id=company_id).values_list("post__code", "person_id")
    for post, person_id in rows:
        holders.setdefault(post, set()).add(person_id)
    readers = set(Reading.objects.filter(version=version).values_list("person_id", flat=True))
    for post, where in posts_of(version.content).items():
        held = holders.get(post, set())
        if not held:
            found.append(Finding(ERROR, where, f"{posts.label(post)}没有人任职", "post_without_person"))
        elif not held & readers:
            found.append(
                Finding(ERROR, where, f"{posts.label(post)}还没有人阅读或参加培训", "post_without_training")
            )
    return found


def without_sop(company_id: int | None = None) -> list[Process]:
    """Return the running processes that no published SOP describes (G-2-a)."""
    described = set(
        Document.objects.filter(
            Q(company_id=company_id) | Q(company=None), versions__state=Version.State.PUBLISHED
        )
        .exclude(process="")
        .values_list("process", flat=True)
    )
    return [process for name, process in processes().items() if name not in described]
