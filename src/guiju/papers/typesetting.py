"""Typesetting: a template and plain data become a PDF or a picture of it, the same on every machine.

The fonts come from packages, never from the machine. Data reaches a template as a JSON file held in memory and is only
ever shown, never evaluated: a buyer may be called ``#eval("1")``. (What comes by ``sys.inputs`` instead makes the
typesetter forget all it knows of the templates, and takes twice the time.) A character that no font has is printed as its
code point, ``〔U+2A6A5〕``, and the paper says so; it never becomes an empty box.
"""

from __future__ import annotations

import json
import struct
import threading
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import typst
from django.conf import settings

from guiju.kernel.refusals import Refused

TEMPLATES = Path(__file__).parent / "templates"

#: Font packages, the preferred first: Chinese, then Japanese (JIS X 0213) and Taiwan (HKSCS) for rare characters.
FONT_PACKAGES = ("pylopdf_fonts_zh_cn", "pylopdf_fonts_jp", "pylopdf_fonts_zh_tw")
SONG = ("Noto Serif SC", "Noto Serif JP", "Noto Serif TC")
HEI = ("Noto Sans SC", "Noto Sans JP", "Noto Sans TC")

#: PDF for keeping: fonts embedded, nothing from outside, and an error instead of a missing glyph.
KEEPING = "a-2b"

#: Forms per document of a batch; a thousand pages at once would take 700 MB.
BATCH = 100

_MADE_AT_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_thread = threading.local()


class UnableToPrint(Refused):
    """The paper was not printed; the text says why and what to do."""


def font_folders() -> list[Path]:
    """Return the folders fonts are read from: the packages, then ``GUIJU_FONT_FOLDERS`` of the settings.

    :raises UnableToPrint: the package with the Chinese fonts is not installed.
    """
    folders = []
    for package in FONT_PACKAGES:
        spec = find_spec(package)
        if spec is not None and spec.origin is not None:
            folders.append(Path(spec.origin).parent)
        elif package == FONT_PACKAGES[0]:
            raise UnableToPrint("服务器上没有中文字体，请按安装说明重新安装后再打印。")
    return folders + [Path(folder) for folder in getattr(settings, "GUIJU_FONT_FOLDERS", ())]


@cache
def _fonts() -> typst.Fonts:
    folders = [str(folder) for folder in font_folders()]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)


@cache
def _families() -> dict[str, list[str]]:
    """Return the order in which a glyph is looked for, for body and titles; both end in every font there is."""
    installed = [font.family for font in _fonts().fonts()]
    extra = [family for family in dict.fromkeys(installed) if family not in SONG + HEI]
    song = [family for family in SONG if family in installed]
    hei = [family for family in HEI if family in installed]
    return {"song": song + hei + extra, "hei": hei + song + extra}


def _characters_of(font: bytes, start: int = 0) -> set[int]:
    """Return the code points that a font maps to a glyph (format 12 of its ``cmap``, else format 4)."""
    tables = struct.unpack_from(">H", font, start + 4)[0]
    found: set[int] = set()
    for number in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sIII", font, start + 12 + 16 * number)
        if tag != b"cmap":
            continue
        for entry in range(struct.unpack_from(">H", font, offset + 2)[0]):
            place = offset + struct.unpack_from(">HHI", font, offset + 4 + 8 * entry)[2]
            form = struct.unpack_from(">H", font, place)[0]
            if form == 12:
                groups = struct.unpack_from(">I", font, place + 12)[0]
                for first, last, _ in struct.iter_unpack(">III", font[place + 16 : place + 16 + 12 * groups]):
                    found.update(range(first, last + 1))
            elif form == 4:
                found.update(_format_4(font, place))
    return found


def _format_4(font: bytes, place: int) -> set[int]:
    count = struct.unpack_from(">H", font, place + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", font, place + 14)
    starts = struct.unpack_from(f">{count}H", font, place + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", font, place + 16 + 4 * count)
    ranges_at = place + 16 + 6 * count
    ranges = struct.unpack_from(f">{count}H", font, ranges_at)
    found = set()
    for segment, (first, last) in enumerate(zip(starts, ends, strict=True)):
        for code in range(first, min(last, 0xFFFE) + 1):
            if not ranges[segment]:
                glyph = (code + deltas[segment]) & 0xFFFF
            else:
                glyph_at = ranges_at + 2 * segment + ranges[segment] + 2 * (code - first)
                glyph = struct.unpack_from(">H", font, glyph_at)[0] if glyph_at + 2 <= len(font) else 0
            if glyph:
                found.add(code)
    return found


@cache
def _covered() -> frozenset[int]:
    covered: set[int] = set()
    for path in dict.fromkeys(font.path for font in _fonts().fonts() if font.path is not None):
        font = Path(path).read_bytes()
        starts = [0]
        if font[:4] == b"ttcf":
            starts = list(struct.unpack_from(f">{struct.unpack_from('>I', font, 8)[0]}I", font, 12))
        for start in starts:
            covered |= _characters_of(font, start)
    return frozenset(covered)


def _is_invisible(character: str) -> bool:
    """Return whether the character asks for no glyph of its own: controls, variation selectors, joiners."""
    code = ord(character)
    return (
        unicodedata.category(character) in {"Cc", "Cf", "Zl", "Zp"}
        or 0xFE00 <= code <= 0xFE0F
        or 0xE0100 <= code <= 0xE01EF
    )


def missing_glyphs(text: str) -> list[str]:
    """Return the characters of the text that no font has, each once, in the order they appear."""
    covered = _covered()
    return [c for c in dict.fromkeys(text) if ord(c) not in covered and not _is_invisible(c)]


def code_point(character: str) -> str:
    """Return how a character without a glyph is printed: ``〔U+2A6A5〕``."""
    return f"〔U+{ord(character):04X}〕"


def _printable(value: Any, missing: dict[str, None]) -> Any:
    """Return the value with every unprintable character replaced, and note those in ``missing``."""
    if isinstance(value, str):
        covered = _covered()
        if all(ord(c) in covered or c == "\n" for c in value):
            return value
        made = []
        for c in value:
            if c == "\n" or ord(c) in covered:
                made.append(c)
            elif not _is_invisible(c):
                missing[c] = None
                made.append(code_point(c))
        return "".join(made)
    if isinstance(value, Mapping):
        return {key: _printable(inner, missing) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_printable(inner, missing) for inner in value]
    return value


def _compiler() -> typst.Compiler:
    """Return this thread's compiler; one compiler serves one thread only."""
    compiler = getattr(_thread, "compiler", None)
    if compiler is None:
        compiler = _thread.compiler = typst.Compiler(
            root=str(TEMPLATES), font_paths=_fonts(), ignore_system_fonts=True
        )
    return cast("typst.Compiler", compiler)


@cache
def _template(name: str) -> bytes:
    """Return the text of a template.

    :raises UnableToPrint: there is none of this name.
    """
    path = TEMPLATES / f"{name}.typ"
    if not path.is_file():
        raise UnableToPrint(f"没有名为「{name}」的表单样式。")
    return path.read_bytes()


@cache
def _fonts_file() -> bytes:
    return json.dumps(_families(), ensure_ascii=False).encode()


def _files(template: str, documents: Iterable[Mapping[str, Any]]) -> dict[str, bytes]:
    """Return what a paper is set from; the first is the one that is set."""
    prepared = []
    for document in documents:
        missing: dict[str, None] = {}
        plain = _printable(document, missing)
        plain["missing"] = [code_point(c) for c in missing]
        prepared.append(plain)
    return {
        "main": _template(template),
        "house.typ": _template("house"),
        "documents.json": json.dumps(prepared, ensure_ascii=False).encode(),
        "fonts.json": _fonts_file(),
    }


def _compile(
    template: str,
    documents: Sequence[Mapping[str, Any]],
    at: datetime | None,
    *,
    pictures: Mapping[str, str] | None = None,
    **options: Any,
) -> Any:
    made_at = int((at or _MADE_AT_EPOCH).timestamp())
    files: Any = _files(template, documents)
    inputs = {"pictures": json.dumps(pictures)} if pictures else {}
    try:
        return _compiler().compile(files, sys_inputs=inputs, timestamp=made_at, **options)
    except typst.TypstError as error:
        raise UnableToPrint(f"表单没有印成，请把这句话告诉管理员：{error}") from error


def _forget() -> None:
    """Let go of what a batch left in memory: the typesetter keeps it for its next ten runs, 400 MB a batch."""
    for _ in range(11):
        _compiler().compile(b"#set page(width: 1cm, height: 1cm)", format="pdf")


def render(
    template: str,
    data: Mapping[str, Any],
    *,
    at: datetime | None = None,
    pictures: Mapping[str, str] | None = None,
) -> bytes:
    """
    Set one document and return it as PDF/A-2b; the same data and moment give the same bytes.

    ``pictures`` are SVG texts by the names under which the template asks for them; no file is read or written.

    :raises UnableToPrint: there is no such template, or the data does not fit it.
    """
    made = _compile(
        template, [data], at, pictures=pictures, format="pdf", pdf_standards=KEEPING, pdf_tags=True
    )
    if pictures:
        _forget()
    return cast("bytes", made)


def render_many(
    template: str, documents: Sequence[Mapping[str, Any]], *, at: datetime | None = None
) -> bytes:
    """
    Set several documents into one PDF; each counts its own pages. A batch has no tags for screen readers: it is a
    third of the size then, and for the printer.

    :raises UnableToPrint: there are more than ``BATCH``, or none; or as ``render``.
    """
    if not 0 < len(documents) <= BATCH:
        raise UnableToPrint(f"一次可以合并打印 1 至 {BATCH} 份，现在是 {len(documents)} 份。")
    tagged = len(documents) == 1
    pdf = _compile(template, documents, at, format="pdf", pdf_standards=KEEPING, pdf_tags=tagged)
    if not tagged:
        _forget()
    return cast("bytes", pdf)


def pictures(
    template: str, data: Mapping[str, Any], *, ppi: int = 110, at: datetime | None = None
) -> list[bytes]:
    """
    Set one document and return its pages as PNG, for a phone or for looking before printing.

    :raises UnableToPrint: as ``render``.
    """
    made = _compile(template, [data], at, format="png", ppi=float(ppi))
    return [made] if isinstance(made, bytes) else list(made)
