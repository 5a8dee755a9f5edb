"""Masks for personal data: what is shown outside scope, in exports and in the API (DECISIONS 20, E-4.4-a)."""

from __future__ import annotations

import re

STAR = "*"


def mask_name(name: str) -> str:
    """Return the name with all but its first character hidden: 王小明 becomes 王**, 欧阳娜娜 becomes 欧***."""
    name = name.strip()
    if not name:
        return ""
    return name[0] + STAR * max(len(name) - 1, 1)


def mask_phone(phone: str) -> str:
    """Return the phone grouped 3-4-4 with its middle hidden: 138 **** 2067; a shorter number keeps its last two."""
    digits = re.sub(r"\D", "", phone)
    if not digits:
        return ""
    if len(digits) > 11 and digits.startswith("86"):
        digits = digits[2:]
    if len(digits) == 11 and digits.startswith("1"):
        return f"{digits[:3]} {STAR * 4} {digits[-4:]}"
    return STAR * max(len(digits) - 2, 1) + digits[-2:]


def mask_identity(number: str) -> str:
    """Return an identity number with its first three and last four characters: 440 and 123X, the rest hidden."""
    number = number.strip()
    if len(number) <= 7:
        return STAR * len(number)
    return number[:3] + STAR * (len(number) - 7) + number[-4:]


def mask_bank_card(number: str) -> str:
    """Return only the last four digits of a bank card: **** 6789."""
    digits = re.sub(r"\D", "", number)
    return f"{STAR * 4} {digits[-4:]}" if len(digits) > 4 else STAR * len(digits)


def mask_unit(label: str) -> str:
    """Return a unit with its building only: 1号楼 1单元 1502 becomes 1号楼 ****, 1-1-1502 becomes 1-****."""
    label = label.strip()
    if not label:
        return ""
    if " " in label:
        return f"{label.split(' ', 1)[0]} {STAR * 4}"
    if "-" in label:
        return f"{label.split('-', 1)[0]}-{STAR * 4}"
    return STAR * 4


def mask_address(address: str) -> str:
    """Return an address up to its road or village, the house hidden."""
    address = address.strip()
    found = re.match(r"^(.*?[路街道巷弄镇乡村区县市])(?=.)", address)
    kept = found.group(1) if found else address[:3]
    greedy = re.match(r"^(.*[路街巷弄村镇乡])", address)
    if greedy:
        kept = greedy.group(1)
    return kept + STAR * 4 if address else ""
