"""The steps and the limits of an SOP as forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import create_model

from guiju.kernel.process import ClockRule, Step
from guiju.kernel.refusals import BadlyFilled
from guiju.org import posts
from guiju.sop.content import Content
from guiju.web.sopfields import DUE, FACTS, ClockForm, SeatForm, StepForm
from guiju.web.soppart import (
    Part,
    all_posts,
    check_limit,
    clause_choices,
    codes_of,
    in_order,
    post_choices,
    replaced,
    ticks,
    without_empty,
)


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
    keys = codes_of(given.points, "key", "point")
    points = [
        without_empty(
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
    row = without_empty(
        {
            "step": name, "label": given.label, "posts": in_order(before.get("posts", ()), given.posts), "clause": given.clause, "words": given.words,
            "points": points, "approval": approval, "documents_in": list(given.documents_in),
            "documents_out": list(given.documents_out), "forms": in_order(before.get("forms", ()), given.forms), "script": given.script,
            "caution": given.caution, "override_post": given.override_post,
        }
    )  # fmt: skip
    return replaced(content, "steps", "step", name, row)


def step_part(content: Content, row: Mapping[str, Any], step: Step | None) -> Part:
    """Return a step as a part."""
    allowed = step.by if step is not None else tuple(row.get("posts", ()))
    listed = [(form["form"], f"{form['form']} {form['title']}") for form in content.get("forms", [])]
    model = create_model(
        "StepForm",
        __base__=StepForm,
        posts=ticks("办理岗位", post_choices(allowed), "程序允许的岗位里选"),
        forms=ticks("相关表格", listed, "本文件「相关表格」里列出的"),
    )
    facts = step.approval_facts if step is not None and step.facts_for_approval is not None else ()
    clauses = clause_choices(content)
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
            "override_post": all_posts(),
            "approval.post": all_posts(),
            "approval.fact": [("", "每次都审批"), *((fact, FACTS.get(fact, fact)) for fact in facts)],
        },
        who,
        row["words"],
        tuple(law),
        ("label", "posts", "clause", "words", "caution"),
    )


def _apply_clock(content: Content, name: str, given: Any) -> Content:
    wrong: dict[str, str] = {}
    if given.limit:
        check_limit(given.limit, "limit", "期限", wrong)
    for text in given.remind:
        check_limit(text.lstrip("-−－"), "remind", "到期前提醒", wrong)
    for place, rung in enumerate(given.escalate):
        if rung.after != DUE:
            check_limit(rung.after, f"escalate.{place}.after", "什么时候", wrong)
    if wrong:
        raise BadlyFilled(wrong)
    row = without_empty(
        {
            "clock": name, "label": given.label, "limit": given.limit,
            "remind": [f"-{text.lstrip('-−－').strip()}" for text in given.remind],
            "escalate": [{"after": rung.after, "post": rung.post} for rung in given.escalate],
            "clause": given.clause, "words": given.words,
        }
    )  # fmt: skip
    return replaced(content, "clocks", "clock", name, row)


def clock_part(content: Content, row: Mapping[str, Any], rule: ClockRule | None) -> Part:
    """Return a limit as a part."""
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
        {"clause": clause_choices(content), "escalate.post": all_posts()},
        row.get("limit", "") or (rule.limit if rule else ""),
        row["words"],
        tuple(law),
    )
