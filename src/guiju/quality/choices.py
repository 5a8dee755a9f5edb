"""The choices of complaints and of what follows from them: causes, levels, faults, remedies."""

from __future__ import annotations

import re

from guiju.kernel.crypto import keyed_digest
from guiju.sales.forms import Labelled


class Channel(Labelled):
    """How a complaint came (K-2.1-b..e, I-2.8-a)."""

    CALL = "call", "来电"
    VISIT = "visit", "来访"
    LETTER = "letter", "来函"
    FAX = "fax", "传真"
    MAIL = "mail", "邮件"
    WECHAT = "wechat", "微信"
    ONLINE = "online", "网上留言"
    TICKET = "ticket", "12345 工单"
    OTHER = "other", "其他"


WRITTEN = frozenset({Channel.LETTER.value, Channel.FAX.value, Channel.MAIL.value})
"""Channels whose complaints come with a paper: it is attached, and answered in writing."""

BY_CLERK = frozenset({Channel.LETTER.value, Channel.FAX.value, Channel.CALL.value})
"""Channels whose quality complaints the person in charge enters (K-2.1-m)."""


class Level(Labelled):
    """How grave a complaint is (domain 2.14)."""

    L1 = "L1", "一般（L1）"
    L2 = "L2", "重要（L2）"
    L3 = "L3", "热点（L3）"
    L4 = "L4", "重大（L4）"


class Cause(Labelled):
    """What the complaint is about; the key by which a second complaint is known (DECISIONS 23)."""

    SEEPAGE = "seepage", "渗漏"
    CRACK = "crack", "开裂、空鼓、墙地面"
    OPENING = "opening", "门窗"
    PIPES = "pipes", "给排水、暖通"
    ELECTRIC = "electric", "电气、电梯、设备"
    PUBLIC = "public", "公共部位、园区"
    NOISE = "noise", "噪声、异味"
    PROPERTY = "property", "保洁、保安、停车等物业服务"
    ATTITUDE = "attitude", "服务态度"
    DELAY = "delay", "办理拖延、不回复"
    SALES = "sales", "销售承诺"
    CONTRACT = "contract", "合同、面积、价款"
    TITLE = "title", "交付、产权证"
    FEES = "fees", "费用"
    OTHER = "other", "其他"


def said(choices: type[Labelled], value: str) -> str:
    """Return the words of a choice by its value; of an unknown value, the value."""
    return next((choice.label for choice in choices if choice.value == value), value)


QUALITY_CAUSES = frozenset({"seepage", "crack", "opening", "pipes", "electric"})

# The first line whose words are found decides; the person at the desk confirms it.
_SIGNS: tuple[tuple[str, str], ...] = (
    ("attitude", r"态度|不耐烦|推诿|骂|辱"),
    ("delay", r"没人(管|理|来|回)|一直没|拖(了|延|着)|不回(复|电)|迟迟"),
    ("seepage", r"渗|漏水|返潮|防水|积水|受潮|发霉"),
    ("title", r"产权证|房产证|不动产证|交房|交付|入住通知|延期"),
    ("sales", r"承诺|宣传|样板间|销售|置业顾问"),
    ("contract", r"合同|面积|违约金|补充协议|房款"),
    ("fees", r"收费|费用|物业费|多收|退费|账单"),
    ("property", r"保洁|垃圾|保安|停车|车位|门禁|绿化|物业"),
    ("noise", r"噪|吵|异味|臭|响声|异响"),
    ("opening", r"门|窗|密封|玻璃|锁|合页"),
    ("pipes", r"水管|下水|堵|马桶|地漏|暖气|地暖|空调|水压|燃气"),
    ("electric", r"电梯|插座|跳闸|线路|灯|开关|对讲|电路|电器"),
    ("crack", r"裂|空鼓|脱落|起砂|地砖|墙|瓷砖|地板|不平|起皮"),
    ("public", r"楼道|大堂|园区|围墙|道路|车库|会所"),
)  # fmt: skip


def suggested_cause(words: str) -> str:
    """Return the cause that the words speak of, or an empty text. A suggestion: a person confirms it."""
    return next((cause for cause, signs in _SIGNS if re.search(signs, words)), "")


def words_key(words: str) -> str:
    """Return the key of a customer's words without spaces and punctuation, to find the same words again."""
    plain = re.sub(r"[\W_]+", "", words).lower()
    return keyed_digest(f"complaint words\0{plain}").hex()[:40] if plain else ""


class Region(Labelled):
    """Where the complaint arose: it sets when the delegate has to arrive (K-2.2-e)."""

    PROVINCE = "province", "省内"
    OUTSIDE = "outside", "省外"
    REMOTE = "remote", "边远地区"


class Fault(Labelled):
    """Whose fault the investigation found (K-2.4-c, d)."""

    OWN = "own", "本公司产品质量问题"
    MISUSE = "misuse", "顾客使用不当"
    OTHERS = "others", "第三方或自然原因"
    NONE = "none", "没有质量问题"


class Remedy(Labelled):
    """What is done about it: for property, repair instead of goods (clauses-notes 25)."""

    RECTIFY = "rectify", "整改（维修）"
    EXCHANGE = "exchange", "换房"
    RETURN = "return", "退房"
    PAID = "paid", "有偿服务"
    EXPLAIN = "explain", "说明情况"


OWN_REMEDIES = frozenset({Remedy.RECTIFY, Remedy.EXCHANGE, Remedy.RETURN})
