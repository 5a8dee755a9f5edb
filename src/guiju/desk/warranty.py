"""Who pays for a repair 保修: the part, the two legal rule sets, and the days from which each of them runs (domain 1.8).

The builder answers to the developer from completion acceptance (建设工程质量管理条例 40); the developer answers to the
buyer from the handover (商品住宅实行住宅质量保证书和住宅使用说明书制度的规定 5, 6), and longer where its 住宅质量保证书
or an agreement says so. The term in force is whichever ends later; its last day still counts (民法典 201, 202).
"""

from __future__ import annotations

import calendar
import enum
from dataclasses import dataclass
from datetime import date
from typing import Final

from guiju.desk.models import WarrantyStart, WarrantyTerm
from guiju.estate.models import Unit

DESIGN_LIFE_YEARS: Final = 50
"""Design life of ordinary buildings (建筑结构可靠性设计统一标准 GB 50068)."""

HEATING: Final = ((11, 15), (3, 15))
COOLING: Final = ((6, 1), (9, 30))


class Payer(enum.StrEnum):
    """Who bears the cost of a repair."""

    BUILDER = "builder"
    DEVELOPER = "developer"
    OWNER = "owner"
    COMMON = "common"

    @property
    def label(self) -> str:
        """The payer as people say it."""
        return {
            "builder": "施工单位（保修期内，本公司先修后追）", "developer": "本公司（保修期内）", "owner": "客户（保修范围外）",
            "common": "住宅专项维修资金（共用部位，保修期外）",
        }[self.value]  # fmt: skip


class Excluded(enum.StrEnum):
    """What no warranty covers (GF-2014-0171 第十七条; 房屋建筑工程质量保修办法 17)."""

    MISUSE = "misuse"
    ALTERED = "altered"
    FORCE = "force_majeure"

    @property
    def label(self) -> str:
        """The exclusion as people say it."""
        return {"misuse": "使用不当", "altered": "自行改动", "force_majeure": "不可抗力"}[self.value]


@dataclass(frozen=True)
class Term:
    """How long: months from the day, or so many whole seasons of heating or cooling."""

    months: int = 0
    seasons: int = 0
    season: tuple[tuple[int, int], tuple[int, int]] = HEATING
    words: str = ""

    def ends(self, start: date) -> date:
        """Return the last day of the term that begins after ``start``."""
        if not self.seasons:
            return add_months(start, self.months)
        (month, day), (last_month, last_day) = self.season
        first = start.year if date(start.year, month, day) >= start else start.year + 1
        last = first + self.seasons - 1
        return date(last + (1 if last_month < month else 0), last_month, last_day)

    def __str__(self) -> str:
        if self.words:
            return self.words
        if self.seasons:
            return f"{self.seasons} 个完整{'采暖期' if self.season == HEATING else '供冷期'}"
        return f"{self.months // 12} 年" if self.months % 12 == 0 else f"{self.months} 个月"


def years(number: int) -> Term:
    """Return a term of so many years."""
    return Term(12 * number)


def add_months(start: date, months: int) -> date:
    """Return the corresponding day so many months later, or the last of the month where there is none (CC 202)."""
    month = start.month - 1 + months
    year, month = start.year + month // 12, month % 12 + 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))


@dataclass(frozen=True)
class RuleSet:
    """A body of law with the day from which it holds, and whose duty it is."""

    name: str
    since: date
    payer: Payer
    starts: str


BUILDERS: Final = RuleSet("建设工程质量管理条例第四十条", date(2000, 1, 30), Payer.BUILDER, "竣工验收合格")
DEVELOPERS: Final = RuleSet(
    "商品住宅实行住宅质量保证书和住宅使用说明书制度的规定第五条", date(1998, 9, 1), Payer.DEVELOPER, "交付"
)
BURDEN_MONTHS: Final = 6


@dataclass(frozen=True)
class Part:
    """A part of a home or building (部位): its terms under both rule sets, the trade that mends it, whose it is.

    ``goods`` are the words of the goods SOP that it stands for (零部件, 设备). ``common``: it belongs to all owners.
    """

    code: str
    name: str
    builder: Term | None
    developer: Term | None
    trade: str
    common: bool = False
    goods: str = "部位"
    fit_out: bool = False


_LIFE = Term(12 * DESIGN_LIFE_YEARS, words=f"设计使用年限（{DESIGN_LIFE_YEARS} 年）")

PARTS: Final[dict[str, Part]] = {
    part.code: part
    for part in (
        Part("structure", "地基基础和主体结构", _LIFE, _LIFE, "mason", common=True),
        Part("roof", "屋面防水", years(5), years(3), "waterproof", common=True),
        Part("outer_wall", "外墙和窗边防渗漏", years(5), years(1), "waterproof", common=True),
        Part("wet_room", "厨房、卫生间防渗漏", years(5), years(1), "waterproof"),
        Part("basement", "地下室防渗漏", years(5), years(1), "waterproof", common=True),
        Part("pipe_leak", "管道渗漏", years(2), years(1), "plumber"),
        Part("pipe_block", "管道堵塞", None, Term(2), "plumber"),
        Part("plumbing", "给水排水管道", years(2), years(1), "plumber"),
        Part("electrical", "电气线路", years(2), None, "electrician"),
        Part("lamp", "灯具、电器开关", None, Term(6), "electrician", goods="零部件"),
        Part("plaster", "墙面、顶棚抹灰", years(2), years(1), "mason", fit_out=True),
        Part("floor", "地面空鼓、开裂、起砂", years(2), years(1), "mason", fit_out=True),
        Part("door_window", "门窗、五金件", years(2), years(1), "carpenter", goods="零部件"),
        Part("sanitary", "卫生洁具", years(2), years(1), "plumber", goods="设备"),
        Part("heating", "供热系统", Term(seasons=2), Term(seasons=1), "hvac", goods="设备"),
        Part(
            "cooling", "供冷系统", Term(seasons=2, season=COOLING), Term(seasons=1, season=COOLING), "hvac",
            goods="设备",
        ),
        Part("equipment", "电梯、门禁等设备", years(2), None, "general", common=True, goods="设备"),
        Part("fit_out", "装修工程", years(2), None, "carpenter", fit_out=True),
        Part("other", "其他约定部位", None, None, "general"),
    )
}  # fmt: skip

UNKNOWN: Final = PARTS["other"]


def part_of(code: str) -> Part:
    """Return the part of this code; an unknown or empty code is what only an agreement covers."""
    return PARTS.get(code, UNKNOWN)


@dataclass(frozen=True)
class Verdict:
    """Who pays, until when warranty runs (None: unknown, or none at all), and the rules line by line."""

    payer: Payer
    ends_date: date | None
    rules: list[str]

    @property
    def covered(self) -> bool:
        """Whether the customer pays nothing for it."""
        return self.payer is not Payer.OWNER


def completion_date(unit: Unit) -> date | None:
    """Return the day of the building's completion acceptance, if it is on file."""
    return (
        WarrantyStart.objects.filter(building_id=unit.building_id, unit=None)
        .values_list("start_date", flat=True)
        .first()
    )


def handover_date(unit: Unit) -> date | None:
    """Return the day on which the unit was handed over to its buyer, if it is on file."""
    return WarrantyStart.objects.filter(unit=unit).values_list("start_date", flat=True).first()


def promised(unit: Unit, part: Part, on: date) -> WarrantyTerm | None:
    """Return the longer term that the project promised for this kind of home on the day, if there is one."""
    rows = WarrantyTerm.objects.filter(
        project_id=unit.project_id, part=part.code, unit_kind=unit.kind, valid_from__lte=on
    )
    return rows.order_by("-valid_from", "-pk").first()


def decide(*, part: Part, unit: Unit, reported_date: date, excluded: str = "") -> Verdict:
    """
    Return who pays for a repair of this part reported on this day, until when warranty runs, and why.

    Within the builder's term the builder pays (the developer mends and charges back), after it the developer within
    its own; past both it is the owner's, or the maintenance fund's where the part is common. ``excluded`` is a code of
    ``Excluded`` once a cause was found. Days that are not on file are read in the customer's favour.
    """
    lines: list[str] = []
    ends: dict[Payer, date] = {}
    completed, handed = completion_date(unit), handover_date(unit)
    if part.builder is not None:
        if completed is None:
            lines.append(f"施工单位保修：{BUILDERS.name}规定{part.name} {part.builder}，没有登记竣工验收日期")
        elif completed < BUILDERS.since:
            lines.append(f"施工单位保修：{completed:%Y-%m-%d} 竣工时{BUILDERS.name}还没有施行")
        else:
            ends[Payer.BUILDER] = part.builder.ends(completed)
            lines.append(
                f"施工单位保修：{BUILDERS.name}，{part.name} {part.builder}，自 {completed:%Y-%m-%d} "
                f"{BUILDERS.starts}起，至 {ends[Payer.BUILDER]:%Y-%m-%d}"
            )
    _developer(part, unit, handed, ends, lines)
    if part.fit_out and handed is not None and reported_date <= add_months(handed, BURDEN_MONTHS):
        lines.append("装饰装修六个月内出现瑕疵的，由本公司证明不是瑕疵（消费者权益保护法第二十三条）")
    last = max(ends.values(), default=None)
    if excluded:
        lines.append(f"原因是{Excluded(excluded).label}，不在保修范围")
        return Verdict(Payer.OWNER, last, lines)
    for payer in (Payer.BUILDER, Payer.DEVELOPER):
        if payer in ends and reported_date <= ends[payer]:
            lines.append(f"{reported_date:%Y-%m-%d} 报修，在保修期内，{payer.label}承担")
            return Verdict(payer, last, lines)
    missing = (part.builder is not None and completed is None) or (_owes(part, unit) and handed is None)
    if missing:
        lines.append("起算日期没有登记齐，先按保修期内受理，查清以前不向客户收费")
        return Verdict(Payer.DEVELOPER, last, lines)
    payer = Payer.COMMON if part.common else Payer.OWNER
    lines.append(f"{reported_date:%Y-%m-%d} 报修，已过保修期，由{payer.label}承担")
    return Verdict(payer, last, lines)


def _owes(part: Part, unit: Unit) -> bool:
    """Whether the developer's own rule set knows the part (it speaks about dwellings)."""
    return part.developer is not None and unit.kind == "dwelling"


def _developer(
    part: Part, unit: Unit, handed: date | None, ends: dict[Payer, date], lines: list[str]
) -> None:
    """Add the developer's term: the legal one for dwellings, or the one promised or agreed, whichever is longer."""
    legal = part.developer if _owes(part, unit) else None
    if unit.kind != "dwelling":
        lines.append("不是住宅，本公司的保修期按补充协议（商品房买卖合同第十七条）")
    if handed is None:
        if legal is not None:
            lines.append(f"本公司保修：{DEVELOPERS.name}规定{part.name} {legal}，没有登记交付日期")
        return
    found: list[tuple[date, str]] = []
    if legal is not None and handed >= DEVELOPERS.since:
        found.append((legal.ends(handed), f"{DEVELOPERS.name}，{part.name} {legal}"))
    own = promised(unit, part, handed)
    if own is not None:
        found.append(
            (add_months(handed, own.months), f"{own.basis or '住宅质量保证书'}约定 {Term(own.months)}")
        )
    if not found:
        return
    ends[Payer.DEVELOPER], words = max(found)
    lines.append(
        f"本公司保修：{words}，自 {handed:%Y-%m-%d} {DEVELOPERS.starts}起，至 {ends[Payer.DEVELOPER]:%Y-%m-%d}"
    )
