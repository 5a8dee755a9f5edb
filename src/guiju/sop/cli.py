"""``guiju sop lint|show|publish``."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import date, datetime
from pathlib import Path

from django.db.models import Q
from django.utils import timezone

from guiju.kernel.process import processes
from guiju.org.models import Company, Person
from guiju.sop import content as contents
from guiju.sop import flowchart, lint, policies, queries, reading, shipped
from guiju.sop.models import Document, Version, day_of
from guiju.sop.operations import (
    UnableToPublish,
    UnableToRevise,
    draft_from,
    edit,
    publish,
    submit,
)


def main(args: argparse.Namespace) -> int:
    """Carry out one of the acts; 0 when it did its work."""
    return {"lint": _lint, "show": _show, "publish": _publish}[args.act](args)


def _lint(args: argparse.Namespace) -> int:
    """Check the shipped files, and the versions under way in the database where there is one; 1 if there are errors."""
    try:
        found = {code: (content, "") for code, content in shipped.documents().items()}
    except contents.BadFile as error:
        print(f"guiju sop lint: {error}", file=sys.stderr)
        return 1
    for version in _versions():
        content = version.content
        if version.state in Version.ON_THE_WAY or content["code"] not in found:
            found[f"{content['code']} {version.number}"] = (content, version.get_state_display())
        elif not version.shipped:
            found[content["code"]] = (content, f"{version.number} 版")
    if args.code:
        found = {key: row for key, row in found.items() if key.split()[0] == args.code}
        if not found:
            print(f"guiju sop lint: 没有编号 {args.code} 的作业标准书", file=sys.stderr)
            return 1
    results = {key: lint.lint(content) for key, (content, _) in found.items()}
    bad = sum(len(lint.errors(findings)) for findings in results.values())
    if args.json:
        rows = [
            {"code": key, "level": row.level, "place": row.place, "text": row.text, "rule": row.rule}
            for key, findings in results.items()
            for row in findings
        ]
        print(json.dumps({"documents": len(results), "errors": bad, "findings": rows}, ensure_ascii=False))
        return 1 if bad else 0
    for key, findings in results.items():
        state = found[key][1]
        print(
            f"{key} {found[key][0].get('title', '')}{f'（{state}）' if state else ''}：{'可以发布' if not findings else ''}"
        )
        for row in findings:
            print(f"  {'错误' if row.level == lint.ERROR else '提示'}　{row}")
    print(f"共 {len(results)} 份，错误 {bad} 处")
    return 1 if bad else 0


def _versions() -> list[Version]:
    """Return the versions in force and under way; none where the tables are not there yet."""
    from django.db import connection

    if Version._meta.db_table not in connection.introspection.table_names():
        return []
    today = day_of(timezone.now())
    found = []
    for document in Document.objects.order_by("code", "pk"):
        now = policies.version_of(document, today)
        found += [now] if now else []
        found += list(document.versions.open())
    return found


def _show(args: argparse.Namespace) -> int:
    today = day_of(timezone.now())
    if not args.code:
        return _list(args, today)
    content, number, standing = _found(args.code, today)
    if content is None:
        print(f"guiju sop show: 没有编号 {args.code} 的作业标准书", file=sys.stderr)
        return 1
    if args.mermaid:
        process = processes().get(content.get("process", ""))
        if process is None:
            print(f"guiju sop show: 《{content['title']}》没有流程图", file=sys.stderr)
            return 1
        print(
            flowchart.mermaid(
                flowchart.chart_of(process, contents.policy_of(content, key=0, version=number))
            ),
            end="",
        )
        return 0
    if args.json:
        print(json.dumps(content | {"version": number, "standing": standing}, ensure_ascii=False, indent=1))
        return 0
    print("\n".join(_written(content, number, standing)))
    return 0


def _found(code: str, today: date) -> tuple[contents.Content | None, str, str]:
    for version in _versions():
        if version.document.code == code and version.state == Version.State.PUBLISHED:
            return version.content, version.number, queries.standing(version, today)
    content = shipped.documents().get(code)
    return (content, content["control"]["version"], "未装入") if content else (None, "", "")


def _list(args: argparse.Namespace, today: date) -> int:
    rows = {
        code: (content["title"], content["control"]["version"], "未装入")
        for code, content in shipped.documents().items()
    }
    for version in _versions():
        if version.state == Version.State.PUBLISHED:
            rows[version.document.code] = (
                version.document.title,
                version.number,
                queries.standing(version, today),
            )
    if args.json:
        listed = [
            {"code": code, "title": title, "version": number, "standing": standing}
            for code, (title, number, standing) in sorted(rows.items())
        ]
        print(json.dumps(listed, ensure_ascii=False))
        return 0
    for code, (title, number, standing) in sorted(rows.items()):
        print(f"{code}　{number}　{standing}　{title}")
    return 0


def _written(content: contents.Content, number: str, standing: str) -> list[str]:
    """Write a document as plain text."""
    said = content["control"]
    out = [
        f"{content['title']}　{content['code']}　版本 {number}（{standing}）",
        f"编制 {said['prepared']}　审核 {said['reviewed']}　批准 {said['approved']}　实施日期 {said['effective']}",
        "",
        f"目的　{content['purpose']}",
        f"适用范围　{content['scope']}",
    ]
    if content.get("clauses"):
        out += ["", "条款"] + [f"  {row.number}　{row.words}" for row in reading.clauses(content)]
    for part in content.get("parts", []):
        out += ["", f"{part['number']}　{part['title']}"]
        out += [f"  {part['words']}"] if part.get("words") else []
        out += [
            f"  {row['number']}　{row['title']}　{row.get('words') or row.get('document') or ''}".rstrip("　")
            for row in part.get("sections", [])
        ]
    if content.get("steps"):
        out += ["", "步骤"]
    for step in content.get("steps", []):
        who = "、".join(_post(post) for post in step.get("posts", [])) or "系统按时"
        out.append(f"  {step['label']}（{who}）　{step['words']}")
        out += [f"    控制要点　{point['label']}" for point in step.get("points", [])]
        out += [f"    审批　{line}" for line in reading.approval(step)]
    if content.get("clocks"):
        out += ["", "时限"] + [
            f"  {row['label']}　{row.get('limit', '')}　{row['words']}" for row in content["clocks"]
        ]
    return out


def _post(code: str) -> str:
    from guiju.org import posts

    return posts.label(code)


def _publish(args: argparse.Namespace) -> int:
    """
    Put a file into force. The first time it is taken in as a draft and handed in for review; once it was reviewed and
    approved in the program, the same command with the same file publishes it. Nobody publishes past an approval.
    """
    at = timezone.now()
    try:
        content = contents.read_file(Path(args.file))
        person = _person(args.by)
        document = _document(content, args.company)
        effective = date.fromisoformat(args.from_date) if args.from_date else day_of(at)
        version = _same(document, content)
        if version is not None and version.state == Version.State.APPROVED:
            publish(version, effective_date=effective, by=person, at=at)
            print(f"{version} 已发布，{effective:%Y-%m-%d} 起执行")
            return 0
        if version is not None:
            print(
                f"{version} 现在是「{version.get_state_display()}」，批准后再运行一次即可发布",
                file=sys.stderr,
            )
            return 1
        draft = _take_in(document, content, args.company, person, at)
    except (contents.BadFile, UnableToRevise, UnableToPublish, ValueError) as error:
        print(f"guiju sop publish: {error}", file=sys.stderr)
        return 1
    print(f"{draft} 已送审。审核、批准后再运行一次即可发布", file=sys.stderr)
    return 1


def _person(username: str | None) -> Person:
    if not username:
        raise ValueError("请用 --by 写明由谁办理")
    person = Person.objects.filter(username=username, is_active=True).select_related("company").first()
    if person is None:
        raise ValueError(f"没有用户 {username}")
    return person


def _company(name: str | None) -> Company | None:
    if not name:
        return None
    found = Company.objects.filter(Q(name=name) | Q(short_name=name)).first()
    if found is None:
        raise ValueError(f"没有公司「{name}」")
    return found


def _document(content: contents.Content, company: str | None) -> Document:
    where = _company(company)
    code = str(content.get("code", ""))
    found = (
        Document.objects.filter(code=code, company=where).first()
        or Document.objects.filter(code=code, company=None).first()
    )
    if found is None:
        raise ValueError(f"没有编号 {code} 的作业标准书，新文件随程序提供或先装入")
    return found


def _same(document: Document, content: contents.Content) -> Version | None:
    """Return the version under way that says the same as the file, whatever its control block says."""
    for version in document.versions.open():
        if {**version.content, "control": None} == {**content, "control": None}:
            return version
    return None


def _take_in(
    document: Document, content: contents.Content, company: str | None, person: Person, at: datetime
) -> Version:
    latest = document.versions.published().newest_first().first()
    if latest is None:
        raise ValueError(f"{document} 还没有版本")
    revisions = (content.get("control") or {}).get("revisions") or [{"text": "按文件修订"}]
    draft = draft_from(latest, by=person, at=at, change_note=revisions[-1]["text"], company=_company(company))
    return submit(edit(draft, content=content, by=person, at=at), by=person, at=at)
