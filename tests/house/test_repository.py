"""Rules about the repository itself: what lies where, and what may not be written anywhere."""

import itertools
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.layout import APPS, ROOT, SOURCE, tracked_files


@pytest.mark.parametrize("app", APPS)
def test_every_app_says_what_it_is_in_at_most_twelve_lines(app):
    lines = (SOURCE / app / "README.md").read_text(encoding="utf-8").splitlines()

    assert 3 <= len(lines) <= 12


@pytest.mark.parametrize("app", APPS)
def test_no_module_is_named_by_being_useful(app):
    vague = {"utils", "helpers", "services", "common", "misc", "signals", "receivers"}

    found = [p for p in (SOURCE / app).rglob("*") if p.stem in vague]

    assert found == []


def test_nothing_names_a_machine_or_the_workshop():
    slash = "/"
    words = [
        slash + "work" + slash,
        slash + "root" + slash,
        slash + "farm" + slash,
        slash + ".lib" + "rary",
        "sub" + "agent",
    ]
    words += ["this " + "session", "Clau" + "de", "Anth" + "ropic", "../" + "shared", "Chat" + "GPT"]
    words += ["pypi" + ".org", "python" + "hosted", "npmjs" + ".", "deb.debian" + ".org", "file:///" + "opt"]

    found = []
    for file in tracked_files():
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{file.relative_to(ROOT)}: {word}" for word in words if word in text]

    assert found == []


def test_nothing_from_the_data_folder_and_no_key_is_tracked():
    names = [str(p.relative_to(ROOT)) for p in tracked_files()]

    assert [n for n in names if n.startswith("var/") or n.endswith((".key", ".sqlite3", ".pyc"))] == []


def test_every_dependency_says_why_it_is_here():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    inside, silent = False, []
    for before, line in itertools.pairwise(lines):
        if re.match(r"(dependencies|dev|requires) = \[$", before):
            inside = True
        if line == "]":
            inside = False
        types_follow = line.strip().startswith('"types-')
        if (
            inside
            and line.strip().startswith('"')
            and not before.strip().startswith("#")
            and not types_follow
        ):
            silent.append(line.strip())

    assert silent == []


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock", "script/uv.lock"])
def test_locks_hold_hashes_and_no_address(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9-]+(?:\[[a-z,]+\])?==[^\n]*", text, re.MULTILINE)

    assert packages
    assert all(line.endswith("\\") for line in packages)
    assert text.count("--hash=sha256:") >= len(packages)
    assert not re.search(r"https?:|^--|file:", text, re.MULTILINE)


def test_locks_hold_what_the_project_asks_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [re.match(r"[A-Za-z0-9-]+", d).group().lower() for d in project["project"]["dependencies"]]
    locked = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert set(asked) <= set(locked)


def test_both_locks_agree_on_every_package():
    pins = []
    for name in ("requirements.lock", "requirements-dev.lock"):
        pins.append(
            dict(re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE))
        )

    assert {name: pins[1].get(name) for name in pins[0]} == pins[0]


def test_no_package_brings_a_licence_that_would_bind_the_whole_program():
    from importlib.metadata import distribution

    locked = re.findall(
        r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.MULTILINE
    )
    binding = re.compile(r"(?<!L)\bA?GPL|Affero|GNU General Public", re.IGNORECASE)
    found = []
    for name in locked:
        try:
            meta = distribution(name).metadata
        except ModuleNotFoundError:  # for another system
            continue
        short = [line for line in [meta["License-Expression"], meta["License"]] if line and "\n" not in line]
        said = [*short, *(c for c in meta.get_all("Classifier", []) if c.startswith("License"))]
        if any(binding.search(x) and "Lesser" not in x for x in said):
            found.append(name)

    assert found == []


def test_every_variable_of_the_settings_is_documented():
    settings = (SOURCE / "settings.py").read_text(encoding="utf-8")
    documented = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    names = set(re.findall(r'"(GUIJU_[A-Z_]+|DATABASE_URL)"', settings))

    assert {n for n in names if f"`{n}`" not in documented} == set()


def test_every_decision_is_listed_and_fits_on_half_a_page():
    folder = ROOT / "docs" / "decisions"
    listed = set(re.findall(r"\((\S+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    pages = {p.name for p in folder.glob("*.md")} - {"README.md"}

    assert listed == pages
    assert {n for n in pages if len((folder / n).read_text(encoding="utf-8").splitlines()) > 24} == set()


def test_the_glossary_has_each_word_once():
    rows = re.findall(
        r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.M
    )
    words = [w.strip() for chinese, _ in rows if chinese not in ("中文", "---") for w in chinese.split("、")]

    assert sorted({w for w in words if words.count(w) > 1}) == []


def test_clauses_have_unique_ids_and_repeat_only_known_ones():
    from guiju import trace

    known = trace.clauses()

    assert len(known) == 836
    assert [c.id for c in known.values() if c.same_as and c.same_as not in known] == []


def test_punctuation_between_chinese_characters_is_full_width():
    done = subprocess.run(
        [sys.executable, str(ROOT / "script" / "punctuation.py")], capture_output=True, text=True, check=False
    )

    assert done.stdout.strip() == "no half-width punctuation between Chinese characters"


def test_every_script_can_be_run_and_stops_on_errors():
    scripts = [p for p in (ROOT / "script").iterdir() if p.read_bytes().startswith(b"#!")] + [
        ROOT / ".ci" / "run"
    ]

    assert [p.name for p in scripts if not p.stat().st_mode & 0o100] == []
    assert [p.name for p in scripts if "set -" not in p.read_text(encoding="utf-8")] == []


def test_local_links_of_the_documents_lead_somewhere():
    broken = []
    for page in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8")):
            if not (page.parent / target).exists():
                broken.append(f"{page.name}: {target}")

    assert broken == []


def test_the_version_stands_in_the_changelog():
    from guiju import __version__

    assert f"## {__version__}" in Path(ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
