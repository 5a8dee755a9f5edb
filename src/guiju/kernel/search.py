"""
Search over everything that has a name or number: the same tokens on both databases.

A text becomes a set of tokens: single characters and pairs of Chinese, pinyin and initials, whole words and numbers,
rooms in their short forms, the parts of case numbers. Tokens of personal data (names, phones, identity numbers) are
keyed digests, so that the index gives nobody's name away. The scopes (projects) in which a thing lies are tokens, too:
a small project is found as fast as a large one.

A query is words; each must match (AND). A word matches as plain text or as personal data.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain, islice, product
from typing import Any

from django.db import connection, models, transaction

from guiju.kernel import store
from guiju.kernel.crypto import keyed_digest, normalise_identity, normalise_phone
from guiju.kernel.models.search import SearchEntry
from guiju.kernel.prepared import prepared
from guiju.kernel.search_schema import VECTOR

# Raise it when the tokens change: entries of older rules are indexed again by ``reindex``.
RULES = 1

_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_PIECES = re.compile(rf"[{_HAN}]+|[0-9a-z]+(?:-[0-9a-z]+)*")
_ROOM = re.compile(
    r"(?<![0-9a-z-])(?P<building>[1-9]\d{0,2}|[a-z]\d{0,2})\s*(?:号楼|栋|幢|座|#楼?|号|-)\s*-?\s*"
    r"(?:(?P<entrance>\d{1,2}|[a-z])\s*(?:单元|门|-)\s*-?\s*)?"
    r"(?P<room>b?\d{3,4}[a-z]?)(?:室|房|号)?(?![0-9a-z-])"
)
_BUILDING = re.compile(
    r"(?<![0-9a-z-])(?P<building>[1-9]\d{0,2}|[a-z]\d{0,2})\s*(?:号楼|栋|幢|座|#楼?)\s*-?\s*(?:(?P<entrance>\d{1,2})\s*单元)?"
)
_LONGEST_NAME = 6
_PINYIN_WINDOW = 4
_READINGS = 8
# Families whose name is read otherwise than the same character elsewhere.
_SURNAMES = {
    "单": "shan",
    "曾": "zeng",
    "仇": "qiu",
    "解": "xie",
    "查": "zha",
    "朴": "piao",
    "翟": "zhai",
    "盖": "ge",
    "区": "ou",
    "缪": "miao",
    "尉": "yu",
    "万": "wan",
    "覃": "qin",
    "乐": "yue",
    "員": "yun",
    "员": "yun",
    "种": "chong",
    "秘": "bi",
    "折": "she",
    "冼": "xian",
    "洗": "xian",
    "宓": "fu",
    "逄": "pang",
    "那": "na",
    "卜": "bu",
    "召": "shao",
    "任": "ren",
    "华": "hua",
    "哈": "ha",
    "晁": "chao",
    "隗": "wei",
    "郇": "xun",
    "燕": "yan",
    "纪": "ji",
    "葛": "ge",
    "干": "gan",
    "黑": "he",
    "繁": "po",
    "牟": "mu",
    "祭": "zhai",
    "幺": "yao",
    "钭": "tou",
}


@dataclass(frozen=True)
class Hit:
    """A thing found: its kind, its key within the kind, and the label to show."""

    kind: str
    key: str
    label: str


@dataclass(frozen=True)
class Document:
    """
    A thing to be found. ``scope_ids``: the projects in which it lies; ``text_parts`` may be read by whoever reads the
    database, ``personal_parts`` (names, phones, identity numbers) become keyed digests.
    """

    kind: str
    key: str
    label: str
    scope_ids: Collection[int] = ()
    text_parts: Sequence[str] = ()
    personal_parts: Sequence[str] = ()


# --- tokens ------------------------------------------------------------------------------------------------------------
def _plain(text: str) -> str:
    """Return the text in half width and small letters, without variation selectors."""
    normal = unicodedata.normalize("NFKC", text).lower()
    return (
        re.sub(r"[\u200b-\u200f\ufe00-\ufe0f\U000e0100-\U000e01ef]", "", normal)
        .replace("—", "-")
        .replace("–", "-")
    )


def _digest(token: str) -> str:
    return "_" + base64.b32encode(keyed_digest(f"search\0{token}")[:10]).decode().lower()


@lru_cache(maxsize=100_000)
def _personal(token: str) -> str:
    return _digest(token)


def _pairs(run: str) -> Iterator[str]:
    for index in range(len(run) - 1):
        yield run[index : index + 2]


def _unread(characters: str) -> Any:
    return [[""] for _ in characters]


def _readings(run: str) -> list[tuple[str, ...]]:
    """Return the ways in which a run of characters is read, at most eight."""
    # Its dictionaries take a quarter of a second to load: not at the start of every command.
    from pypinyin import Style, pinyin

    choices: list[list[str]] = []
    by_character = pinyin(run, style=Style.NORMAL, heteronym=True, errors=_unread)
    for index, found in enumerate(by_character):
        ways = list(dict.fromkeys(found))
        if index == 0 and run[0] in _SURNAMES:
            ways.insert(0, _SURNAMES[run[0]])
        # lü is typed lv, and lu where a keyboard or passport has no ü.
        ways = [way.replace("ü", "v") for way in ways]
        ways += [way.replace("v", "u") for way in ways if "v" in way]
        choices.append([way for way in dict.fromkeys(ways) if way.isascii() and way.isalpha()][:3] or [""])
    read: list[tuple[str, ...]] = [()]
    for ways in choices:
        read = [(*before, way) for before in read for way in ways][:_READINGS]
    return read


def _pinyin_tokens(run: str, *, name: bool) -> set[str]:
    """Return pinyin and initials of the parts of a short run (of the beginning only, if it is long)."""
    found: set[str] = set()
    if len(run) > _LONGEST_NAME:
        run = run[:_PINYIN_WINDOW]
        starts: Iterable[int] = (0,)
    else:
        starts = range(len(run))
    for syllables in _readings(run):
        for start in starts:
            for end in range(start + 1, min(start + _PINYIN_WINDOW, len(run)) + 1):
                part = syllables[start:end]
                if not all(part):
                    continue
                if len(part) > 1 or name or start == 0:
                    found.add("y:" + "".join(part))
                if len(part) > 1:
                    found.add("y:" + "".join(syllable[0] for syllable in part))
                if name and start == 0 and len(part) > 1:
                    # While the last syllable is being typed.
                    found.add("y:" + "".join(part[:-1]) + part[-1][0])
    return found


def _room_forms(found: re.Match[str]) -> set[str]:
    building, entrance, room = found["building"], found["entrance"], found["room"]
    forms = {f"{building}-{room}", room}
    if entrance:
        forms.add(f"{building}-{entrance}-{room}")
    return forms


def _number_forms(word: str) -> set[str]:
    """Return a word, its parts, and its endings: TS-YQ1-2026-0317 is found by 2026-0317, 0317 and 317."""
    parts = word.split("-")
    forms = {word, *parts}
    forms.update("-".join(parts[index:]) for index in range(1, len(parts) - 1))
    if parts[-1].isdigit() and parts[-1].strip("0"):
        forms.add(parts[-1].lstrip("0"))
        if len(parts) > 1:
            forms.add("-".join((*parts[:-1], parts[-1].lstrip("0")))[-40:])
    return forms


def text_tokens(text: str) -> set[str]:
    """Return the tokens of a plain text."""
    plain = _plain(text)
    found: set[str] = set()
    for match in _ROOM.finditer(plain):
        found |= _room_forms(match)
    for match in _BUILDING.finditer(plain):
        found.add(f"b:{match['building']}")
        if match["entrance"]:
            found.add(f"b:{match['building']}-{match['entrance']}")
    for match in _PIECES.finditer(plain):
        piece = match[0]
        if piece[0].isascii():
            found |= _number_forms(piece)
        else:
            found.update(piece)
            found.update(_pairs(piece))
    # Nobody types the pinyin of 号楼 or 单元.
    for run in re.findall(rf"[{_HAN}]+", _BUILDING.sub(" ", _ROOM.sub(" ", plain))):
        found |= _pinyin_tokens(run, name=False)
    return found


def _digit_forms(digits: str) -> set[str]:
    """Return a phone or identity number as it is asked for: whole, by its end, by its beginning."""
    forms = {digits}
    forms.update(digits[-length:] for length in range(4, min(8, len(digits)) + 1))
    forms.update(digits[:length] for length in range(5, min(10, len(digits) - 1) + 1))
    return forms


def personal_tokens(text: str) -> set[str]:
    """Return the tokens of a name, phone or identity number, as keyed digests."""
    plain = _plain(text)
    found: set[str] = set()
    for run in re.findall(rf"[{_HAN}]+", plain):
        found.update(run)
        found.update(_pairs(run))
        found |= _pinyin_tokens(run, name=True)
    latin = re.findall(r"[a-z]+", plain)
    if latin and not re.search(r"\d", plain):
        found.update("y:" + word for word in latin)
        found.add("y:" + "".join(latin))
        found.add("y:" + "".join(reversed(latin)))
    for part in re.split(r"[/、,;|\n]", plain):
        phone = "" if re.search(r"[a-z]", part) else normalise_phone(part)
        for number in {normalise_identity(part).lower(), phone}:
            if len(number) >= 7 and re.fullmatch(r"\+?[0-9a-z]*\d{4}[0-9a-z]*", number):
                found.update("n:" + form for form in _digit_forms(number))
    return {_personal(token) for token in found}


def tokens(document: Document) -> str:
    """Return all tokens of a document as stored: sorted, separated by blanks."""
    found = {f"k:{document.kind}".lower(), *(f"s:{scope}" for scope in document.scope_ids)}
    for part in document.text_parts:
        found |= text_tokens(part)
    for part in document.personal_parts:
        found |= personal_tokens(part)
    return " ".join(sorted(found))


# --- queries ---------------------------------------------------------------------------------------------------------
Alternatives = tuple[frozenset[str], ...]


def _query_run(run: str) -> Alternatives:
    wanted = frozenset(_pairs(run)) or frozenset(run)
    return wanted, frozenset(_personal(token) for token in wanted)


def _query_word(piece: str) -> Alternatives:
    found: list[frozenset[str]] = [frozenset({piece})]
    if re.fullmatch(r"[a-z]+", piece):
        found += [frozenset({f"y:{piece}"}), frozenset({_personal(f"y:{piece}")})]
    elif len(compact := piece.replace("-", "")) >= 4:
        number = normalise_phone(compact) if compact.isdigit() else compact
        found += [frozenset({_personal(f"n:{form}")}) for form in {compact, number}]
    if piece.isdigit() and piece.strip("0") and piece.startswith("0"):
        found.append(frozenset({piece.lstrip("0")}))
    return tuple(dict.fromkeys(found))


def parse(query: str) -> list[Alternatives]:
    """Return what a query asks for: all of these, each by one of its alternatives, each a set of tokens."""
    wanted: list[Alternatives] = []
    plain = _plain(query)
    # A phone number is often pasted with its blanks: 199 0000 1234.
    plain = re.sub(
        r"(?<!\d)(?:\+?86[\s-]*)?(1[3-9]\d)[\s-]?(\d{4})[\s-]?(\d{4})(?!\d)",
        lambda found: "".join(found.groups()),
        plain,
    )

    def room(match: re.Match[str]) -> str:
        building, entrance, number = match["building"], match["entrance"], match["room"]
        wanted.append((frozenset({"-".join(filter(None, (building, entrance, number)))}),))
        return " "

    def building(match: re.Match[str]) -> str:
        wanted.append((frozenset({"b:" + "-".join(filter(None, (match["building"], match["entrance"])))}),))
        return " "

    plain = _BUILDING.sub(building, _ROOM.sub(room, plain))
    pieces = [match[0] for match in _PIECES.finditer(plain)]
    wanted.extend(_query_word(piece) if piece[0].isascii() else _query_run(piece) for piece in pieces)
    return wanted


def _satisfied(wanted: Sequence[Alternatives], entry_tokens: str) -> bool:
    there = set(entry_tokens.split(" "))
    return all(any(alternative <= there for alternative in alternatives) for alternatives in wanted)


def _expression(wanted: Sequence[Alternatives], quote: str, all_of: str, one_of: str) -> str:
    """Write the query in the language of a database."""
    groups = []
    for alternatives in wanted:
        ways = [
            "(" + all_of.join(f"{quote}{token}{quote}" for token in sorted(alternative)) + ")"
            for alternative in alternatives
        ]
        groups.append("(" + one_of.join(ways) + ")")
    return all_of.join(groups)


# Both databases take the first so many candidates from the index; only words commoner than that need a second look.
_CUT = 2000
# How far back, in entries, PostgreSQL looks for the newest of a common word: its index knows no order.
_RECENT = 20_000

_COLUMNS = "e.id, e.kind, e.key, e.label, e.tokens"
# The outer loop runs through the found in their order and stops at the limit; a second ORDER BY would read them all.
_SQLITE_NEWEST = (
    f"SELECT {_COLUMNS} FROM (SELECT rowid AS id FROM kernel_search_fts WHERE kernel_search_fts MATCH %s"
    f" ORDER BY rowid DESC LIMIT {_CUT}) f CROSS JOIN kernel_searchentry e ON e.id = f.id"
    " WHERE {filters} LIMIT %s"
)
_SQLITE_CUT_REACHED = (
    "SELECT count(*) FROM (SELECT rowid FROM kernel_search_fts WHERE kernel_search_fts MATCH %s"
    f" ORDER BY rowid DESC LIMIT {_CUT})"
)
_SQLITE_ALL = (
    f"SELECT {_COLUMNS} FROM kernel_search_fts f CROSS JOIN kernel_searchentry e ON e.id = f.rowid"
    " WHERE kernel_search_fts MATCH %s ORDER BY f.rowid DESC LIMIT %s"
)
# Row by row through the key: a plan made for any words at all would rather walk the whole table backwards.
_EACH = "CROSS JOIN LATERAL (SELECT * FROM kernel_searchentry WHERE id = {}.id OFFSET 0) e"
# The limit stands outside the materialised part: inside, the planner would rather read the table from its beginning.
_POSTGRESQL_FOUND = (
    f"WITH found AS MATERIALIZED (SELECT id FROM kernel_searchentry WHERE {VECTOR} @@ %s::tsquery),"
    f" cut AS MATERIALIZED (SELECT id FROM found LIMIT {_CUT}),"
    " newest AS MATERIALIZED (SELECT id, (SELECT count(*) FROM cut) AS number FROM cut ORDER BY id DESC LIMIT %s)"
    f" SELECT {_COLUMNS}, n.number FROM newest n {_EACH.format('n')} ORDER BY e.id DESC"
)
# Of somebody who works in very many projects: asking the index for each of them costs more than looking at what it gives.
# The newest come first and most of them will do, so the walk stops at the limit; a second ORDER BY would look at them all.
_MANY = 12
_SQLITE_AMONG = (
    f"SELECT {_COLUMNS} FROM (SELECT rowid AS id FROM kernel_search_fts WHERE kernel_search_fts MATCH %s"
    f" ORDER BY rowid DESC LIMIT {_CUT}) f CROSS JOIN kernel_searchentry e ON e.id = f.id"
)
_POSTGRESQL_AMONG = (
    f"WITH found AS MATERIALIZED (SELECT id FROM kernel_searchentry WHERE {VECTOR} @@ %s::tsquery),"
    f" cut AS MATERIALIZED (SELECT id FROM found LIMIT {_CUT}),"
    " newest AS MATERIALIZED (SELECT id FROM cut ORDER BY id DESC)"
    f" SELECT {_COLUMNS}, (SELECT count(*) FROM cut) FROM newest n {_EACH.format('n')}"
    " WHERE {filters} LIMIT %s"
)
_POSTGRESQL_NEWEST = (
    f"SELECT {_COLUMNS} FROM kernel_searchentry e"
    f" WHERE e.id > (SELECT max(id) - {_RECENT} FROM kernel_searchentry) AND {{filters}} ORDER BY e.id DESC LIMIT %s"
)


def _filters(wanted: Sequence[Alternatives], function: str) -> tuple[str, list[str]]:
    """Write the query as a condition on the stored tokens, for rows that are at hand already."""
    groups, given = [], []
    for alternatives in wanted:
        ways = []
        for alternative in alternatives:
            ways.append(
                "(" + " AND ".join([f"{function}(' ' || e.tokens || ' ', %s) > 0"] * len(alternative)) + ")"
            )
            given += [f" {token} " for token in sorted(alternative)]
        groups.append("(" + " OR ".join(ways) + ")")
    return " AND ".join(groups) or "1 = 1", given


def _overlaps(bounds: Sequence[Alternatives]) -> tuple[str, list[list[str]]]:
    """Write single tokens, of which an entry must have one of each group, as overlaps of lists."""
    given = [
        sorted(token for alternative in alternatives for token in alternative) for alternatives in bounds
    ]
    return " AND ".join(["string_to_array(e.tokens, ' ') && %s"] * len(given)), given


def _are_many(bounds: Sequence[Alternatives]) -> bool:
    return sum(map(len, bounds)) > _MANY


Row = tuple[Any, ...]


def _on_sqlite(words: Sequence[Alternatives], bounds: Sequence[Alternatives], limit: int) -> list[Row]:
    """
    Find on SQLite. The index gives the newest first; project and kind are looked up in the entries.

    Where that does not fill the page although the words are common (a small project beside a large one), the
    project is asked of the index, too.
    """
    asked = _expression(words, '"', " AND ", " OR ")
    with store.hot_cursor() as cursor:
        if _are_many(bounds):
            cursor.execute(_SQLITE_AMONG, [asked])
            rows: list[Row] = list(islice((row for row in cursor if _satisfied(bounds, row[4])), limit))
        else:
            condition, given = _filters(bounds, "instr")
            cursor.execute(_SQLITE_NEWEST.format(filters=condition), [asked, *given, limit])
            rows = cursor.fetchall()
        if len(rows) >= limit or not bounds:
            return sorted(rows, key=lambda row: -row[0])
        cursor.execute(_SQLITE_CUT_REACHED, [asked])
        if cursor.fetchone()[0] < _CUT:
            return sorted(rows, key=lambda row: -row[0])
        found: dict[int, Row] = {}
        # One query for each project and kind: the index joins two long lists well, but not many.
        for choice in product(*bounds):
            exact = [*words, *((token,) for token in choice)]
            cursor.execute(_SQLITE_ALL, [_expression(exact, '"', " AND ", " OR "), limit])
            found |= {row[0]: row for row in cursor.fetchall()}
    return sorted(found.values(), key=lambda row: -row[0])[:limit]


def _on_postgresql(words: Sequence[Alternatives], bounds: Sequence[Alternatives], limit: int) -> list[Row]:
    """
    Find on PostgreSQL. Up to the cut the answer is exact; of commoner words, the newest entries are looked through.
    """
    everything = [*words, *bounds]
    rows: list[Row] = []
    with store.hot_cursor() as cursor:
        if _are_many(bounds):
            overlap, lists = _overlaps(bounds)
            asked = _expression(words, "'", " & ", " | ")
            cursor.execute(_POSTGRESQL_AMONG.format(filters=overlap), [asked, *lists, limit])
            rows = sorted(cursor.fetchall(), key=lambda row: -row[0])
        if not rows:
            cursor.execute(_POSTGRESQL_FOUND, [_expression(everything, "'", " & ", " | "), limit])
            rows = cursor.fetchall()
        if not rows or rows[0][-1] < _CUT:
            return rows
        condition, given = _filters(everything, "strpos")
        cursor.execute(_POSTGRESQL_NEWEST.format(filters=condition), [*given, limit])
        found = {row[0]: row for row in (*rows, *cursor.fetchall())}
    return sorted(found.values(), key=lambda row: -row[0])[:limit]


def search(
    query: str, *, scopes: Collection[int] | None, kinds: Collection[str] | None = None, limit: int = 20
) -> list[Hit]:
    """
    Return what matches all words of the query, newest first.

    ``scopes``: the projects the person may see (None: all; an empty one finds nothing). A query without any word
    finds nothing.
    """
    words = parse(query)
    if not words or (scopes is not None and not scopes) or (kinds is not None and not kinds):
        return []
    bounds: list[Alternatives] = []
    if scopes is not None:
        bounds.append(tuple(frozenset({f"s:{scope}"}) for scope in sorted(scopes)))
    if kinds is not None:
        bounds.append(tuple(frozenset({f"k:{kind}".lower()}) for kind in sorted(kinds)))
    find = _on_sqlite if connection.vendor == "sqlite" else _on_postgresql
    label = SearchEntry._meta.get_field("label")
    wanted = [*words, *bounds]
    return [
        Hit(row[1], row[2], label.from_db_value(row[3], None, connection))
        for row in find(words, bounds, limit)
        # What an interrupted restore or flush left in the index is no hit.
        if _satisfied(wanted, row[4])
    ]


# --- writing -----------------------------------------------------------------------------------------------------------
@transaction.atomic(savepoint=False)
def index(
    *,
    kind: str,
    key: str,
    label: str,
    scope_id: int | Collection[int] | None,
    text_parts: Sequence[str] = (),
    personal_parts: Sequence[str] = (),
) -> None:
    """Make a thing findable, or bring its entry up to date. Indexing the same again writes nothing."""
    scope_ids = () if scope_id is None else (scope_id,) if isinstance(scope_id, int) else tuple(scope_id)
    index_many([Document(kind, key, label, scope_ids, text_parts, personal_parts)])


@transaction.atomic(savepoint=False)
def index_many(documents: Iterable[Document]) -> int:
    """
    Index documents of any kinds in one go (batches of about a thousand). Returns how many entries were written.

    A document that comes twice counts as it came last.
    """
    wanted = {(document.kind, document.key): document for document in documents}
    known: dict[tuple[str, str], SearchEntry] = {}
    for kind in {kind for kind, _ in wanted}:
        keys = [key for of_kind, key in wanted if of_kind == kind]
        if len(keys) == 1:
            if (only := _entry.one(kind, keys[0])) is not None:
                known[kind, keys[0]] = only
            continue
        for start in range(0, len(keys), 500):
            for there in SearchEntry.objects.filter(kind=kind, key__in=keys[start : start + 500]):
                known[kind, there.key] = there
    new: list[SearchEntry] = []
    changed: list[SearchEntry] = []
    old: list[tuple[int, str]] = []
    for at, document in wanted.items():
        text, entry = tokens(document), known.get(at)
        if entry is None:
            new.append(
                SearchEntry(
                    kind=document.kind, key=document.key, label=document.label, tokens=text, rules=RULES
                )
            )
        elif (entry.tokens, entry.label, entry.rules) != (text, document.label, RULES):
            if entry.tokens != text:
                old.append((entry.pk, entry.tokens))
            entry.tokens, entry.label, entry.rules = text, document.label, RULES
            changed.append(entry)
    _forget_tokens(old)
    if len(new) == 1:
        store.add(new[0])
    else:
        SearchEntry.objects.bulk_create(new, batch_size=500)
    for entry in changed:
        entry.save(update_fields=["tokens", "label", "rules"])
    renewed = {pk for pk, _ in old}
    _note_tokens(
        [(entry.pk, entry.tokens) for entry in (*new, *(one for one in changed if one.pk in renewed))]
    )
    return len(new) + len(changed)


@prepared
def _entry(kind: str, key: str) -> models.QuerySet[SearchEntry, SearchEntry]:
    return SearchEntry.objects.filter(kind=kind, key=key)


@transaction.atomic
def remove(*, kind: str, key: str) -> bool:
    """Make a thing unfindable. Returns whether there was an entry."""
    entry = SearchEntry.objects.filter(kind=kind, key=key).first()
    if entry is None:
        return False
    _forget_tokens([(entry.pk, entry.tokens)])
    entry.delete()
    return True


_SQLITE_NOTE = "INSERT INTO kernel_search_fts (rowid, tokens) VALUES (%s, %s)"
_SQLITE_FORGET = "INSERT INTO kernel_search_fts (kernel_search_fts, rowid, tokens) VALUES ('delete', %s, %s)"


def _note_tokens(rows: Sequence[tuple[int, str]]) -> None:
    if rows and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(_SQLITE_NOTE, rows)


def _forget_tokens(rows: Sequence[tuple[int, str]]) -> None:
    """Take tokens out of the contentless table, which must be told what it holds."""
    if rows and connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.executemany(_SQLITE_FORGET, rows)


# --- all again ---------------------------------------------------------------------------------------------------------
Source = Callable[[], Iterable[Document]]


@dataclass
class _Sources:
    by_kind: dict[str, list[Source]] = field(default_factory=dict)


_sources = _Sources()


def source(kind: str) -> Callable[[Source], Source]:
    """Declare a function that yields documents of a kind, for ``reindex``; several apps may know some of one kind."""

    def declare(function: Source) -> Source:
        _sources.by_kind.setdefault(kind, []).append(function)
        return function

    return declare


def kinds() -> list[str]:
    """Return the kinds that can be indexed again, in the order in which they were declared."""
    return list(_sources.by_kind)


def reindex(kinds: Collection[str] | None = None, *, batch: int = 1000) -> dict[str, int]:
    """
    Index everything again from its sources, and remove entries whose thing is gone. Returns entries written by kind.

    Runs in batches, each its own transaction, so that work goes on meanwhile; run twice it writes nothing.
    """
    written: dict[str, int] = {}
    for kind, sources in _sources.by_kind.items():
        if kinds is not None and kind not in kinds:
            continue
        seen: set[str] = set()
        pending: list[Document] = []
        written[kind] = 0
        for document in chain.from_iterable(documents() for documents in sources):
            seen.add(document.key)
            pending.append(document)
            if len(pending) >= batch:
                written[kind] += index_many(pending)
                pending = []
        written[kind] += index_many(pending)
        for key in SearchEntry.objects.filter(kind=kind).values_list("key", flat=True).iterator():
            if key not in seen:
                remove(kind=kind, key=key)
    return written
