"""Technical words and what to say to a customer instead (D-2.3-c, H-3.1-d)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from guiju.knowledge.models import Term

TERMS: Final[Mapping[str, str]] = {
    "空鼓": "瓷砖或墙皮下面没有粘实", "渗漏": "漏水", "返碱": "墙面泛白起粉", "阴角": "墙内角", "阳角": "墙外角",
    "找平": "把地面抹平", "抹灰": "墙面的水泥层", "腻子": "刷漆前的白色底层", "防水层": "挡水的涂层", "闭水试验": "蓄水看漏不漏",
    "地漏": "地面排水口", "存水弯": "下水管的弯头", "止回阀": "防倒流的阀门", "泄水孔": "排水小孔", "龙骨": "吊顶和隔墙的骨架",
    "伸缩缝": "给材料留的缝", "沉降缝": "楼与楼之间留的缝", "结构裂缝": "承重部分的裂缝", "温度裂缝": "热胀冷缩的细缝",
    "执手": "窗把手", "五金件": "合页、把手等配件", "断桥": "隔热的窗框", "密封胶条": "窗边的橡胶条", "空开": "电闸",
    "跳闸": "电闸断开", "漏保": "漏电保护开关", "弱电箱": "网络和电视的箱子", "分水器": "地暖的分水阀门", "管井": "走管道的小间",
    "返潮": "墙面发潮", "串味": "下水管返味", "质保期": "保修的时间", "非标": "不是标准规格", "整改": "改好", "销项": "办完划掉",
}  # fmt: skip


@dataclass(frozen=True)
class Flag:
    """A technical word in a text, and the plain one."""

    word: str
    plain: str


def terms_of(company_id: int) -> dict[str, str]:
    """Return the glossary of a company: the program's words, and its own before them."""
    own = dict(Term.objects.filter(company_id=company_id).values_list("word", "plain"))
    return {**TERMS, **own}


def flags(text: str, terms: Mapping[str, str]) -> list[Flag]:
    """Return the technical words of a text that stand there without their plain words, longest first, each once."""
    found: dict[str, Flag] = {}
    for word in sorted(terms, key=len, reverse=True):
        if word in text and terms[word] not in text and not any(word in longer for longer in found):
            found[word] = Flag(word, terms[word])
    return list(found.values())


def plainly(text: str, terms: Mapping[str, str]) -> str:
    """Return the text as a customer reads it: each technical word with its plain one behind it, once."""
    for flag in flags(text, terms):
        text = re.sub(re.escape(flag.word), f"{flag.word}（{flag.plain}）", text, count=1)
    return text
