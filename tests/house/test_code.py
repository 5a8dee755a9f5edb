"""Rules about the code that no linter knows."""

import ast
import re

import lucide
import pytest

from tests.house.layout import SOURCE, modules

# What people and programs see; an operation of these apps keeps the rules of operations.
FACES = [file for file in modules("api", "web") if "operations" not in file.parts]


def _lines(files, pattern):
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line):
                found.append(f"{file.relative_to(SOURCE)}:{number}: {line.strip()}")
    return found


# Reads by key that need no gate of their own: the row is bound to something that passed one, or the operation that
# gets it asks for the post in the row's company.
GATED = (
    r"company_id=by\.company_id|kept=customer",
    r"Company\.objects\.get\(pk=(case\.chain_id|by\.company_id|company_of\()",
    r"web/casepapers\.py:.*Paper\.objects\.filter\(pk=known\)",  # known: the paper that a scan of the case matched
    r"web/views/exports\.py:.*Project\.objects\.get\(pk=row\.project_id",  # row: an export of the asking person
    r"web/views/structure\.py:.*(CompanyDuty|Centre)\.objects",  # org.operations.assign_duty asks the post
)


def test_views_and_the_api_reach_objects_only_through_a_gate():
    bare = r"\b[A-Z]\w+\.objects\.(get|filter)\((pk|id)=|get_object_or_404\([A-Z]\w+,"

    # The gates themselves stand in access.py.
    found = _lines([file for file in FACES if file.stem != "access"], bare)

    assert [line for line in found if not any(re.search(known, line) for known in GATED)] == []


def test_views_and_the_api_open_no_transaction():
    assert _lines(FACES, r"transaction\.atomic") == []


def test_nothing_listens_to_model_signals():
    assert _lines(modules(), r"django\.db\.models\.signals|@receiver\(|\b(pre|post)_save\b") == []


def test_no_model_works_in_save():
    found = []
    for file in modules(inside="models"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name == "save":
                found.append(f"{file.relative_to(SOURCE)}:{node.lineno}")

    assert found == []


@pytest.mark.parametrize("kind", ["operations", "needs", "processes", "queries"])
def test_operations_are_told_the_moment(kind):
    apps = ("org", "sop", "estate", "customers", "ledger", "sales", "knowledge", "desk", "quality")
    files = sorted({*modules(*apps)} & {*modules(inside=kind)})
    assert files

    assert (
        _lines(files, r"timezone\.now\(\)|datetime\.now\(|date\.today\(|localdate\(\)|time\.time\(\)") == []
    )


def test_processes_import_no_views_forms_of_pages_or_settings():
    assert (
        _lines(
            modules(inside="processes"),
            r"import .*\bsettings\b|django\.(http|shortcuts|forms)|guiju\.(web|api)",
        )
        == []
    )


def test_migrations_have_names_and_import_only_fields_and_the_kernel():
    files = sorted(SOURCE.glob("*/migrations/[0-9]*.py"))
    allowed = ("guiju.kernel", "guiju.org.models", "guiju.customers.fields")

    assert [f.name for f in files if "_auto_" in f.name] == []
    assert [x for x in _lines(files, r"^(from|import) guiju\.") if not any(a in x for a in allowed)] == []


def test_templates_hold_no_script_and_no_style_of_their_own():
    inline = r"<script(?![^>]*\bsrc=)|\son[a-z]+=\"|\sstyle=\"|<style\b|javascript:|hx-on"
    found = []
    for file in SOURCE.rglob("templates/**/*.html"):
        text = re.sub(
            r"{% comment %}.*?{% endcomment %}|{#.*?#}", "", file.read_text(encoding="utf-8"), flags=re.S
        )
        for match in re.finditer(inline, text):
            # Data for scripts is no script.
            if not re.match(
                r'<script[^>]*type="(application/json|importmap)"', text[match.start() : match.start() + 80]
            ):
                found.append(f"{file.relative_to(SOURCE)}: {text[match.start() : match.start() + 60]!r}")

    assert found == []


def test_templates_and_styles_load_nothing_from_elsewhere():
    found = []
    for file in [
        *SOURCE.rglob("templates/**/*.html"),
        *SOURCE.rglob("static/**/*.css"),
        *SOURCE.rglob("static/**/*.js"),
    ]:
        text = file.read_text(encoding="utf-8")
        found += re.findall(
            r"(?:src|href)=\"(?:https?:)?//[^\"]+|url\([\"']?(?:https?:)?//[^)]+|from \"https?://[^\"]+", text
        )

    assert found == []


def test_public_operations_say_what_they_do():
    silent = []
    for file in modules(inside="operations"):
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, ast.FunctionDef)
                and not node.name.startswith("_")
                and not ast.get_docstring(node)
            ):
                silent.append(f"{file.relative_to(SOURCE)}:{node.lineno}: {node.name}")

    assert silent == []


def test_what_django_tasks_is_imported_from_stands_in_one_place():
    importing = {line.split(":")[0] for line in _lines(modules(), r"^(from|import) django_tasks\b")}

    assert len(importing) <= 1


def test_the_source_tree_has_no_merge_marks():
    marks = _lines(sorted(SOURCE.rglob("*.py")), r"^(<{7}|>{7}|={7})")

    assert marks == []


ICONS = re.compile(
    r"""\{% icon "([a-z0-9-]+)"|icon_name="([a-z0-9-]+)"|\bicon="([a-z0-9-]+)"|"icon": "([a-z0-9-]+)\""""
)


def test_every_icon_a_page_names_is_there_to_be_drawn():
    named = {
        (name, path.relative_to(SOURCE).as_posix())
        for ending in ("*.html", "*.py")
        for path in SOURCE.rglob(ending)
        for found in ICONS.findall(path.read_text(encoding="utf-8"))
        for name in found
        if name
    }

    def drawn(name: str) -> bool:
        try:
            lucide._load_icon(name)
        except lucide.IconDoesNotExist:
            return False
        return True

    assert len(named) > 100
    assert [one for one in sorted(named) if not drawn(one[0])] == []
