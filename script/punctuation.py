"""Half-width punctuation between Chinese characters, in templates, scripts and Chinese words of the code."""

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HAN = "\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003ffff"
# A comma, colon, semicolon, question or exclamation mark or full stop after a Chinese character and before another,
# with or without a space; or a bracket that holds Chinese after Chinese.
WRONG = re.compile(rf"[{HAN}][,:;?!.]\s?[{HAN}]|[{HAN}]\([{HAN}][^()]*\)|[{HAN}][,;?!]$", re.MULTILINE)
TEXT_FILES = (".html", ".txt", ".typ", ".js", ".yaml", ".yml")


def found(text: str) -> list[str]:
    """The wrong places in a text, each with its surroundings."""
    return [text[max(0, m.start() - 8) : m.end() + 8].strip() for m in WRONG.finditer(text)]


def python_words(file: Path) -> Iterator[tuple[int, str]]:
    """String literals of a module with their lines; docstrings are English and do not count."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def complaints() -> list[str]:
    """Every wrong place of the repository as `file:line: words`."""
    said = []
    for file in sorted((ROOT / "src").rglob("*")):
        name = file.relative_to(ROOT)
        if file.suffix == ".py" and "migrations" not in file.parts:
            said += [f"{name}:{line}: {w}" for line, text in python_words(file) for w in found(text)]
        elif file.suffix in TEXT_FILES:
            text = file.read_text(encoding="utf-8")
            said += [f"{name}:{n}: {w}" for n, line in enumerate(text.splitlines(), 1) for w in found(line)]
    return said


if __name__ == "__main__":
    lines = complaints()
    print("\n".join(lines) or "no half-width punctuation between Chinese characters")
    sys.exit(bool(lines))
