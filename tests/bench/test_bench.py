"""`guiju bench`: its own database, a table, JSON, an honest exit code."""

import json
import os
import select
import signal
import subprocess
import sys

import pytest

from guiju.bench import cpu, figures, place
from guiju.bench.figures import ratio
from guiju.bench.pages import percentile


def bench(*words):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GUIJU_")}
    return subprocess.run(
        [sys.executable, "-m", "guiju.cli", "bench", *words],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


@pytest.mark.slow
def test_a_part_is_measured_in_a_database_of_its_own_and_told_as_json():
    done = bench("--quick", "--only", "inside", "--json")

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["about"]["cases"] == 2000
    assert [one["part"] for one in found["figures"]] == ["inside"] * 4
    assert all(one["value"] > 0 and one["met"] in (True, False) for one in found["figures"])


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_an_interrupted_run_leaves_no_process_and_keeps_what_it_filled_with_its_keys(tmp_path):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GUIJU_")}
    running = subprocess.Popen(
        [sys.executable, "-m", "guiju.cli", "bench", "--quick", "--cases", "500", "--only", "pages", "--keep", str(tmp_path)],
        env=environment | {"DATABASE_URL": ""}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert running.stderr is not None
    said = b""
    while "网页与接口".encode() not in said:
        more = os.read(running.stderr.fileno(), 65536)
        assert more, said.decode()
        said += more
    started = cpu.tree(running.pid)[1:]
    # The process that measures, two web servers, and the two processes of each.
    assert len(started) >= 7
    watched = [os.pidfd_open(pid) for pid in started]

    running.send_signal(signal.SIGTERM)
    running.communicate(timeout=60)

    assert running.returncode == 128 + signal.SIGTERM
    for one in watched:
        assert select.select([one], [], [], 60)[0], "a process is still there"
        os.close(one)
    assert {"secret.key", "data.key"} <= {path.name for path in tmp_path.iterdir()}
    assert place.exists("", f"guiju_bench_{tmp_path.name}", tmp_path)
    assert not place.exists("", f"guiju_bench_{tmp_path.name}_bare", tmp_path)


def test_the_keys_of_a_kept_folder_are_written_once_and_used_again(tmp_path):
    (tmp_path / "data.key").write_text("of an earlier run\n", encoding="ascii")

    place.keep_keys(tmp_path)

    used = place.environment("sqlite:////kept", tmp_path)
    assert used["GUIJU_DATA_KEY"] == "of an earlier run"
    assert used["GUIJU_SECRET_KEY"] == (tmp_path / "secret.key").read_text(encoding="ascii")


def test_an_unknown_part_is_refused_with_those_there_are():
    done = bench("--only", "everything")

    assert done.returncode == 2
    assert "没有这一部分：everything" in done.stderr
    assert "sweep" in done.stderr


def test_the_table_says_goal_and_verdict():
    found = {
        "about": {"database": "SQLite 3.40.1", "cases": 10_000, "processors": 2, "python": "3.11.2"},
        "figures": [
            figures.Figure("pages", "事项页", 14.0, "倍", 20, "处理器 12 毫秒").as_json(),
            figures.Figure("waiting", "等待", 310.0, "毫秒", 300).as_json(),
        ],
        "notes": ["说明"],
    }

    text = figures.table(found)

    assert "数据库 SQLite 3.40.1，10,000 个事项，2 个处理器" in text
    assert "事项页  14.00 倍" in text
    assert "≤ 20 倍" in text
    assert text.count("未达到") == 1
    assert text.endswith("说明")


def test_a_ratio_is_the_median_of_the_rounds():
    assert ratio([2.0, 6.0, 100.0], [1.0, 2.0, 10.0]) == 3.0


def test_the_percentile_is_a_value_that_was_measured():
    assert percentile([float(n) for n in range(1, 101)], 0.95) == 95.0
    assert percentile([7.0], 0.95) == 7.0


def test_the_processor_time_of_a_process_grows_with_its_work():
    before = cpu.spent([os.getpid()])
    sum(n * n for n in range(300_000))

    assert cpu.spent([os.getpid()]) > before
    assert os.getpid() in cpu.tree(os.getppid())


def test_databases_are_named_beside_the_given_one(tmp_path):
    assert place.named("postgresql://u:p@db:5433/guiju?sslmode=require", "guiju_bench_1", tmp_path) == (
        "postgresql://u:p@db:5433/guiju_bench_1?sslmode=require"
    )
    assert place.named("", "big", tmp_path) == f"sqlite:///{tmp_path}/big.sqlite3"


def test_a_file_is_copied_and_removed_with_all_that_belongs_to_it(tmp_path):
    (tmp_path / "big.sqlite3").write_bytes(b"rows")

    place.create("", "small", tmp_path, like="big")
    (tmp_path / "small.sqlite3-wal").write_bytes(b"")

    assert place.exists("", "small", tmp_path)
    place.drop("", "small", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["big.sqlite3"]
