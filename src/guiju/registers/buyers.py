"""The buyers of one home out of a cell of names and a cell of numbers."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from guiju.customers import identity
from guiju.registers.values import plain, shown, text_of
from guiju.registers.workbook import Cell

_SHARE = re.compile(r"[(\[（【]?\s*(?:占|份额|比例)?[:：]?\s*(\d{1,3}(?:\.\d+)?)\s*[%％]\s*[)\]）】]?")
_ROLE = re.compile(
    r"[(\[（【](?:主|共有人?|配偶|夫妻|本人|产权人|主权益人|次权益人|买受人\d?|夫|妻|父|母|子|女|未成年人?|等?\d?人?)[)\]）】]"
)
_BEHALF = re.compile(
    r"[\s(（]*(?:法定)?(?:监护人|代理人|受托人|法定代表人|法人代表|法人|经办人|联系人)\s*[:：]\s*([^\n)）]*)[)）]?"
)
"""Who acts for the buyer stands beside the buyer's name in many registers; he is no buyer."""
_HIDDEN = re.compile(r"[*＊●█■]{2,}|[×✕╳Xx]{3,}")
_SIGN_FOR_X = re.compile(r"(?<=\d{17})\s?[×✕╳]")
_BESIDE_NUMBER = re.compile(
    r"(?:居民)?身份证(?:号码?|件号码?)?[:：]?|护照(?:号码?)?[:：]?|统一社会信用代码[:：]?|营业执照(?:号码?)?[:：]?|信用代码[:：]?"
    r"|[(（][\u4e00-\u9fff·]+[)）]"
)
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•]+")
COMPANY = re.compile(
    r"公司|集团|合伙企业|企业|工厂|事务所|合作社|协会|委员会|学校|医院|研究院|中心$|银行|经营部|商行$|个体"
)


@dataclass(frozen=True, slots=True)
class Buyer:
    """One buyer: a person or a company, its number and the kind of it, and its share in percent if written."""

    name: str
    identity: identity.Identity
    organisation: bool
    share: Decimal | None = None


def split_names(cell: Cell, expected: int | None = None) -> list[tuple[str, Decimal | None]]:
    """
    Return the names in a cell with their shares: parted by line breaks, 、 / , ; & or spaces. Spaces part only Chinese
    names of two characters and more; a name spaced out (华　宇) stays one. ``expected`` settles what remains unclear.
    """
    text = _BEHALF.sub("", _ROLE.sub("", text_of(cell).replace("\u3000", " ")))
    if len(_SHARE.findall(text)) > 1:
        # 何一60% 何二40%, 60%何一 40%何二: each share ends, or begins, a name.
        ends = _SHARE.match(text) is None
        text = _SHARE.sub(lambda share: f"{share.group()}\n" if ends else f"\n{share.group()}", text)
    found: list[tuple[str, Decimal | None]] = []
    for part in re.split(r"[\n/、,，;；&＆|／]+|(?<=[\u4e00-\u9fff])\+(?=[\u4e00-\u9fff])", text):
        share = _SHARE.search(part)
        name = _SHARE.sub(" ", part).strip(" .:：")
        if not name:
            continue
        pieces = name.split()
        if len(pieces) > 1 and all(_HAN.fullmatch(piece) for piece in pieces):
            if not COMPANY.search(name) and all(len(piece) >= 2 for piece in pieces) and expected != 1:
                found += [(piece, None) for piece in pieces]
                continue
            name = "".join(pieces)
        found.append((re.sub(r"\s+", " ", name), Decimal(share.group(1)) if share else None))
    if expected and len(found) == 1 and expected > 1 and re.search(r"[和与及]", found[0][0]):
        names = [piece for piece in re.split(r"[和与及]", found[0][0]) if piece]
        if len(names) == expected:
            return [(piece, None) for piece in names]
    return found


def acting_for(cell: Cell) -> str:
    """Return who is written to act for the buyer (监护人：林大), or ''."""
    match = _BEHALF.search(text_of(cell))
    return match.group(1).strip()[:40] if match else ""


def read_shares(cell: Cell) -> list[Decimal] | None:
    """Return the shares of a column in percent, in order: 50%、50%; 1/2; 0.5. None when one cannot be read."""
    found: list[Decimal] = []
    for part in re.split(r"[\s、,;和]+", plain(cell).removeprefix("各").strip()):
        match = re.fullmatch(r"(\d{1,3}(?:\.\d+)?)(%?)|(\d)/(\d{1,2})", part)
        if not match or part in ("0", "0%"):
            return None
        if match.group(3):
            if match.group(4).strip("0") == "":
                return None
            found.append(
                (Decimal(100) * int(match.group(3)) / int(match.group(4))).quantize(Decimal("0.0001"))
            )
        else:
            number = Decimal(match.group(1))
            found.append(number if match.group(2) or number > 1 else number * 100)
    return found


def clean_name(name: str) -> str:
    """Return a name with half-width brackets and letters, its Chinese characters untouched."""
    return "".join(
        unicodedata.normalize("NFKC", sign) if ord(sign) > 0xFF00 and ord(sign) < 0xFFF0 else sign
        for sign in name
    ).strip()


def read_buyers(
    names: Cell, numbers: Cell, *, names_label: str, numbers_label: str, shares: Cell = None
) -> tuple[list[Buyer], list[str]]:
    """Return the buyers, and in Chinese what is wrong with them: missing, not as many numbers as names, wrong numbers."""
    identities = identity.split_identities(_SIGN_FOR_X.sub("X", _BESIDE_NUMBER.sub(" ", text_of(numbers))))
    people = split_names(names, expected=len(identities) or None)
    reasons: list[str] = []
    if not people:
        reasons.append(f"{names_label}为空")
    if not identities:
        reasons.append(f"{numbers_label}为空")
    if not people or not identities:
        return [], reasons
    if len(people) != len(identities):
        return [], [f"{names_label} {len(people)} 位，{numbers_label} {len(identities)} 个，人数不符"]
    if any(_HIDDEN.search(text) for text in identities):
        return [], [f"{numbers_label}有几位被遮住（如 ****），请填完整的号码"]
    if re.search(r"\d", text_of(shares)) and all(share is None for _, share in people):
        said = read_shares(shares)
        if said is not None and len(said) == 1 and said[0] * len(people) == 100:
            said *= len(people)
        if said is None:
            reasons.append(f"份额「{shown(shares)}」认不出来")
        elif len(said) != len(people):
            reasons.append(f"{names_label} {len(people)} 位，份额 {len(said)} 个，个数不符")
        else:
            people = [(name, share) for (name, _), share in zip(people, said, strict=True)]
    buyers: list[Buyer] = []
    for (name, share), text in zip(people, identities, strict=True):
        wrong = identity.problems(text)
        known = identity.decide(text)
        if wrong:
            reasons.append(f"{numbers_label} {known.masked}：{wrong}")
            continue
        if any(buyer.identity.as_18 == known.as_18 for buyer in buyers):
            reasons.append(f"{numbers_label} {known.masked} 写了两次")
        organisation = known.kind.is_organisation or bool(COMPANY.search(name))
        buyers.append(Buyer(clean_name(name), known, organisation, share))
    written = [buyer.share for buyer in buyers if buyer.share is not None]
    whole = sum(written, Decimal(0))
    if written and len(written) == len(buyers) and abs(whole - 100) > Decimal("0.1"):
        reasons.append(f"{names_label}的份额合计 {whole.normalize():f}%，不是 100%")
    return buyers, reasons
