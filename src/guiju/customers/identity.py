"""
Identity numbers of people and organisations: which kind a number is, what is wrong with it, how it is masked.

The kind is decided first, then the number is judged by the rules of its kind: length, a date that exists, the check
digit (GB 11643, GB 32100, ISO 7064). The county code of a resident number is only a hint: codes were dissolved and
renamed, and real people keep theirs.
"""

from __future__ import annotations

import enum
import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from guiju.kernel.crypto import normalise_identity


class IdentityKind(enum.Enum):
    """Kind of an identity number, with the words printed beside it."""

    RESIDENT = "resident", "居民身份证"
    RESIDENT_OLD = "resident_old", "居民身份证（15 位旧号）"
    RESIDENCE_HMT = "residence_hmt", "港澳台居民居住证"
    FOREIGN_PERMANENT = "foreign_permanent", "外国人永久居留身份证"
    TRAVEL_HK_MACAO = "travel_hk_macao", "港澳居民来往内地通行证"
    TRAVEL_TAIWAN = "travel_taiwan", "台湾居民来往大陆通行证"
    HONG_KONG = "hong_kong", "香港居民身份证"
    PASSPORT = "passport", "护照"
    MILITARY = "military", "军官证"
    CREDIT_CODE = "credit_code", "统一社会信用代码"
    LICENCE_OLD = "licence_old", "营业执照注册号"
    UNKNOWN = "unknown", "其他证件"

    label: str

    def __new__(cls, value: str, label: str) -> IdentityKind:
        """Make a member of (value, label)."""
        member = object.__new__(cls)
        member._value_ = value
        member.label = label
        return member

    @property
    def is_organisation(self) -> bool:
        """Whether the number names an organisation, not a person."""
        return self in (IdentityKind.CREDIT_CODE, IdentityKind.LICENCE_OLD)


@dataclass(frozen=True, slots=True)
class Identity:
    """An identity number in its normal form, with its kind."""

    kind: IdentityKind
    number: str

    @property
    def label(self) -> str:
        """What the kind is called in print."""
        return self.kind.label

    @property
    def masked(self) -> str:
        """The number with its middle hidden."""
        return mask(self.number)

    @property
    def born_date(self) -> date | None:
        """The date of birth that the number holds, if its kind holds one and it exists."""
        return _born(self)

    @property
    def as_18(self) -> str:
        """The number as it is today: an old 15-digit resident number with century and check digit added."""
        if self.kind is not IdentityKind.RESIDENT_OLD:
            return self.number
        body = f"{self.number[:6]}19{self.number[6:]}"
        return body + _mod_11_2(body)


# --- check digits ------------------------------------------------------------------------------------------------------
_WEIGHTS_ID = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def _mod_11_2(body: str) -> str:
    """Return the check character of seventeen digits (GB 11643, ISO 7064 MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS_ID, strict=True))
    return "10X98765432"[total % 11]


def _credit_check(body: str) -> str:
    """Return the check character of the first seventeen of a unified social credit code (GB 32100)."""
    total = sum(_CREDIT_ALPHABET.index(character) * 3**place % 31 for place, character in enumerate(body))
    return _CREDIT_ALPHABET[-total % 31]


def _organisation_check(body: str) -> str:
    """Return the check character of the eight places of an organisation code (GB 11714), part of a credit code."""
    weights = (3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(character, 36) * weight for character, weight in zip(body, weights, strict=True))
    return "0X987654321"[total % 11]


def _licence_check(body: str) -> str:
    """Return the check digit of fourteen digits (ISO 7064 MOD 11,10), as in old business licence numbers."""
    product = 10
    for digit in body:
        product = ((product + int(digit)) % 10 or 10) * 2 % 11
    return str((11 - product) % 10)


def _hong_kong_check(letters: str, digits: str) -> str:
    values = [36 if len(letters) == 1 else ord(letters[0]) - 55, ord(letters[-1]) - 55, *map(int, digits)]
    total = sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True))
    return "0123456789A"[-total % 11]


# --- kinds ---------------------------------------------------------------------------------------------------------------
def decide(text: str) -> Identity:
    """
    Return the kind of a number and its normal form, also where the number is wrong (see ``problems``).

    Numbers of eighteen places may be a resident, a permanent resident from abroad or an organisation: the check
    character decides, and where none fits, whether places 7 to 14 are a date.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    number = normalise_identity(plain)
    return Identity(_kind(plain, number), number)


def _kind(plain: str, number: str) -> IdentityKind:
    if re.search(r"[一-鿿]", plain):
        return IdentityKind.MILITARY if re.search(r"字?第?\d+号?", plain) else IdentityKind.UNKNOWN
    if re.fullmatch(r"[0-9A-Z]{18}", number):
        return _kind_of_18(number)
    if re.fullmatch(r"[A-Z]{1,2}\d{6}\([0-9A]\)", re.sub(r"\s", "", plain).upper()):
        return IdentityKind.HONG_KONG
    if re.fullmatch(r"[HM](\d{8}|\d{10})", number):
        return IdentityKind.TRAVEL_HK_MACAO
    if re.fullmatch(r"[A-Z]{3}\d{12}", number):
        return IdentityKind.FOREIGN_PERMANENT
    if re.fullmatch(r"\d{15}", number):
        return _kind_of_15(number)
    if re.fullmatch(r"\d{8}|\d{10}([A-Z]|\d{2})?", number):
        return IdentityKind.TRAVEL_TAIWAN
    if re.fullmatch(r"(?=[A-Z0-9]{6,12}$)[A-Z]{1,3}\d{5,9}[A-Z]?|\d{9}|\d{2}[A-Z]{2}\d{5}", number):
        return IdentityKind.PASSPORT
    if re.fullmatch(r"\d{16,19}X?", number):
        return IdentityKind.RESIDENT
    if re.fullmatch(r"9[0-9A-Z]{15,18}", number):
        return IdentityKind.CREDIT_CODE
    return IdentityKind.UNKNOWN


def _kind_of_18(number: str) -> IdentityKind:
    like_resident = re.fullmatch(r"\d{17}[\dX]", number) is not None
    if not like_resident:
        return IdentityKind.CREDIT_CODE
    dated = _date_of(number[6:14]) is not None
    resident = dated and _mod_11_2(number[:17]) == number[17]
    # A number of digits alone must be right twice to be an organisation: the code within has a check of its own.
    credit = _credit_check(number[:17]) == number[17] and _organisation_check(number[8:16]) == number[16]
    if number[0] == "9":
        if resident and not credit:
            return IdentityKind.FOREIGN_PERMANENT
        return IdentityKind.FOREIGN_PERMANENT if dated and not credit else IdentityKind.CREDIT_CODE
    if not resident and credit and not dated:
        return IdentityKind.CREDIT_CODE
    return IdentityKind.RESIDENCE_HMT if number[:2] in ("81", "82", "83") else IdentityKind.RESIDENT


def _kind_of_15(number: str) -> IdentityKind:
    if _date_of("19" + number[6:12]) is not None:
        return IdentityKind.RESIDENT_OLD
    return IdentityKind.LICENCE_OLD


def _date_of(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _born(identity: Identity) -> date | None:
    match identity.kind:
        case IdentityKind.RESIDENT | IdentityKind.RESIDENCE_HMT if len(identity.number) == 18:
            return _date_of(identity.number[6:14])
        case IdentityKind.RESIDENT_OLD:
            return _date_of("19" + identity.number[6:12])
        case IdentityKind.FOREIGN_PERMANENT if len(identity.number) == 18:
            return _date_of(identity.number[6:14])
    return None


# --- what is wrong --------------------------------------------------------------------------------------------------------
def problems(text: str, *, on: date | None = None) -> str | None:
    """
    Return in the user's words why the number cannot be right, or None.

    ``on``: the day of judging; with it a birth in the future is a problem. The right check digit is never told.
    """
    identity = decide(text)
    number = identity.number
    match identity.kind:
        case IdentityKind.UNKNOWN:
            return "证件号码为空" if not number else f"认不出是哪种证件的号码（{len(number)} 位）"
        case IdentityKind.RESIDENT | IdentityKind.RESIDENCE_HMT:
            wrong = _resident_problem(identity)
        case IdentityKind.FOREIGN_PERMANENT if len(number) == 18:
            wrong = _resident_problem(identity)
        case IdentityKind.CREDIT_CODE:
            wrong = _credit_problem(number)
        case IdentityKind.LICENCE_OLD:
            wrong = None if _licence_check(number[:14]) == number[14] else "营业执照注册号的校验位不对"
        case IdentityKind.HONG_KONG:
            found = re.fullmatch(r"([A-Z]{1,2})(\d{6})([0-9A])", number)
            good = found is not None and _hong_kong_check(found[1], found[2]) == found[3]
            wrong = None if good else "香港居民身份证号的校验位不对"
        case _:
            wrong = None
    if wrong:
        return wrong
    born = identity.born_date
    if on and born and born > on:
        return f"{identity.label}号中的出生日期 {born:%Y-%m-%d} 还没有到"
    return None


def _resident_problem(identity: Identity) -> str | None:
    number, label = identity.number, identity.label
    if len(number) != 18:
        return f"{label}号应为 18 位，现为 {len(number)} 位"
    if identity.born_date is None:
        return f"{label}号中的出生日期 {number[6:14]} 不存在"
    if _mod_11_2(number[:17]) != number[17]:
        return f"{label}号的校验位不对"
    return None


def _credit_problem(number: str) -> str | None:
    if len(number) != 18:
        return f"统一社会信用代码应为 18 位，现为 {len(number)} 位"
    strange = [character for character in number if character not in _CREDIT_ALPHABET]
    if strange:
        return f"统一社会信用代码不用字母 {'、'.join(dict.fromkeys(strange))}"
    if _credit_check(number[:17]) != number[17]:
        return "统一社会信用代码的校验位不对"
    return None


_PROVINCES = re.compile(r"1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]")


def hint(text: str) -> str | None:
    """Return what looks unusual but is no reason to refuse: a province code that was never given out."""
    identity = decide(text)
    resident = identity.kind in (IdentityKind.RESIDENT, IdentityKind.RESIDENT_OLD)
    if resident and not _PROVINCES.match(identity.number):
        return f"地区代码 {identity.number[:6]} 不在国家标准内，请核对原件"
    return None


# --- showing and splitting ------------------------------------------------------------------------------------------------
def mask(number: str) -> str:
    """Return the number with the first three and the last four places shown (a short one: first and last two)."""
    if len(number) <= 7:
        return "*" * len(number) if len(number) <= 3 else number[:1] + "*" * (len(number) - 3) + number[-2:]
    return number[:3] + "*" * (len(number) - 7) + number[-4:]


_BETWEEN = re.compile(r"[/／\\|、，,;；\n\r]+")


def split_identities(text: str) -> list[str]:
    """
    Return the numbers written into one cell: ``A/B``, one a line, with 、 or ， or a blank between them.

    Blanks inside a number (``1101 0119…``) are kept together where only the whole makes a right number.
    """
    found: list[str] = []
    for part in _BETWEEN.split(unicodedata.normalize("NFKC", text)):
        part = part.strip()
        if not part:
            continue
        pieces = part.split()
        if len(pieces) == 1 or re.search(r"[一-鿿]", part):
            found.append(part)
        elif _one_number(part, pieces):
            found.append(normalise_identity(part))
        else:
            found.extend(pieces)
    return found


def _one_number(whole: str, pieces: list[str]) -> bool:
    """Return whether the blanks stand inside one number rather than between several."""
    if all(len(piece) < 8 for piece in pieces):
        return True
    return problems(whole) is None and any(problems(piece) is not None for piece in pieces)
