"""Where a home is: building, entrance (单元) and room out of the many ways registers write them.

`1号楼-2-1502`, `1号楼2单元1502室`, `1#2-1502`, `1-2-1502`, `1幢1502`, `A座2门1502`, three or four separate columns,
or the building only in the sheet's name. A text may be read in two ways (`2-1502`: building or entrance 2); then both
are returned and the homes that exist decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from guiju.registers.values import han_number, squeezed
from guiju.registers.workbook import Cell


@dataclass(frozen=True, slots=True)
class Place:
    """Keys of a home: `1`, `2`, `1502`. ``None`` where the writing does not say; '' where there is none."""

    building: str | None
    entrance: str | None
    room: str
    floor: int | None = None


_HAN = "零〇一二两三四五六七八九十"
_ZONE = r"(?:[东西南北中]{1,2}(?:区|苑|组团|地块|院)|[A-Z]\d?(?:区|组团|地块|-?地块)|[一二三四五六七八九十\d]{1,2}(?:区|组团|标段|地块|街区))"
_NUMBER = rf"(?:\d{{1,4}}[A-Z]?|[A-Z]{{1,2}}\d{{0,3}}|[{_HAN}]{{1,3}}|[甲乙丙丁戊己庚辛])"
_BUILDING_WORD = r"(?:号楼栋|号楼|号栋|号幢|号座|#楼|#栋|#幢|#|幢楼|幢|栋楼|栋|座|楼)"
_BUILDING = re.compile(rf"(?P<zone>{_ZONE})?-?(?:第)?(?P<number>{_NUMBER})(?P<word>{_BUILDING_WORD})")
_BUILDING_HAO = re.compile(rf"^(?P<number>{_NUMBER})号(?=-?(?:{_NUMBER}单元|\d+-\d))")
_ENTRANCE = re.compile(rf"^-?(?:第)?(?P<number>{_NUMBER})(?:单元|门栋|梯|门(?!牌|面))")
_FLOOR = re.compile(r"^-?(?:第)?(?P<number>\d{1,3}|[一二三四五六七八九十]{1,3})(?:层|F|楼)-?")
_ROOM_TAIL = re.compile(r"(?:号房|室|房|户|号)$")
_ROOM = re.compile(
    r"^(?:[A-Z]{1,3}-?)?\d{1,5}(?:-?[A-Z]|[甲乙丙丁])?$|^[A-Z]\d{0,4}$|^\d{1,2}[A-C]\d{2}[A-Z]?$|^-\d{3,4}$"
    r"|^(?:商铺|商业|底商|商|铺|车位|储藏室|储藏间|储|车库|S|B)-?[A-Z]?\d{1,5}[A-Z]?$|^B\d-\d{2,4}$"
)
_SHOP = re.compile(
    r"^(?P<word>商铺|商业|底商|商|铺|车位|储藏室|储藏间|储|车库)-?(?P<letter>[A-Z]?)-?(?P<number>\d{1,5}[A-Z]?)$"
)
_BELOW = re.compile(r"^(?:-|负|地下)(\d{3,4})$")
_DUPLEX = re.compile(r"^(\d{1,2})(\d{2})-(\d{1,2})(\d{2})$")


def number_key(text: str) -> str:
    """Return the key of a number: no leading zeros, Chinese numerals as digits, letters as capitals."""
    text = text.upper()
    if text and all(sign in _HAN for sign in text):
        return str(han_number(text))
    match = re.fullmatch(r"0*(\d+)([A-Z]?)", text)
    return match.group(1) + match.group(2) if match else text


def _last_building(text: str) -> re.Match[str] | None:
    """Return the last building that a text names: 云栖里一期1号楼."""
    return next(reversed(list(_BUILDING.finditer(text))), None)


def _building_before(text: str) -> re.Match[str] | None:
    """Return the first building that something follows; a bare 楼 is one only before an entrance, else it is a floor."""
    for match in _BUILDING.finditer(text):
        rest = text[match.end() :]
        if rest and (match.group("word") != "楼" or _ENTRANCE.match(rest)):
            return match
    return None


def building_key(cell: Cell) -> str:
    """Return the key of a building's name: `1号楼`, `1#`, `01幢`, `一号楼`, 1 are all '1'; '' when it says nothing."""
    text = squeezed(cell).upper()
    if not text:
        return ""
    match = _last_building(text)
    if match:
        return (match.group("zone") or "") + number_key(match.group("number"))
    match = re.fullmatch(rf"(?P<zone>{_ZONE})?-?(?P<number>{_NUMBER})(?:号)?", text)
    if match:
        return (match.group("zone") or "") + number_key(match.group("number"))
    return text


def building_name(cell: Cell) -> str:
    """Return a building's name as people say it: a bare number or `#` gets 号楼, a project's name in front goes."""
    text = squeezed(cell)
    match = _last_building(text.upper())
    if match:
        word = match.group("word")
        word = "号楼" if word in ("#", "#楼", "楼") else word.replace("#", "")
        return (match.group("zone") or "") + _bare(match.group("number")) + word
    if re.fullmatch(r"\d{1,3}[A-Za-z]?号?", text):
        return f"{_bare(text.rstrip('号'))}号楼"
    if re.fullmatch(r"[A-Za-z]\d{0,2}", text):
        return f"{text.upper()}座"
    return text


def _bare(number: str) -> str:
    return number.lstrip("0") or number


def find_building(text: Cell) -> str | None:
    """Return the name of the one building that a title or a sheet's name speaks of, or None."""
    flat = squeezed(text).upper()
    found = {
        (match.group("zone") or "") + number_key(match.group("number")): match.group()
        for match in _BUILDING.finditer(flat)
    }
    if len(found) == 1:
        return building_name(next(iter(found.values())))
    return None


def entrance_key(cell: Cell) -> str:
    """Return the key of an entrance: `1单元`, `一单元`, 1 are '1'; '' when there is none."""
    text = squeezed(cell).upper()
    if not text or text in {"-", "/", "无"}:
        return ""
    match = re.fullmatch(rf"(?:第)?(?P<number>{_NUMBER})(?:单元|门栋|梯|门|号|#)?(?:号)?", text)
    return number_key(match.group("number")) if match else text


def room_key(text: str) -> str:
    """Return the key of a room number: `0101`, `101室` and `101` are '101'."""
    text = _ROOM_TAIL.sub("", text.upper())
    return number_key(text) if re.fullmatch(r"\d+[A-Z]?", text) else text


def floor_of(cell: Cell) -> int | None:
    """Return the floor a cell names (`15`, `15层`, `15F`, `B1`, `-1`), or None."""
    text = squeezed(cell).upper()
    match = re.fullmatch(r"(?:第)?(-?\d{1,3})(?:层|F|楼)?(?:/\d+层?)?", text)
    if match:
        return int(match.group(1))
    match = re.fullmatch(r"(?:B|地下|负)(\d|[一二三])(?:层|F)?", text)
    if match:
        return -int(number_key(match.group(1)))
    match = re.fullmatch(r"(?:第)?(\d{1,2})([A-C])(?:层|F|楼)?", text)
    if match:
        # 13A stands where 14 would be: the floor after 13.
        return int(match.group(1)) + ord(match.group(2)) - ord("A") + 1
    match = re.fullmatch(r"(?:第)?([一二三四五六七八九十]{1,3})(?:层|楼)", text)
    return han_number(match.group(1)) if match else None


def floor_from_room(room: str) -> int | None:
    """Return the floor a room number tells: 1502 is on 15, 101 on 1; None when it does not tell."""
    if re.fullmatch(r"\d{1,2}[A-C]\d{2}[A-Z]?", room):
        return floor_of(room[: re.match(r"\d+", room).end() + 1])  # type: ignore[union-attr]
    if match := re.fullmatch(r"B(\d)-\d{2,4}|-(\d{1,2})\d{2}", room):
        return -int(match.group(1) or match.group(2))
    match = re.fullmatch(r"[A-Z]{0,2}-?(\d{1,3})\d{2}[A-Z]?", room)
    return int(match.group(1)) if match and 0 < int(match.group(1)) < 130 else None


def looks_like_place(cell: Cell) -> bool:
    """Whether the cell names a home by more than its bare room number."""
    places = read_places(cell)
    return bool(places) and any(place.building is not None or place.entrance is not None for place in places)


def looks_like_room(cell: Cell) -> bool:
    """Whether the cell can be a room number or a whole address of a home."""
    text = squeezed(cell).upper()
    return bool(text) and (bool(_ROOM.fullmatch(_ROOM_TAIL.sub("", text))) or looks_like_place(cell))


def read_places(cell: Cell) -> list[Place]:
    """
    Return the homes that a text can mean, the likeliest first; empty when it is no home.

    A building in front of the number may carry the project's name (云栖里一期1号楼2单元1502室).
    """
    text = squeezed(cell).upper()
    if not text or len(text) > 60:
        return []
    text = re.sub(r"[\\/_|·,，、~]+", "-", text.replace("－", "-"))
    text = re.sub(r"[(\[【][^)\]】]*[)\]】]$", "", text)
    if re.fullmatch(r"[\dA-Z]+(?:\.[\dA-Z]+){2,3}", text):
        text = text.replace(".", "-")
    if below := _BELOW.fullmatch(_ROOM_TAIL.sub("", text)):
        return [Place(None, None, f"-{below.group(1)}")]
    building: str | None = None
    rest = text
    named = _building_before(text)
    if named:
        building = (named.group("zone") or "") + number_key(named.group("number"))
        rest = text[named.end() :]
    else:
        hao = _BUILDING_HAO.match(text)
        if hao:
            building, rest = number_key(hao.group("number")), text[hao.end() :]
    entrance: str | None = None
    if building is None:
        inner = re.search(rf"(?P<before>.*?)(?P<number>{_NUMBER})(?:单元|门栋)", rest)
        if inner:
            before = inner.group("before").strip("-")
            bare = re.search(rf"(?:^|[^\dA-Z{_HAN}])({_NUMBER})号?$", before) if before else None
            if bare:
                building = number_key(bare.group(1))
            entrance, rest = number_key(inner.group("number")), rest[inner.end() :]
    else:
        inner = _ENTRANCE.match(rest)
        if inner:
            entrance, rest = number_key(inner.group("number")), rest[inner.end() :]
    floor: int | None = None
    storey = _FLOOR.match(rest)
    if storey and storey.end() < len(rest):
        floor = int(number_key(storey.group("number")))
        rest = rest[storey.end() :]
    rest = _ROOM_TAIL.sub("", rest.strip("-"))
    if shop := _SHOP.fullmatch(rest):
        rest = "".join(shop.group("word", "letter", "number"))
    parts = [part for part in rest.split("-") if part]
    if duplex := _duplex(parts):
        parts = [*parts[:-2], duplex]
    if building is None and entrance is None and len(parts) > 1:
        parts[0] = (
            re.sub(rf"^.*?(?=(?:{_NUMBER})$)", "", parts[0])
            if not re.fullmatch(_NUMBER, parts[0])
            else parts[0]
        )
    return list(_arranged(building, entrance, floor, parts))


def _duplex(parts: list[str]) -> str | None:
    """Return the number of a home on two floors (1301-1401), if the last two parts are one above the other."""
    match = _DUPLEX.fullmatch("-".join(parts[-2:]))
    if match and match.group(2) == match.group(4) and int(match.group(3)) == int(match.group(1)) + 1:
        return match.group()
    return None


def _arranged(
    building: str | None, entrance: str | None, floor: int | None, parts: list[str]
) -> Iterable[Place]:
    """Yield the readings of what is left after the marked parts: one to four numbers."""
    if not parts or len(parts) > 4 or not all(re.fullmatch(_NUMBER, part) for part in parts[:-1]):
        return
    keys = [number_key(part) for part in parts]
    room = parts[-1]
    if not _ROOM.fullmatch(room) and not _DUPLEX.fullmatch(room):
        return
    if len(parts) == 1:
        yield Place(building, entrance, _room(room, floor), floor)
        return
    if entrance is not None:
        if len(parts) == 2:
            yield from _floored(building, entrance, parts[0], room)
        return
    if building is not None:
        if len(parts) == 2:
            yield Place(building, keys[0], room_key(room), floor)
            yield from _floored(building, None, parts[0], room)
        elif len(parts) == 3:
            yield from _floored(building, keys[0], parts[1], room)
        return
    if len(parts) == 2:
        yield Place(keys[0], None, room_key(room), floor)
        # No entrance is called B1: that is the floor of a garage, and the whole is the number painted on the ground.
        garage = re.fullmatch(r"B\d", parts[0]) and re.fullmatch(r"\d{2,4}", room)
        yield (
            Place(None, None, f"{parts[0]}-{room}", -int(parts[0][1:]))
            if garage
            else Place(None, keys[0], room_key(room), floor)
        )
    elif len(parts) == 3:
        yield Place(keys[0], keys[1], room_key(room), floor)
        yield from _floored(keys[0], None, parts[1], room)
    else:
        yield from _floored(keys[0], keys[1], parts[2], room)


def _room(room: str, floor: int | None) -> str:
    return _with_floor(room, floor) if floor is not None else room_key(room)


def _floored(building: str | None, entrance: str | None, floor: str, room: str) -> Iterable[Place]:
    """Yield the reading 'floor, then number on that floor' (15-02 is 1502)."""
    if re.fullmatch(r"\d{1,3}", floor) and re.fullmatch(r"\d{1,2}", room):
        yield Place(building, entrance, _with_floor(room, int(floor)), int(floor))


def _with_floor(room: str, floor: int) -> str:
    key = room_key(room)
    if re.fullmatch(r"\d{1,2}", key) and floor:
        return f"{floor}{int(key):02d}"
    if floor < 0 and re.fullmatch(rf"{-floor}\d\d", key):
        return f"-{key}"
    return key


def split_building(building: Cell, entrance: Cell) -> tuple[Cell, Cell]:
    """Return building and entrance of a cell that names both (`1-2`, `1号楼2单元`), when no other column names one."""
    if squeezed(entrance):
        return building, entrance
    text = squeezed(building).upper()
    match = re.fullmatch(
        rf"(?P<building>.*?{_NUMBER}(?:{_BUILDING_WORD})?)-?(?P<entrance>{_NUMBER})(?:单元|门|梯)", text
    ) or re.fullmatch(rf"(?P<building>\d{{1,3}}(?:{_BUILDING_WORD})?)-(?P<entrance>\d{{1,2}})", text)
    return (match.group("building"), match.group("entrance")) if match else (building, entrance)


def place_from(
    *,
    building: Cell,
    entrance: Cell,
    floor: Cell,
    room: Cell,
    default_building: str | None,
    short_rooms: bool,
    repeats_building: bool = False,
) -> list[Place]:
    """
    Put a home together from its columns. Where a column and a whole address in the room's cell both speak, they must
    agree, else nothing is returned; the sheet's ``default_building`` only fills what neither says.

    ``short_rooms``: rooms are numbered per floor (01, 02). ``repeats_building``: the first of two numbers (2-1502) is
    the building that stands elsewhere; otherwise, where the building is known, it is the entrance.
    """
    building, entrance = split_building(building, entrance)
    named_building, named_entrance = building_key(building) or None, entrance_key(entrance) or None
    own = named_building or (building_key(default_building) if default_building else None)
    storey = floor_of(floor)
    readings = read_places(room)
    if own and len(readings) == 2 and readings[0].building == readings[1].entrance:
        first, second = readings if repeats_building else readings[::-1]
        readings = [first if _fits(first, named_building, named_entrance) else second]
    kept: list[Place] = []
    for reading in readings:
        if not _fits(reading, named_building, named_entrance):
            continue
        key = reading.room
        named_floor = re.fullmatch(r"第?(\d{1,2}[A-C])(?:层|F|楼)?", squeezed(floor).upper())
        if short_rooms and named_floor and re.fullmatch(r"\d{1,2}", key):
            key = f"{named_floor.group(1)}{int(key):02d}"
        elif storey is not None and reading.floor is None and (short_rooms or storey < 0):
            key = _with_floor(key, storey) if short_rooms or len(key) > 2 else key
        kept.append(
            Place(
                building=reading.building or own,
                entrance=reading.entrance or named_entrance,
                room=key,
                floor=storey if storey is not None else reading.floor,
            )
        )
    return list(dict.fromkeys(kept))


def _fits(reading: Place, building: str | None, entrance: str | None) -> bool:
    """Whether a reading does not contradict the columns."""
    if building and reading.building not in (None, building):
        return False
    return not entrance or reading.entrance in (None, entrance)
