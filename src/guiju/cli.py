"""
The `guiju` command: reads the words, calls the app that does the work, gives back its exit code.

Nothing heavy is imported before the words are understood, so `--help` answers at once.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Final

from guiju import discreet

Words = argparse.ArgumentParser

# Command → function that does it. Each takes the parsed words and gives back the exit code.
WORK: Final = {
    "init": "guiju.installation:init",
    "demo": "guiju.installation:demo",
    "serve": "guiju.serving:serve",
    "worker": "guiju.serving:work",
    "import": "guiju.registers.cli:main",
    "sop": "guiju.sop.cli:main",
    "audit": "guiju.kernel.audit_cli:main",
    "ledger": "guiju.ledger.cli:main",
    "backup": "guiju.backup:backup",
    "restore": "guiju.backup:restore",
    "running": "guiju.registers.cli:running",
    "token": "guiju.api.cli:main",
    "evidence": "guiju.papers.evidence_cli:main",
    "reindex": "guiju.kernel.search_cli:main",
    "kpi": "guiju.reports.kpi_cli:main",
    "bench": "guiju.bench:main",
    "trace": "guiju.trace:main",
}
# These start before the keys and the tables are there, or look at the code only.
WITHOUT_DJANGO: Final = frozenset({"init", "serve", "restore", "bench", "trace"})


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out one command; 0 when it did its work, something else when it did not."""
    args = words().parse_args(argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "guiju.settings")
    module, _, name = WORK[args.command].partition(":")
    from django.core.exceptions import ImproperlyConfigured
    from django.db import DatabaseError

    if not os.environ.get("GUIJU_DEBUG"):
        sys.excepthook = discreet.excepthook
    try:
        if args.command not in WITHOUT_DJANGO:
            import django

            django.setup()
        work: Callable[[argparse.Namespace], int] = getattr(import_module(module), name)
        return work(args)
    except ImproperlyConfigured as error:
        print(f"guiju: {error}", file=sys.stderr)
        return 1
    except DatabaseError as error:
        if os.environ.get("GUIJU_DEBUG"):
            raise
        print(
            f"guiju: the database says: {discreet.words(error)}\nIs it there and up to date? `guiju init`",
            file=sys.stderr,
        )
        return 1
    except OSError as error:
        # No space, no permission, no such folder: said in one line, the rest is for developers.
        if os.environ.get("GUIJU_DEBUG"):
            raise
        print(f"guiju: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def words() -> Words:
    """The grammar of the command."""
    parser = Words(prog="guiju", description="归居：让作业标准书自己运行。")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    def command(name: str, help_text: str) -> Words:
        return commands.add_parser(name, help=help_text, description=help_text)

    init = command(
        "init", "prepare this installation: keys, database, SOPs 1.0, calendar, first administrator"
    )
    init.add_argument("--admin", metavar="USER", help="sign-in name of the first administrator")
    init.add_argument("--name", help="the administrator's name as people read it")
    init.add_argument("--company", help="name of the first company (legal entity)")
    init.add_argument("--group", help="name of the group it belongs to (default: named after the company)")
    init.add_argument(
        "--password-stdin",
        action="store_true",
        help="read the administrator's password from the standard input",
    )
    init.add_argument("--no-admin", action="store_true", help="make no administrator now")
    init.add_argument("--quiet", action="store_true", help="print only what went wrong")

    demo = command("demo", "fill an empty database with the demo project, its people and their work")
    demo.add_argument("--stage", default="", help="how far the demo goes (default: everything)")
    demo.add_argument("--sign-ins", action="store_true", help="only print the demo sign-ins")

    serve = command("serve", "serve pages and the API on 127.0.0.1")
    serve.add_argument("--port", type=int, help="default: the variable PORT, or 8000")
    serve.add_argument("--workers", type=int, default=1, help="processes (default 1; more with PostgreSQL)")
    serve.add_argument("--threads", type=int, default=4, help="threads of each process (default 4)")
    serve.add_argument(
        "--with-worker", action="store_true", help="start one worker beside the server, stop it with it"
    )

    worker = command("worker", "do what is due: reminders, escalations, notices, papers, follow-ups")
    worker.add_argument("--once", action="store_true", help="do what is due now, then stop")

    imports = command("import", "read an Excel register into the database")
    imports.add_argument("kind", choices=["units", "areas", "customers", "complaints"])
    imports.add_argument("file", metavar="FILE")
    imports.add_argument(
        "--project", required=True, metavar="CODE", help="project code; units make a new one"
    )
    imports.add_argument("--dry-run", action="store_true", help="only say what would be created and changed")
    imports.add_argument("--json", action="store_true", help="print the result as JSON")
    imports.add_argument("--year", type=int, help="year of dates that name none")
    imports.add_argument(
        "--by", metavar="USER", help="sign-in name of who imports (default: the first administrator)"
    )

    running = command(
        "running", "make running deals of owners imported before: books, contracts, loans on the board"
    )
    running.add_argument("--project", required=True, metavar="CODE")
    running.add_argument("--json", action="store_true", help="print the result as JSON")
    running.add_argument("--by", metavar="USER", help="sign-in name of who does it (default: the program)")

    sop = command("sop", "check, show or publish SOPs")
    sops = sop.add_subparsers(dest="act", required=True, metavar="ACT")
    lint = sops.add_parser("lint", help="check SOPs; refuses with the reasons")
    lint.add_argument("code", nargs="?", help="one SOP (default: all)")
    lint.add_argument("--json", action="store_true")
    show = sops.add_parser("show", help="print an SOP as it is in force")
    show.add_argument("code", nargs="?", help="one SOP (default: a list of all)")
    show.add_argument("--mermaid", action="store_true", help="print the flowchart as mermaid text")
    show.add_argument("--json", action="store_true")
    publish = sops.add_parser("publish", help="put an SOP file into force as a new version")
    publish.add_argument("file", metavar="FILE")
    publish.add_argument("--by", metavar="USER", help="sign-in name of who publishes")
    publish.add_argument("--from-date", metavar="YYYY-MM-DD", help="day from which it holds (default: today)")
    publish.add_argument("--company", help="company it holds for (default: the whole group)")

    audit = command("audit", "prove that no event was changed, removed or reordered")
    audits = audit.add_subparsers(dest="act", required=True, metavar="ACT")
    verify = audits.add_parser("verify", help="recompute every chain and compare it with the anchors")
    verify.add_argument("--json", action="store_true")

    ledger = command("ledger", "prove that the books add up")
    books = ledger.add_subparsers(dest="act", required=True, metavar="ACT")
    add_up = books.add_parser("verify", help="add up every book and name the row that is wrong")
    add_up.add_argument("--json", action="store_true")

    backup = command("backup", "write database, attachments and anchors into one file")
    backup.add_argument("file", metavar="FILE")
    restore = command("restore", "put a backup back into an empty installation")
    restore.add_argument("file", metavar="FILE")
    restore.add_argument("--force", action="store_true", help="replace what is there")

    evidence = command(
        "evidence", "write the evidence pack of a case: PDF, record and the program that checks it"
    )
    evidence.add_argument("number", metavar="NUMBER", help="number of the case")
    evidence.add_argument(
        "file", metavar="FILE", help="ends in .zip (all in one) or .pdf (the others beside it)"
    )

    token = command("token", "bearer tokens of the API")
    tokens = token.add_subparsers(dest="act", required=True, metavar="ACT")
    create = tokens.add_parser("create", help="make a token for a person and print it once")
    create.add_argument("user", metavar="USER")
    create.add_argument("--label", default="", help="what it is for")
    create.add_argument("--days", type=int, help="days until it ends (default: a year)")
    shown = tokens.add_parser(
        "list", help="list tokens: whose, what for, until when, last used; never their text"
    )
    shown.add_argument("user", metavar="USER", nargs="?", help="only this person's (default: everybody's)")
    shown.add_argument("--all", action="store_true", help="also those that ended or were revoked")
    shown.add_argument("--json", action="store_true")
    revoke = tokens.add_parser("revoke", help="end a token at once")
    revoke.add_argument("id", metavar="ID", type=int, help="its number, as `guiju token list` prints it")

    reindex = command("reindex", "index everything for search again; work goes on meanwhile")
    reindex.add_argument("kinds", nargs="*", metavar="KIND", help="only these: case customer unit article")
    reindex.add_argument("--json", action="store_true")

    command("kpi", "make the kept figures of the board again from the cases; work goes on meanwhile")

    bench = command("bench", "measure this program on the chosen database")
    bench.add_argument("--json", action="store_true")
    bench.add_argument("--cases", type=int, help="cases in the throw-away database (default 10000)")
    bench.add_argument(
        "--only", nargs="+", action="extend", metavar="PART",
        help="only these parts: inside pages growth waiting sweep import papers",
    )  # fmt: skip
    bench.add_argument("--quick", action="store_true", help="few of everything: does it run at all")
    bench.add_argument(
        "--keep", metavar="FOLDER", help="keep the filled database there; a stopped fill goes on next time"
    )

    trace = command("trace", "count the clauses that passing tests show")
    trace.add_argument("--json", action="store_true")
    trace.add_argument("--missing", action="store_true", help="name the clauses that no test shows")
    trace.add_argument("--run", action="store_true", help="run the marked tests first")
    return parser


if __name__ == "__main__":
    sys.exit(main())
