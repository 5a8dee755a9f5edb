"""Half-width punctuation between Chinese characters, in templates, scripts and Chinese words of the code."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
# A comma, colon, semicolon, question or exclamation mark or full stop after a Chinese character and before another,
# with or without a space; or a bracket that holds Chinese after Chinese.
WRONG = re.compile(rf"[{HAN}][,:;?!.]\s?[{HAN}]|[{HAN}]\([{HAN}][^()]*\)|[{HAN}]{{4}}[,;?!]$", re.MULTILINE)
# Marks of a regular expression.
PATTERN = re.compile(r"\(\?|\)[?*+]|\\[bdsw]|[|)]\(|\|")
COMMENT = re.compile(r"\s*(//|#|/?\*|{#)")
TEXT_FILES = (".html", ".txt", ".typ", ".js")


def found(text: str) -> list[str]:
    """The wrong places in a text, each with its surroundings."""
    return [text[max(0, m.start() - 8) : m.end() + 8].strip() for m in WRONG.finditer(text)]


def python_words(file: Path) -> Iterator[tuple[int, str]]:
    """String literals of a module with their lines, without docstrings (English prose) and patterns."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            if not PATTERN.search(node.value):
                yield node.lineno, node.value


def values(node: object) -> Iterator[str]:
    """Every text inside a document of lists and mappings."""
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        for value in node.values():
            yield from values(value)
    elif isinstance(node, list):
        for value in node:
            yield from values(value)


def complaints() -> list[str]:
    """Every wrong place of the repository as `file:line: words`."""
    said = []
    for file in sorted((ROOT / "src").rglob("*")):
        name = file.relative_to(ROOT)
        if file.suffix == ".py" and "migrations" not in file.parts:
            said += [f"{name}:{line}: {w}" for line, text in python_words(file) for w in found(text)]
        elif file.suffix in (".yaml", ".yml"):
            words = values(yaml.safe_load(file.read_text(encoding="utf-8")))
            said += [f"{name}: {w}" for text in words for w in found(text)]
        elif file.suffix in TEXT_FILES:
            lines = file.read_text(encoding="utf-8").splitlines()
            said += [
                f"{name}:{n}: {w}"
                for n, line in enumerate(lines, 1)
                if not COMMENT.match(line)
                for w in found(line)
            ]
    return said


if __name__ == "__main__":
    lines = complaints()
    print("\n".join(lines) or "no half-width punctuation between Chinese characters")
    sys.exit(bool(lines))
