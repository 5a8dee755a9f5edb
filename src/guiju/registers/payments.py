"""Ways of paying and banks, by their one name."""

from __future__ import annotations

import re

from guiju.registers.values import Unreadable, says_nothing, shown, squeezed
from guiju.registers.workbook import Cell
from guiju.sales.models import Payment


def read_payment(cell: Cell) -> Payment | None:
    """
    Read a way of paying: 按揭, 商贷, 银行按揭 and 商业贷款 are one, a loan with both kinds is 组合贷款.

    :raises Unreadable: none of those.
    """
    if says_nothing(cell):
        return None
    text = re.sub(r"\d+(\.\d+)?%|首付|[\d.]+成", "", squeezed(cell))
    if re.search(r"组合|混合贷", text) or ("公积金" in text and re.search(r"商|银行|按揭\+|\+", text)):
        return Payment.COMBINED
    if "公积金" in text:
        return Payment.PROVIDENT
    if re.search(r"按揭|商贷|贷款|商业贷|银行贷|纯商|^贷$", text):
        return Payment.MORTGAGE
    if re.search(r"分期|分次|分批|按进度", text):
        return Payment.INSTALMENTS
    if re.search(r"一次|全款|全额|付清|现款|现金", text):
        return Payment.LUMP_SUM
    raise Unreadable(f"「{shown(cell)}」不是付款方式")


_BANKS: tuple[tuple[str, str], ...] = (
    ("中国工商银行", r"(中国)?工商银行|工行|icbc"),
    ("中国农业银行", r"(中国)?农业银行|农行|abc"),
    ("中国建设银行", r"(中国)?建设银行|建行|ccb"),
    ("中国邮政储蓄银行", r"(中国)?邮政储蓄银行|邮储银行|邮政银行|邮储|psbc"),
    ("中国光大银行", r"(中国)?光大银行|光大|ceb"),
    ("中国民生银行", r"(中国)?民生银行|民生|cmbc"),
    ("中国银行", r"中国银行|中行|boc"),
    ("交通银行", r"(中国)?交通银行|交行|bocom"),
    ("招商银行", r"招商银行|招行|招商|cmb"),
    ("中信银行", r"中信银行|中信|citic"),
    ("上海浦东发展银行", r"(上海)?浦东发展银行|浦发银行|浦发|spdb"),
    ("兴业银行", r"兴业银行|兴业|cib"),
    ("广发银行", r"广发银行|广东发展银行|广发|cgb"),
    ("平安银行", r"平安银行|平安"),
    ("华夏银行", r"华夏银行|华夏"),
    ("北京银行", r"北京银行"),
    ("北京农村商业银行", r"北京农(村)?商(业)?(银)?行|北京农商"),
    ("上海银行", r"上海银行"),
    ("杭州银行", r"杭州银行"),
    ("宁波银行", r"宁波银行"),
    ("江苏银行", r"江苏银行"),
    ("南京银行", r"南京银行"),
    ("浙商银行", r"浙商银行"),
    ("渤海银行", r"渤海银行"),
    ("恒丰银行", r"恒丰银行"),
)


def bank_name(cell: Cell) -> str:
    """Return a bank's full name with its branch: 工行 → 中国工商银行, 建行朝阳支行 → 中国建设银行朝阳支行; others as written."""
    if says_nothing(cell):
        return ""
    text = squeezed(cell)
    for name, pattern in _BANKS:
        match = re.match(rf"(?:{pattern})(?=$|[\u4e00-\u9fff(-])", text, re.IGNORECASE)
        if match:
            branch = re.sub(r"^(股份)?有限公司|^[-(]|\)$", "", text[match.end() :]).strip("-() ")
            return name + branch
    return text
