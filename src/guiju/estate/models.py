"""Projects, buildings, units and the permits to sell them; unit control (销控) with its history."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import AreaField, FenField


class Control(models.TextChoices):
    """The one control state of a unit (domain 2.1). Written by ``operations.control`` only."""

    NOT_RELEASED = "not_released", "未推"
    AVAILABLE = "available", "可售"
    HELD = "held", "销控"
    LOCKED = "locked", "锁定"
    SUBSCRIBED = "subscribed", "已认购"
    SIGNED = "signed", "已签约"
    FILED = "filed", "已备案"
    RESTRICTED = "restricted", "限制"
    COOLING = "cooling", "待公开"


class Project(models.Model):
    """A project (项目, phase): the scope of posts, numbers and lists."""

    RESIDENTIAL, OFFICE = "residential", "office"
    KINDS = ((RESIDENTIAL, "住宅小区"), (OFFICE, "写字楼"))

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="projects")
    kind = models.CharField(max_length=20, default=RESIDENTIAL, choices=KINDS)
    service_centre = models.CharField(max_length=60, default="")
    city = models.CharField(max_length=40, default="")
    address = models.CharField(max_length=200, default="")
    signing_place = models.CharField(max_length=200, default="")
    escrow_bank = models.CharField(max_length=100, default="")
    escrow_account = models.CharField(max_length=60, default="")
    seller_address = models.CharField(max_length=200, default="")
    seller_qualification = models.CharField(max_length=80, default="")
    seller_representative = models.CharField(max_length=60, default="")
    seller_phone = models.CharField(max_length=40, default="")

    def __str__(self) -> str:
        return self.name


class Building(models.Model):
    """A building (楼栋). ``regime``: which rules of sale hold for it (domain 0)."""

    PRESALE_OLD, PRESALE_2026, COMPLETED_SALE = "presale_old", "presale_2026", "completed_sale"

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="buildings", db_index=False)
    name = models.CharField(max_length=40)
    position = models.PositiveIntegerField(default=0)
    regime = models.CharField(
        max_length=20,
        default=PRESALE_OLD,
        choices=[
            (PRESALE_OLD, "预售（旧规）"),
            (PRESALE_2026, "预售（2026 新规）"),
            (COMPLETED_SALE, "现房销售"),
        ],
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="building_once")]

    def __str__(self) -> str:
        return self.name


class Permit(models.Model):
    """One of the five permits (五证) with its validity; a presale permit covers buildings (domain 1.1)."""

    KINDS = [
        ("land", "不动产权证（土地）"),
        ("land_planning", "建设用地规划许可证"),
        ("works_planning", "建设工程规划许可证"),
        ("construction", "建筑工程施工许可证"),
        ("presale", "商品房预售许可证"),
    ]

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="permits", db_index=False)
    kind = models.CharField(max_length=20, choices=KINDS)
    number = models.CharField(max_length=80)
    authority = models.CharField(max_length=80, default="")
    issued_date = models.DateField(null=True)
    valid_until = models.DateField(null=True)
    buildings = models.ManyToManyField(Building, related_name="permits", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["project", "kind", "number"], name="permit_once")]

    def __str__(self) -> str:
        return self.number


class Unit(models.Model):
    """A unit (房屋): what is sold, held, repaired and owned. Areas in ㎡, prices in yuan."""

    KINDS = [
        ("dwelling", "住宅"),
        ("shop", "商铺"),
        ("office", "办公"),
        ("parking", "车位"),
        ("storage", "储藏室"),
    ]
    BASES = [("gfa", "按建筑面积"), ("inner", "按套内建筑面积"), ("set", "按套")]

    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="units", db_index=False)
    building = models.ForeignKey(Building, on_delete=models.PROTECT, related_name="units", db_index=False)
    entrance = models.CharField(max_length=20, default="")
    floor = models.IntegerField(default=0)
    room = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=KINDS, default="dwelling")
    layout = models.CharField(max_length=20, default="")
    layout_name = models.CharField(max_length=40, default="")
    orientation = models.CharField(max_length=20, default="")
    show_unit = models.BooleanField(default=False)
    remark = models.CharField(max_length=200, default="")
    pricing_basis = models.CharField(max_length=10, choices=BASES, default="gfa")
    area_contract = AreaField(null=True)
    inner_area = AreaField(null=True)
    apportioned_area = AreaField(null=True)
    area_measured = AreaField(null=True)
    inner_measured = AreaField(null=True)
    unit_price = FenField(null=True)
    list_price = FenField(null=True)
    control = models.CharField(max_length=20, choices=Control.choices, default=Control.NOT_RELEASED)
    control_since_at = models.DateTimeField(null=True)
    lock_until_at = models.DateTimeField(null=True)
    holder_case_id = models.BigIntegerField(null=True)
    seized = models.BooleanField(default=False)
    unverified = models.BooleanField(default=False)
    unverified_reason = models.CharField(max_length=400, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["building", "entrance", "room"], name="unit_once")]
        indexes = [
            models.Index(fields=["project", "control", "id"], name="unit_control"),
            models.Index(fields=["project", "room", "id"], name="unit_room"),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The unit as people say it: 1号楼 1单元 1502."""
        entrance = f" {self.entrance}单元" if self.entrance else ""
        return f"{self.building.name}{entrance} {self.room}"

    @property
    def short(self) -> str:
        """The unit in short: 1-1-1502."""
        building = self.building.name.replace("号楼", "").replace("幢", "").replace("栋", "")
        return "-".join(part for part in (building, self.entrance, self.room) if part)


class ControlChange(models.Model):
    """A change of a unit's control state: the sales-control register (销控登统). Added to, never edited."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="control_changes", db_index=False)
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="control_changes", db_index=False
    )
    before = models.CharField(max_length=20, choices=Control.choices, blank=True, default="")
    after = models.CharField(max_length=20, choices=Control.choices)
    reason = models.CharField(max_length=400, default="")
    case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, null=True, related_name="control_changes"
    )
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    changed_at = models.DateTimeField()
    recorded_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["unit", "-id"], name="control_unit"),
            models.Index(fields=["project", "recorded_at", "id"], name="control_project"),
        ]


class PriceChange(models.Model):
    """A price of a unit from a moment on. Prices are never overwritten without a row here."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="prices", db_index=False)
    unit_price = FenField(null=True)
    list_price = FenField(null=True)
    valid_from_at = models.DateTimeField()
    source = models.CharField(max_length=200, default="")
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        indexes = [models.Index(fields=["unit", "-id"], name="price_unit")]


class DailyControl(models.Model):
    """The day's unit control of a project (每日销控, I-2.1-c): opening + in − out = closing, confirmed by a person."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="daily_controls", db_index=False
    )
    day_date = models.DateField()
    figures = models.JSONField()
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "day_date"], name="daily_control_once"),
            models.CheckConstraint(
                name="daily_control_confirmed_pair",
                condition=models.Q(confirmed_at=None, confirmed_by=None)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
        ]


class ControlOrder(models.Model):
    """What a unit-control case (销控登记) is to do, with which units."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="control_order")
    kind = models.CharField(max_length=20)
    units = models.ManyToManyField(Unit, related_name="control_orders")
    until_at = models.DateTimeField(null=True)
    reason = models.TextField()
    authority = models.CharField(max_length=100, default="")
    paper_number = models.CharField(max_length=80, default="")
    lifted_by = models.CharField(max_length=80, default="")
    applied_at = models.DateTimeField()
