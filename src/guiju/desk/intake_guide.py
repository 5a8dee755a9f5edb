"""What the front desk is helped with while somebody speaks: categories, the questions to ask, and the suggestion.

The suggestion only counts words; a person confirms it. Nothing is filed by itself (UI.md, intake).
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from guiju.desk.models import Kind


@dataclass(frozen=True)
class Category:
    """A kind of defect or concern: its code, its path as people read it, words that hint at it, what to ask.

    ``part`` names the building part for the warranty; ``urgent`` words make it an emergency.
    """

    code: str
    path: str
    hints: tuple[str, ...]
    questions: tuple[str, ...]
    kind: Kind = Kind.REPAIR
    part: str = ""
    urgent: tuple[str, ...] = ()
    wish: str = "尽快上门维修"


CATEGORIES: tuple[Category, ...] = (
    Category(
        "leak_window", "质量／渗漏／外窗飘窗", ("飘窗", "窗台", "窗框", "窗户漏", "外窗", "漏水", "渗水"),
        ("现在还在漏吗？水到插座了吗？", "渗水点在窗框、窗台还是墙面？", "窗户装过防盗网或改动过吗？", "哪天方便上门，家里谁在？"),
        part="outer_wall", urgent=("插座", "漏电"),
    ),
    Category(
        "leak_wet", "质量／渗漏／厨卫", ("卫生间", "厨房", "楼上漏", "天花", "渗水", "漏水", "防水"),
        ("漏的是清水还是污水？", "楼上什么时候用水会漏？", "厨卫改动过防水或管道吗？", "哪天方便上门，家里谁在？"),
        part="wet_room",
    ),
    Category(
        "leak_roof", "质量／渗漏／屋面外墙", ("屋顶", "屋面", "外墙", "顶楼", "雨", "渗水", "漏水"),
        ("下雨多久以后开始漏？", "渗水点离外墙多远？", "有没有装过太阳能或花架？", "哪天方便上门，家里谁在？"),
        part="roof",
    ),
    Category(
        "pipe_blocked", "质量／给排水／堵塞", ("堵", "下水", "马桶", "地漏", "返水", "溢"),
        ("哪个下水口堵，别的通吗？", "是慢还是完全不通？", "有没有污水往外冒？"), part="pipe_block", urgent=("溢", "往外冒"),
    ),
    Category(
        "pipe_burst", "质量／给排水／爆管漏水", ("爆管", "水管", "跑水", "喷水", "阀门"),
        ("总阀关了没有？", "水到电器和插座了吗？", "楼下有没有受影响？"), part="plumbing", urgent=("爆管", "跑水", "喷水"),
    ),
    Category(
        "electric", "质量／电气", ("停电", "跳闸", "没电", "插座", "漏电", "电线", "开关", "灯"),
        ("全屋没电还是某一路没电？", "有没有焦味或火花？", "跳闸前开了什么电器？"), part="electrical",
        urgent=("漏电", "火花", "焦味", "冒烟"),
    ),
    Category(
        "heating", "质量／采暖空调", ("暖气", "地暖", "空调", "不热", "不制冷", "滴水"),
        ("哪几间不热，进水阀开着吗？", "室温多少度？", "什么时候开始的？"), part="heating",
    ),
    Category(
        "door_window", "质量／门窗五金", ("门", "锁", "把手", "合页", "玻璃", "关不严", "变形"),
        ("哪一樘门窗，怎么坏的？", "影响锁门吗？", "有没有人为碰撞？"), part="door_window",
    ),
    Category(
        "wall_floor", "质量／墙地面空鼓开裂", ("空鼓", "开裂", "裂缝", "起砂", "脱落", "瓷砖", "墙皮", "地板", "起鼓", "木饰面"),
        ("裂缝多长、能伸进硬币吗？", "在承重墙还是隔墙？", "有没有渗水？"), part="plaster",
    ),
    Category(
        "falling", "安全／坠物电梯", ("坠", "掉下来", "电梯", "困人", "砸", "松动"),
        ("有没有人受伤或被困？", "现场能不能拦开？", "具体位置在哪里？"), part="", urgent=("困人", "受伤", "坠", "砸"),
    ),
    Category(
        "gas", "安全／燃气", ("燃气", "煤气", "漏气"),
        ("阀门关了没有，开窗了没有？", "闻到气味多久了？", "家里还有谁？"), part="", urgent=("燃气", "煤气", "漏气"),
    ),
    Category(
        "noise", "邻里环境／噪声卫生", ("噪声", "噪音", "吵", "垃圾", "异味", "油烟"),
        ("什么时间、持续多久？", "从哪里传来？", "以前反映过吗？"), kind=Kind.COMPLAINT, wish="查明原因并答复",
    ),
    Category(
        "service", "服务／态度与时效", ("态度", "不回电", "没人管", "推诿", "拖", "一直没", "还没修", "不彻底", "又坏", "修过"),
        ("是哪一次、哪位同事？", "当时怎么答应您的？", "您希望怎么处理？"), kind=Kind.COMPLAINT, wish="给出处理办法并按时答复",
    ),
    Category(
        "title", "咨询／产权证", ("产权证", "房产证", "不动产证", "办证"),
        ("房款和税费交清了吗？", "资料交了没有、什么时候交的？"), kind=Kind.INQUIRY, wish="答复办证进度",
    ),
    Category(
        "contract", "咨询／合同与按揭", ("合同", "按揭", "贷款", "放款", "备案", "首付"),
        ("合同编号或房号是多少？", "问的是哪一项条款或日期？"), kind=Kind.INQUIRY, wish="解释清楚",
    ),
    Category(
        "fees", "咨询／费用", ("物业费", "收费", "维修资金", "发票", "退款"),
        ("是哪一笔费用、哪个月份？", "手里有票据吗？"), kind=Kind.INQUIRY, wish="核对后答复",
    ),
    Category(
        "handover", "咨询／交付入伙", ("交房", "收房", "入伙", "钥匙", "验房"),
        ("收到通知了吗？", "打算哪天来、几个人？"), kind=Kind.INQUIRY, wish="告知时间和要带的资料",
    ),
)  # fmt: skip

CAUSES = {
    "leak_window": "seepage", "leak_wet": "seepage", "leak_roof": "seepage", "pipe_blocked": "pipes",
    "pipe_burst": "pipes", "electric": "electric", "heating": "pipes", "door_window": "opening", "wall_floor": "crack",
    "falling": "electric", "gas": "pipes", "noise": "noise", "service": "attitude", "title": "title",
    "contract": "contract", "fees": "fees", "handover": "title",
}  # fmt: skip
"""The complaint's cause that a category stands for; the complaint's clerk judges it anew."""

BY_CODE = {category.code: category for category in CATEGORIES}
COMPLAINING = (
    "投诉",
    "要说法",
    "赔",
    "消协",
    "媒体",
    "曝光",
    "12345",
    "气愤",
    "忍无可忍",
    "又漏",
    "又坏",
    "第二次",
    "没修好",
)
URGENCIES = (("ordinary", "一般"), ("urgent", "较急"), ("emergency", "紧急"))


@dataclass(frozen=True)
class Suggestion:
    """A category with the share of confidence (0 to 99 %) that its words give."""

    category: Category
    percent: int


def suggest(words: str, *, most: int = 3) -> list[Suggestion]:
    """Return the categories that the customer's words hint at, the likeliest first. A person confirms one."""
    text = unicodedata.normalize("NFKC", words)
    found = []
    for place, category in enumerate(CATEGORIES):
        hits = sum(hint in text for hint in category.hints)
        if hits:
            found.append((-hits, place, category))
    found.sort(key=lambda one: one[:2])
    best = sum(-hits for hits, _, _ in found)
    return [
        Suggestion(category, min(99, round(100 * (1 - 0.45**-hits) * (0.6 + 0.4 * -hits / best))))
        for hits, _, category in found[:most]
    ]


DANGER = (
    "爆管",
    "漏电",
    "触电",
    "燃气",
    "煤气味",
    "困人",
    "被困",
    "受伤",
    "坠落",
    "冒烟",
    "着火",
    "起火",
    "失火",
)


def urgent_word(words: str, category: Category | None) -> str:
    """Return the word in a story that hints at an emergency, of any kind or of this category; empty if there is none."""
    return next((word for word in (*DANGER, *(category.urgent if category else ())) if word in words), "")


def kind_of(words: str, category: Category | None) -> Kind | None:
    """Return the kind that the words hint at; None while nothing does."""
    if any(word in words for word in COMPLAINING):
        return Kind.COMPLAINT
    return category.kind if category else None


def questions_for(code: str) -> tuple[str, ...]:
    """Return the clarifying questions of a category (D-2.2-c)."""
    category = BY_CODE.get(code)
    return (
        category.questions
        if category
        else ("请您再说说具体是什么情况？", "什么时候开始的？", "您希望我们怎么处理？")
    )


def wish_for(kind: str, code: str) -> str:
    """Return the need as it usually is, to begin with; the clerk writes what this customer wants."""
    category = BY_CODE.get(code)
    if category is not None and category.kind.value == kind:
        return category.wish
    return {
        "repair": "尽快上门维修", "complaint": "查明原因，给出处理办法并答复", "inquiry": "答复问题", "help": "尽快协助",
        "suggestion": "研究后回复", "praise": "转达谢意",
    }.get(kind, "")  # fmt: skip
