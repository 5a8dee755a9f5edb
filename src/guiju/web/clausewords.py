"""The number of a clause as people know it: 第五部分 一, 客服前台作业指导书 四 4.1; the key that programs use is never shown."""

from __future__ import annotations

import re

# The document that the first letter of a key stands for, and whether its parts count in words (二 3) or in figures (2.3).
DOCUMENTS = {
    "A": "客服前台作业指导书", "C": "售后服务作业指导书（能力与要求）", "D": "来电来访来函", "E": "售后服务人员作业指导书",
    "F": "售后服务作业指导书（流程与标准）", "G": "标准操作规程", "H": "售后服务作业指导书（上门与技巧）", "J": "客户服务管理办法", "K": "售后服务工作内容",
}  # fmt: skip
IN_FIGURES = ("D", "K")
NUMERALS = ("", *"一二三四五六七八九十", "十一", "十二", "十三", "十四", "十五")
KEY = re.compile(r"^([A-K])-(\d+)(?:\.(\d+))?(?:-(\w+))?$")


def known(key: str) -> str:
    """Return the number of the clause with this key; what is no key stays as it is."""
    if key.startswith("I-S-"):
        return "第二部分 质量标准"
    found = KEY.match(key)
    if found is None:
        return key
    letter, part, section, point = found.groups()
    if letter == "I":
        return _of_the_department(int(part), section, point or "")
    if letter not in DOCUMENTS:
        return key
    document = DOCUMENTS[letter]
    if part == "0":
        return document
    if letter in IN_FIGURES:
        return f"{document} {part}.{section}" if section else f"{document} {part}"
    numeral = NUMERALS[int(part)] if int(part) < len(NUMERALS) else part
    section = section or (point if point and point.isdigit() else None)
    if section is None:
        return f"{document} {numeral}"
    return f"{document} {numeral} {part}.{section}" if letter == "A" else f"{document} {numeral} {section}"


def _of_the_department(part: int, section: str | None, point: str) -> str:
    """Return the place in 客户服务部作业标准书: duties stand in its third part, workflows in its fifth, forms in its sixth."""
    numeral = NUMERALS[int(section)] if section and int(section) < len(NUMERALS) else section or ""
    if part == 1:
        return "第一部分 释义"
    if part == 2:
        return f"第三部分 二 {section}" if section else "第三部分 二"
    if part == 3:
        return "第三部分 一"
    if part == 6:
        return f"第六部分 {point}".rstrip()
    return f"第{NUMERALS[part]}部分 {numeral}".rstrip()
