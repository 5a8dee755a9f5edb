"""The process that measures. Its environment names a database of its own."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any, cast

import django
from tqdm import tqdm

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from guiju.bench import (  # noqa: E402
    end_when_told,
    figures,
    filling,
    inside,
    pages,
    papers,
    place,
    registers,
    serving,
    sweeping,
)
from guiju.bench.figures import MILLISECONDS, SECONDS, TIMES, Figure, milliseconds, ratio  # noqa: E402
from guiju.kernel.models import Case, Counter  # noqa: E402

SMALL = 10_000
LABELS = {
    "open": "登记一个事项", "step": "办一步并写客户答复", "todos": "待办 25 条", "case": "事项页",
    "by name": "按姓名搜索", "by phone": "按手机尾号搜索", "by room": "按房号搜索", "by number": "按编号搜索",
}  # fmt: skip
GOALS = {
    "open": 8,
    "step": 8,
    "todos": 15,
    "case": 20,
    "by name": 8,
    "by phone": 8,
    "by room": 8,
    "by number": 8,
}
SAME = 1.3


class Run:
    """One measurement: what was asked, and what has been found so far."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self.asked = asked
        self.url, self.folder = str(asked["url"]), Path(asked["folder"])
        self.names: dict[str, str] = asked["names"]
        self.cases, self.quick = int(asked["cases"]), bool(asked["quick"])
        self.parts = [part for part in figures.PARTS if not asked["only"] or part in asked["only"]]
        self.figures: list[Figure] = []
        self.notes: list[str] = []
        self.at = timezone.now()

    def add(self, *args: Any, **kwargs: Any) -> None:
        """Keep a figure."""
        self.figures.append(Figure(*args, **kwargs))

    def progress(self, words: str, total: int) -> tqdm[Any]:
        """Return a progress bar on the standard error."""
        return tqdm(total=total, desc=words, file=sys.stderr, leave=False, mininterval=0.5, unit_scale=True)

    # --- the database ------------------------------------------------------------------------------------------------
    def fill(self) -> filling.Filler:
        """Bring the database to the number of cases, with a copy of its small self on the way."""
        call_command("migrate", interactive=False, verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)
        if not Counter.objects.filter(series="bench").exists() and not Case.objects.exists():
            filling.prepare(self.at)
        filler = filling.Filler.open(self.at)
        small = min(self.cases, SMALL)
        with self.progress("写入事项", self.cases) as bar:
            bar.update(filler.count)
            filler.fill(small, bar.update)
            filler.finish()
            self.office = pages.Office.open(small)
            if self.grows and filler.count == small:
                connection.close()
                place.drop(self.url, self.names["small"], self.folder)
                place.create(self.url, self.names["small"], self.folder, like=self.names["big"])
            elif self.grows and place.exists(self.url, self.names["small"], self.folder):
                # Kept by an earlier run: who signed in just now is known only in the big one.
                self.office.sign_in_at(place.named(self.url, self.names["small"], self.folder))
            elif self.grows:
                self.notes.append("接着上次写入的大库没有小库可比：增长一项请用新的 --keep 目录测。")
            filler.fill(self.cases, bar.update)
        filler.finish()
        return filler

    @property
    def grows(self) -> bool:
        """Whether there is more than the small database to compare."""
        return self.cases > SMALL and "growth" in self.parts

    # --- the parts ---------------------------------------------------------------------------------------------------
    def inside(self) -> None:
        """In process: steps beside a bare insert."""
        taken = inside.measure(self.at, number=5 if self.quick else 10)
        bare = taken["bare"]
        for name, words, goal in (
            ("empty", "空流程的一步", 3),
            ("note", "写备注", 6),
            ("remind", "催促签约（不变状态）", 6),
            ("director", "总监审核（变状态、换待办）", 6),
        ):
            mine = taken[name]
            waited, worked = ratio(mine.seconds, bare.seconds), ratio(mine.cpu, bare.cpu)
            beside = (
                f"{milliseconds(median(mine.seconds))}（处理器 {milliseconds(median(mine.cpu))}）；"
                f"一行插入 {milliseconds(median(bare.seconds))}（{milliseconds(median(bare.cpu))}）"
            )
            # On a slow disk both wait for the same commit, so that the clock alone says little: the worse one is judged.
            self.add("inside", f"进程内：{words}", max(waited, worked), TIMES, goal, beside)

    def through_http(self) -> None:
        """Through HTTP: processor time beside the bare project, growth, and waiting."""
        wanted = [part for part in ("pages", "growth", "waiting") if part in self.parts]
        if not wanted:
            return
        database = serving.database_server()
        if connection.vendor == "postgresql" and not database:
            self.notes.append("数据库不在本机：处理器时间只含网页进程，不含数据库。")
        bare_url = place.named(self.url, self.names["bare"], self.folder)
        if not place.exists(self.url, self.names["bare"], self.folder):
            place.create(self.url, self.names["bare"], self.folder)
        own = place.environment(place.named(self.url, self.names["big"], self.folder), self.folder)
        own["DJANGO_SETTINGS_MODULE"] = "guiju.settings"
        bare = place.environment(bare_url, self.folder)
        bare["DJANGO_SETTINGS_MODULE"] = "guiju.bench.bare.settings"
        subprocess.run([sys.executable, "-m", "django", "migrate", "-v0"], env=bare, check=True)
        with ExitStack() as stack:
            site = stack.enter_context(
                serving.serve("guiju.wsgi:application", own, database=database, ready="/healthz")
            )
            other = stack.enter_context(
                serving.serve("guiju.bench.bare.wsgi:application", bare, database=database, ready="/lines")
            )
            if "pages" in wanted:
                self._pages(site, other)
            if "growth" in wanted and self.grows and place.exists(self.url, self.names["small"], self.folder):
                before = own | {"DATABASE_URL": place.named(self.url, self.names["small"], self.folder)}
                small = stack.enter_context(
                    serving.serve("guiju.wsgi:application", before, database=database, ready="/healthz")
                )
                self._growth(site, small)
            if "waiting" in wanted:
                self._waiting(site)

    def _pages(self, site: serving.Site, other: serving.Site) -> None:
        rounds = 8 if self.quick else 25
        operations = self.office.operations()
        with self.progress("网页与接口", rounds * len(operations)) as bar:
            for name, asking in operations.items():
                taken = pages.interleaved(
                    {"bare": (other, pages.bare), name: (site, asking)},
                    number=8,
                    rounds=rounds,
                    say=bar.update,
                )
                mine, bare = taken[name], taken["bare"]
                beside = (
                    f"处理器 {milliseconds(median(mine.cpu))}，等待 {milliseconds(median(mine.seconds))}；"
                    f"对照 {milliseconds(median(bare.cpu))}"
                )
                self.add("pages", LABELS[name], ratio(mine.cpu, bare.cpu), TIMES, GOALS[name], beside)

    def _growth(self, site: serving.Site, small: serving.Site) -> None:
        operations = {name: one for name, one in self.office.operations().items() if name in pages.READING}
        rounds = 8 if self.quick else 25
        with self.progress("大库与小库", rounds * len(operations)) as bar:
            for name, asking in operations.items():
                taken = pages.interleaved(
                    {"small": (small, asking), "big": (site, asking)}, number=8, rounds=rounds, say=bar.update
                )
                beside = (
                    f"{self.cases:,} 个事项 {milliseconds(median(taken['big'].cpu))}；"
                    f"{SMALL:,} 个 {milliseconds(median(taken['small'].cpu))}"
                )
                times = ratio(taken["big"].cpu, taken["small"].cpu)
                self.add("growth", f"库变大后：{LABELS[name]}", times, TIMES, SAME, beside)

    def _waiting(self, site: serving.Site) -> None:
        askings = list(self.office.operations().values())
        waited = pages.together(site, askings, number=16 if self.quick else 60)
        beside = f"中位 {milliseconds(median(waited))}，最长 {milliseconds(max(waited))}，共 {len(waited)} 次"
        worst = pages.percentile(waited, 0.95) * 1000
        self.add("waiting", f"{pages.CLIENTS} 人同时：95 % 的等待", worst, MILLISECONDS, 300, beside)

    def sweep(self, filler: filling.Filler) -> None:
        """The sweep of deadlines."""
        number, due = (5_000, 100) if self.quick else (100_000, 1_000)
        with self.progress("在走的时限", number) as bar:
            found = sweeping.measure(filler, number=number, due=due, say=bar.update)
        self.add("sweep", f"扫描 {number:,} 个时限，无到期", found.nothing, SECONDS, 1)
        beside = f"响 {found.sounded} 个，写 {found.events} 条记录"
        self.add("sweep", f"扫描 {number:,} 个时限，{due:,} 个到期", found.due, SECONDS, 3, beside)

    def imports(self) -> None:
        """An import."""
        rows = 1_000 if self.quick else 10_000
        seconds, created = registers.measure(self.at, rows=rows)
        self.add("import", f"导入 {rows:,} 行", seconds, SECONDS, 15, f"新建 {created:,} 套")

    def papers(self) -> None:
        """Printing."""
        number = 40 if self.quick else 1_000
        with self.progress("打印单据", number) as bar:
            seconds = papers.measure(self.at, number=number, say=bar.update)
        self.add(
            "papers",
            f"打印 {number:,} 份认购书",
            seconds,
            SECONDS,
            30,
            f"每份 {milliseconds(seconds / number)}",
        )

    def all(self) -> dict[str, Any]:
        """Measure every part asked for, and return the result."""
        filler = self.fill()
        parts: dict[str, Callable[[], None]] = {
            "inside": self.inside, "import": self.imports, "papers": self.papers, "sweep": lambda: self.sweep(filler),
        }  # fmt: skip
        if "inside" in self.parts:
            parts["inside"]()
        self.through_http()
        for part in ("papers", "import", "sweep"):
            if part in self.parts:
                parts[part]()
        if not self.grows and "growth" in self.parts:
            self.notes.append(f"库变大后的比较要多于 {SMALL:,} 个事项：--cases 1000000。")
        if self.quick:
            self.notes.append("--quick：数量减少，只看程序跑不跑得通，不作结论。")
        order = {part: place for place, part in enumerate(figures.PARTS)}
        self.figures.sort(key=lambda one: order[one.part])
        return {
            "about": {
                "database": _database(),
                "cases": self.cases,
                "processors": os.cpu_count() or 1,
                "python": platform.python_version(),
                "measured_at": self.at.isoformat(),
            },
            "figures": [one.as_json() for one in self.figures],
            "notes": self.notes,
        }


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            version = cast("tuple[str]", cursor.fetchone())[0]
            cursor.execute("SHOW fsync")
            durable = cast("tuple[str]", cursor.fetchone())[0]
            return f"PostgreSQL {version.split()[0]}（fsync {durable}）"
        cursor.execute("SELECT sqlite_version()")
        return f"SQLite {cast('tuple[str]', cursor.fetchone())[0]}"


if __name__ == "__main__":
    end_when_told()
    run = Run(json.loads(os.environ["GUIJU_BENCH"]))
    Path(run.asked["result"]).write_text(json.dumps(run.all(), ensure_ascii=False), encoding="utf-8")
