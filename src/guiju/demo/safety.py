"""Safety in the demonstration: devices with their maintenance, an incident, an emergency that was handled; fit-out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from guiju.demo import scenes
from guiju.estate.models import Project
from guiju.kernel import engine
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.quality.models import Equipment, SafetyIncident
from guiju.quality.operations import emergencies, equipment, safety
from guiju.sales.models import Deal
from guiju.sop.models import Version

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DEVICES = (
    ("SB-01", "冲击钻", "查电缆和碳刷，清灰，空转一分钟", 30, 400, 20, "good"),
    ("SB-02", "人字梯（2 米）", "查防滑脚和限位，试踩", 30, 500, 40, "limited"),
    ("SB-03", "管道疏通机", "弹簧上油，查漏电保护", 60, 300, 10, "good"),
)
ROOMS = ("客厅", "主卧", "厨房")


def build(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Build the devices, what happened with them, and a fit-out selection under way."""
    _devices(project, staff, at)
    _incidents(project, staff, at)
    _emergency(project, staff, at)
    _fitout(project, staff, at)


def _devices(project: Project, staff: dict[str, Person], at: datetime) -> None:
    today = at.astimezone(ZONE).date()
    for code, name, wants, every, age, since, condition in DEVICES:
        device = equipment.add_equipment(
            company=project.company, project=project, code=code, name=name, requirements=wants, every_days=every,
            in_use_date=today - timedelta(days=age), life_months=60, works=("visit",), by=staff["guo"], at=at - 40 * DAY,
        )  # fmt: skip
        equipment.maintain(
            equipment=device, done_date=today - timedelta(days=since), words=wants, condition=condition, by=staff["guo"],
            at=at - timedelta(days=since),
        )  # fmt: skip


def _incidents(project: Project, staff: dict[str, Person], at: datetime) -> None:
    ladder = Equipment.objects.filter(company=project.company, code="SB-02").first()
    told: tuple[dict[str, Any], ...] = (
        {
            "kind": SafetyIncident.Kind.NEAR, "person": staff["wei"], "equipment": ladder, "place": "1号楼 1单元 1202 阳台",
            "words": "登梯打胶时梯脚打滑，人跳下，没有受伤。", "measure": "换防滑脚，两米以上登高必须有人扶梯。", "days": 12,
        },
        {
            "kind": SafetyIncident.Kind.INJURY, "person": staff["kang"], "equipment": None, "place": "1号楼 2单元 地下车库",
            "words": "切割管道时左手被划破，现场包扎后送医，缝两针。", "measure": "切割必须戴防割手套，已补发并培训。", "days": 26,
        },
    )  # fmt: skip
    for one in told:
        happened = at - one.pop("days") * DAY
        safety.record_incident(
            company=project.company, project=project, process="visit", happened_at=happened, by=staff["guo"],
            at=happened + HOUR, **one,
        )  # fmt: skip


def _emergency(project: Project, staff: dict[str, Person], at: datetime) -> None:
    version = (
        Version.objects.filter(document__process="visit").select_related("document").order_by("-pk").first()
    )
    if version is None or not version.content.get("emergency"):
        return
    began = at - 9 * DAY
    made = emergencies.declare(
        company=project.company, project=project, version=version, words="上门时闻到燃气味，屋里有老人",
        started_at=began, by=staff["wei"], at=began + timedelta(minutes=2), place="1号楼 1单元 301",
    )  # fmt: skip
    emergencies.respond(emergency=made, by=staff["guo"], at=began + timedelta(minutes=6))
    for position in range(1, len(version.content["emergency"]) + 1):
        emergencies.do_step(
            emergency=made, position=position, by=staff["guo"], at=began + timedelta(minutes=8 + position)
        )
    emergencies.end(
        emergency=made,
        effect="燃气公司关阀换软管，无人受伤，停气两小时",
        by=staff["guo"],
        at=began + 2 * HOUR,
    )


def _fitout(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """One buyer has chosen and has yet to sign; another is asked to choose."""
    deals = list(
        Deal.objects.filter(project=project, live=True, stage=Deal.SIGNED)
        .order_by("-pk")
        .select_related("unit")[:2]
    )
    today = at.astimezone(ZONE).date()
    for place, deal in enumerate(deals):
        begun = at - (6 - 2 * place) * DAY
        buyer = deal.buyers.order_by("position").values_list("customer_id", flat=True).first()
        event = engine.open_case(
            "fitout_selection", by=staff["wu"], at=begun, chain_id=project.company_id, scope_id=project.pk,
            given={
                "scheme": "精装 B 方案 2026 版", "rooms": list(ROOMS),
                "window_date": (today + timedelta(days=9)).isoformat(),
            },
            links=[("unit", deal.unit_id), *([("customer", buyer)] if buyer else [])],
            title=f"选色选材 {deal.unit.label}",
        )  # fmt: skip
        assert event.case_id is not None
        if place:
            continue
        choices = [
            {"room": room, "item": item, "colour": colour, "material": material, "difference": extra}
            for room, item, colour, material, extra in (
                ("客厅", "地面", "浅橡木", "强化木地板 12 毫米", "0"), ("主卧", "墙面", "米白", "净味乳胶漆", "0"),
                ("厨房", "橱柜", "雾灰", "岩板台面", "3600"),
            )
        ]  # fmt: skip
        scenes.take(
            event.case_id,
            "select",
            staff["wu"],
            begun + 3 * DAY,
            {"choices": choices, "words": "台面要升级岩板"},
        )
