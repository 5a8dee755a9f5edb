"""`guiju import units|areas|customers|complaints FILE --project CODE`: a register into the database."""

from __future__ import annotations

import argparse
import json
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.utils import timezone
from tqdm import tqdm

from guiju.estate.models import Project
from guiju.org.models import Company, Person
from guiju.registers.fields import Kind
from guiju.registers.operations import NotARegister, Preview, UnableToImport, apply, preview
from guiju.registers.outcomes import Status
from guiju.registers.running import begin_all, totals

SLOW_SECONDS = 2.0


class UnableToStart(Exception):
    """The command's words do not say enough. Says in Chinese what is missing."""


def main(args: argparse.Namespace) -> int:
    """
    Import a register as the command line says; print what happened.

    Returns 0 if it ran (refused rows included), 2 if the file is no register or cannot be imported.
    """
    kind = Kind(args.kind)
    try:
        content = _read(Path(args.file))
        by = _person(getattr(args, "by", None))
        company = _company(args.project, by)
        given: dict[str, Any] = {
            "kind": kind, "content": content, "file_name": Path(args.file).name, "project_code": args.project,
            "company": company, "year": getattr(args, "year", None),
        }  # fmt: skip
        with _patience(f"导入{kind.label}"):
            if args.dry_run:
                done = preview(**given)
            else:
                done = apply(**given, by=by, at=timezone.now()).preview
    except (NotARegister, UnableToImport, UnableToStart) as refusal:
        if args.json:
            _say(json.dumps({"error": str(refusal)}, ensure_ascii=False))
        print(str(refusal), file=sys.stderr)
        return 2
    _say(json.dumps(as_json(done), ensure_ascii=False) if args.json else as_text(done, dry_run=args.dry_run))
    return 0


def running(args: argparse.Namespace) -> int:
    """
    Make running deals of a project's imported ones, once (`guiju running`); print what was made and what is owed now.

    Returns 0 if it ran, 2 if there is no such project.
    """
    project = Project.objects.filter(code=args.project.strip()).select_related("company").first()
    if project is None:
        print(f"没有代码为 {args.project} 的项目。", file=sys.stderr)
        return 2
    try:
        by = _person(args.by) if args.by else None
    except UnableToStart as refusal:
        print(str(refusal), file=sys.stderr)
        return 2
    with _patience("建立户账"):
        done = begin_all(project, by=by, at=timezone.now())
    found = totals(project)
    if args.json:
        said = {"books": done.books, "contracts": done.contracts, "loans": done.loans, "owed": str(done.owed)}
        sums = {name: {"count": many, "yuan": str(amount)} for name, (many, amount) in found.items()}
        _say(json.dumps({**said, "totals": sums}, ensure_ascii=False))
        return 0
    _say(
        f"{project.name}：新立户账 {done.books} 户，合同 {done.contracts} 份，按揭 {done.loans} 笔，应收 {done.owed:,.2f} 元"
    )
    for name, (many, amount) in found.items():
        _say(f"  {name}：{many} 笔，{amount:,.2f} 元")
    return 0


def _say(text: str) -> None:
    print(text)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnableToStart(f"读不到文件 {path}：{error.strerror or error}") from error


def _person(username: str | None) -> Person | None:
    """
    Return who imports: the one named, else the first administrator, else nobody (the program itself).

    :raises UnableToStart: nobody has this sign-in name.
    """
    if username:
        person = Person.objects.at_work().filter(username=username).select_related("company").first()
        if person is None:
            raise UnableToStart(f"没有用户名为 {username} 的在职人员。")
        return person
    holders = Person.objects.at_work().filter(holdings__post__code="administrator")
    return holders.select_related("company").order_by("pk").first()


def _company(code: str, by: Person | None) -> Company:
    """
    Return the company that imports: the project's, else the importer's, else the only one.

    :raises UnableToStart: there is no company, or several and nothing tells which.
    """
    project = Project.objects.filter(code=code.strip()).select_related("company").first()
    if project is not None:
        return project.company
    if by is not None:
        return by.company
    companies = list(Company.objects.order_by("pk")[:2])
    if len(companies) == 1:
        return companies[0]
    if not companies:
        raise UnableToStart("还没有公司。请先运行 guiju init（不带 --no-admin）或 guiju demo。")
    raise UnableToStart("有多家公司，请用 --by 指定导入人，新项目归其所属公司。")


@contextmanager
def _patience(what: str) -> Iterator[None]:
    """Show a bar with the time that passes, if the work takes longer than two seconds and somebody is looking."""
    done = threading.Event()

    def show() -> None:
        if done.wait(SLOW_SECONDS):
            return
        with tqdm(
            desc=what, bar_format="{desc} {elapsed} {bar}", total=0, file=sys.stderr, leave=False
        ) as bar:
            while not done.wait(0.5):
                bar.update(1)

    looker = threading.Thread(target=show, daemon=True)
    if sys.stderr.isatty():
        looker.start()
    try:
        yield
    finally:
        done.set()
        if looker.is_alive():
            looker.join()


def as_json(done: Preview) -> dict[str, Any]:
    """Return the result as `--json` prints it."""
    return {
        **done.counts,
        "rejected": [
            {"sheet": outcome.sheet, "row": outcome.row, "reason": outcome.reason}
            for outcome in done.rejected
        ],
        "project": {"code": done.project_code, "name": done.project_name, "new": done.new_project},
        "notices": [
            {"sheet": outcome.sheet, "row": outcome.row, "notice": notice}
            for outcome in done.outcomes
            for notice in outcome.notices
        ],
        "passed": [{"sheet": sheet, "row": row, "what": what} for sheet, row, what in done.reading.passed],
        "skipped": [{"sheet": sheet, "why": why} for sheet, why in done.reading.skipped],
        "year": done.year_words,
        "doubtful": [{"sheet": sheet, "columns": labels} for sheet, labels in _doubtful(done)],
    }


def _doubtful(done: Preview) -> list[tuple[str, list[str]]]:
    """Return the columns whose meaning was guessed, by sheet."""
    return [(page.sheet.name, page.mapping.doubtful) for page in done.reading.pages if page.mapping.doubtful]


def as_text(done: Preview, *, dry_run: bool) -> str:
    """Return the result in words."""
    counts = done.counts
    tally = "，".join(f"{status.label} {counts[status.value]}" for status in Status)
    new = "（新建）" if done.new_project else ""
    lines = [
        f"{'试读' if dry_run else '导入'}{done.kind.label}《{done.file_name}》 → {done.project_name} {done.project_code}{new}",
        f"读取 {counts['read']} 行：{tally}",
    ]
    if done.year_words:
        lines.append(done.year_words)
    lines += [f"工作表「{sheet}」请核对列：{'、'.join(labels)}" for sheet, labels in _doubtful(done)]
    lines += [f"工作表「{sheet}」未读：{why}" for sheet, why in done.reading.skipped]
    lines += [
        f"  拒绝 工作表「{outcome.sheet}」第 {outcome.row} 行：{outcome.reason}" for outcome in done.rejected
    ]
    remarks = [(outcome, notice) for outcome in done.outcomes for notice in outcome.notices]
    lines += [
        f"  提示 工作表「{outcome.sheet}」第 {outcome.row} 行：{notice}" for outcome, notice in remarks[:20]
    ]
    if len(remarks) > 20:
        lines.append(f"  提示 共 {len(remarks)} 条，其余见导入页面")
    if dry_run:
        lines.append("这是试读，什么都没有写入。")
    return "\n".join(lines)
