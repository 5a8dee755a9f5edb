"""What after-sales keeps: the case, its solutions and service record, visits with their findings, people and stock."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField

PERSON = settings.AUTH_USER_MODEL


def _pair(table: str, name: str) -> models.CheckConstraint:
    """Bind the moment of an act to the person who acted."""
    at, by = f"{name}_at", f"{name}_by"
    return models.CheckConstraint(
        name=f"{table}_{name}_pair",
        condition=Q(**{at: None, by: None}) | Q(**{f"{at}__isnull": False, f"{by}__isnull": False}),
    )


class Urgency(models.TextChoices):
    """How urgent (F-3.2-b): danger or water running in, life disturbed, or neither."""

    ORDINARY = "ordinary", "一般"
    URGENT = "urgent", "较急"
    EMERGENCY = "emergency", "紧急"


class Complexity(models.TextChoices):
    """How complex (C-3.2-c)."""

    SIMPLE = "simple", "简单"
    MEDIUM = "medium", "一般"
    COMPLEX = "complex", "复杂"


class Met(models.TextChoices):
    """Whether the customer's need was met (C-2-1)."""

    FULL = "full", "全部满足"
    PARTLY = "partly", "部分满足"
    REFUSED = "refused", "未能满足"


class ListEntry(models.Model):
    """An entry of a list that a company extends: service types, natures, solutions, causes (C-3.2-b, E-1.1-d, F-2.3-d)."""

    SERVICE, NATURE, SOLUTION, CAUSE = "service", "nature", "solution", "cause"
    LISTS = [(SERVICE, "服务类型"), (NATURE, "问题性质"), (SOLUTION, "方案类型"), (CAUSE, "根本原因")]

    list = models.CharField(max_length=20, choices=LISTS)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    meaning = models.CharField(max_length=200, default="")
    position = models.PositiveSmallIntegerField(default=100)
    active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["list", "code"], name="list_entry_once")]


class WarrantyStart(models.Model):
    """A day from which warranty runs: a building's completion acceptance, or a unit's handover to its buyer."""

    building = models.ForeignKey("estate.Building", on_delete=models.PROTECT, related_name="warranty_starts")
    unit = models.ForeignKey(
        "estate.Unit", on_delete=models.PROTECT, null=True, related_name="warranty_starts"
    )
    start_date = models.DateField()
    source = models.CharField(max_length=200, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["building"], name="completion_once", condition=Q(unit=None)),
            models.UniqueConstraint(fields=["unit"], name="handover_once", condition=Q(unit__isnull=False)),
        ]


class WarrantyTerm(models.Model):
    """A longer term that a project promised in its 住宅质量保证书, or agreed for homes that are no dwellings."""

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="warranty_terms", db_index=False
    )
    part = models.CharField(max_length=40)
    unit_kind = models.CharField(max_length=20, default="dwelling")
    months = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    basis = models.CharField(max_length=200, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "part", "unit_kind", "valid_from"], name="warranty_term_once"
            )
        ]


class AfterSales(models.Model):
    """An after-sales case (售后): who asked for what, what was found, who answers for it, how it ended."""

    SUPPORT, PROBLEM = "support", "problem"
    EXTERNAL, INTERNAL = "external", "internal"
    TANGIBLE, INTANGIBLE = "tangible", "intangible"

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="after_sales")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="after_sales", db_index=False
    )
    unit = models.ForeignKey(
        "estate.Unit", on_delete=models.PROTECT, null=True, related_name="after_sales", db_index=False
    )
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, related_name="after_sales", db_index=False
    )
    contact_name = models.CharField(max_length=100, default="")
    contact_phone = EncryptedTextField()
    contact_phone_index = models.CharField(max_length=64, default="", db_index=True)
    channel = models.CharField(max_length=20, default="")
    reception = models.CharField(max_length=40, default="")
    kind = models.CharField(
        max_length=20, default=PROBLEM, choices=[(SUPPORT, "支持请求"), (PROBLEM, "问题处理")]
    )
    service = models.CharField(max_length=40, default="")
    # For a customer outside, or a department of ours; something tangible, or not (I-1-p).
    recipient = models.CharField(
        max_length=10, default=EXTERNAL, choices=[(EXTERNAL, "外部客户"), (INTERNAL, "内部客户")]
    )
    department = models.CharField(max_length=60, default="")
    product = models.CharField(
        max_length=12, default=TANGIBLE,
        choices=[(TANGIBLE, "有形：房屋、部件、设备"), (INTANGIBLE, "无形：咨询、手续、说明")],
    )  # fmt: skip
    # As the customer said it, apart from what was understood.
    words = models.TextField()
    need = models.TextField(default="")
    problem = models.TextField(default="")
    part = models.CharField(max_length=40, default="")
    symptom = models.CharField(max_length=200, default="")
    model = models.CharField(max_length=100, default="")
    urgency = models.CharField(max_length=20, choices=Urgency.choices, default=Urgency.ORDINARY)
    complexity = models.CharField(max_length=20, choices=Complexity.choices, default="")
    nature = models.CharField(max_length=40, default="")
    received_at = models.DateTimeField()
    received_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    # The first contact clarifies (C-3.2-a, F-3.1-b).
    where = models.CharField(max_length=200, default="")
    since = models.CharField(max_length=100, default="")
    effect = models.CharField(max_length=400, default="")
    contacted_at = models.DateTimeField(null=True)
    contacted_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    last_contact_at = models.DateTimeField(null=True)
    last_action_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    # What was found.
    diagnosis = models.TextField(default="")
    diagnosed_at = models.DateTimeField(null=True)
    diagnosed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    on_site = models.BooleanField(null=True)
    investigate = models.BooleanField(default=False)
    payer = models.CharField(max_length=20, default="")
    excluded = models.CharField(max_length=20, default="")
    warranty_until = models.DateField(null=True)
    warranty_rules = models.JSONField(default=list)
    # Who answers for it (A-2.3-b, E-1.2-a).
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="after_sales_owned")
    transfers = models.PositiveSmallIntegerField(default=0)
    important = models.CharField(max_length=200, default="")
    reported_at = models.DateTimeField(null=True)
    reported_to = models.CharField(max_length=40, default="")
    report_read_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)
    escalated_why = models.CharField(max_length=400, default="")
    stepped_in_at = models.DateTimeField(null=True)
    # The visit: when it was arranged, for when, and when somebody stood there.
    visit_arranged_at = models.DateTimeField(null=True)
    visit_planned_at = models.DateTimeField(null=True)
    visit_arrived_at = models.DateTimeField(null=True)
    way = models.CharField(max_length=20, default="")
    worker = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    team = models.CharField(max_length=60, default="")
    agreed_at = models.DateTimeField(null=True)
    assigned_at = models.DateTimeField(null=True)
    resolve_rule = models.CharField(max_length=100, default="")
    promised_at = models.DateTimeField(null=True)
    promised_why = models.CharField(max_length=400, default="")
    waiting_for = models.CharField(max_length=200, default="")
    # How it ended.
    cause = models.CharField(max_length=40, default="")
    cause_words = models.TextField(default="")
    measure = models.TextField(default="")
    done_at = models.DateTimeField(null=True)
    tested_at = models.DateTimeField(null=True)
    solved = models.BooleanField(null=True)
    # The head of the department reviewed the operation report: steps followed, result accurate (G-4.5).
    reviewed_at = models.DateTimeField(null=True)
    reviewed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    complied = models.BooleanField(null=True)
    accurate = models.BooleanField(null=True)
    review_words = models.TextField(default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_how = models.CharField(max_length=60, default="")
    rated_at = models.DateTimeField(null=True)
    unrated_why = models.CharField(max_length=200, default="")
    met = models.CharField(max_length=20, choices=Met.choices, default="")
    met_why = models.TextField(default="")
    alternative = models.TextField(default="")
    closed_at = models.DateTimeField(null=True)
    reopened = models.PositiveSmallIntegerField(default=0)
    repeat_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="repeats")

    class Meta:
        constraints = [
            _pair("after_sales", "contacted"),
            _pair("after_sales", "diagnosed"),
            models.CheckConstraint(
                name="after_sales_reviewed_whole",
                condition=Q(reviewed_at=None, reviewed_by=None, complied=None, accurate=None)
                | Q(
                    reviewed_at__isnull=False,
                    reviewed_by__isnull=False,
                    complied__isnull=False,
                    accurate__isnull=False,
                ),
            ),  # fmt: skip
            models.CheckConstraint(
                name="after_sales_internal_named",
                condition=Q(recipient="external", department="")
                | (Q(recipient="internal") & ~Q(department="")),
            ),
            models.CheckConstraint(
                name="after_sales_reported_pair",
                condition=Q(reported_at=None, reported_to="")
                | (Q(reported_at__isnull=False) & ~Q(reported_to="")),
            ),
        ]
        indexes = [
            models.Index(fields=["unit", "part", "-id"], name="after_sales_unit"),
            models.Index(fields=["customer", "-id"], name="after_sales_customer"),
            models.Index(
                fields=["project", "last_action_at", "id"], name="after_sales_quiet",
                condition=Q(closed_at=None),
            ),
            models.Index(fields=["project", "closed_at", "id"], name="after_sales_closed"),
            models.Index(fields=["owner", "-id"], name="after_sales_owner", condition=Q(closed_at=None)),
        ]  # fmt: skip


class Solution(models.Model):
    """A solution offered to the customer; every attempt is kept, and later ones differ (A-2.3-a, C-3.3-c)."""

    OFFERED, AGREED, REFUSED, FAILED, WORKED = "offered", "agreed", "refused", "failed", "worked"

    after_sales = models.ForeignKey(
        AfterSales, on_delete=models.CASCADE, related_name="solutions", db_index=False
    )
    attempt = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=40)
    equivalent = models.CharField(max_length=20, default="")
    words = models.TextField()
    adapted = models.CharField(max_length=400, default="")
    price = FenField(null=True)
    diagnosis = models.TextField(default="")
    sent_how = models.CharField(max_length=20, default="")
    offered_at = models.DateTimeField()
    offered_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    outcome = models.CharField(
        max_length=20, default=OFFERED,
        choices=[
            (OFFERED, "等客户答复"), (AGREED, "客户同意"), (REFUSED, "客户不同意"), (FAILED, "没有解决"),
            (WORKED, "已解决"),
        ],
    )  # fmt: skip
    answer = models.CharField(max_length=400, default="")
    answered_at = models.DateTimeField(null=True)
    answered_how = models.CharField(max_length=20, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["after_sales", "attempt"], name="solution_attempt_once")
        ]


class ServiceEntry(models.Model):
    """One line of the service record (售后服务记录): what was done, its result, minutes and material (E-2.6, H-2.5)."""

    KINDS = [
        ("received", "接收"), ("call", "联系客户"), ("diagnosis", "诊断"), ("offer", "提出方案"),
        ("answer", "客户答复"), ("assigned", "安排"), ("remote", "远程指导"), ("visit", "上门"),
        ("repair", "维修"), ("material", "物资"), ("test", "检验"), ("confirm", "客户确认"),
        ("coordination", "部门协调"), ("report", "汇报"), ("transfer", "移交"), ("correction", "更正"),
        ("review", "报告审核"), ("ticket", "回复工单"),
        ("closed", "关闭"),
    ]  # fmt: skip

    after_sales = models.ForeignKey(
        AfterSales, on_delete=models.PROTECT, related_name="entries", db_index=False
    )
    kind = models.CharField(max_length=20, choices=KINDS)
    words = models.TextField()
    result = models.CharField(max_length=400, default="")
    minutes = models.PositiveIntegerField(null=True)
    material = models.JSONField(default=list)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    visit = models.CharField(max_length=40, default="")
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="corrected_by")

    class Meta:
        indexes = [models.Index(fields=["after_sales", "happened_at", "id"], name="service_entry_case")]


class OwnerChange(models.Model):
    """A case offered to another owner with its reason; it changes hands when that person accepts (A-2.3-b)."""

    after_sales = models.ForeignKey(AfterSales, on_delete=models.CASCADE, related_name="owner_changes")
    from_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    to_person = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=400)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    accepted = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["after_sales"], name="one_open_owner_change", condition=Q(answered_at=None)
            ),
            models.CheckConstraint(
                name="owner_change_answered_pair",
                condition=Q(answered_at=None, accepted=None)
                | Q(answered_at__isnull=False, accepted__isnull=False),
            ),
        ]


class Coordination(models.Model):
    """A task of another department on one case: asked of whom, what came of it (C-3.3-e, D-2.5-h, E-3.4-a)."""

    INVESTIGATION, UNSOLVED, UNSATISFIED, MATERIAL, REQUEST = (
        "investigation", "unsolved", "unsatisfied", "material", "request",
    )  # fmt: skip

    after_sales = models.ForeignKey(
        AfterSales, on_delete=models.CASCADE, related_name="coordinations", db_index=False
    )
    kind = models.CharField(
        max_length=20,
        choices=[
            (INVESTIGATION, "调查"), (UNSOLVED, "无法解决"), (UNSATISFIED, "客户不满意"), (MATERIAL, "物资"),
            (REQUEST, "协助"),
        ],
    )  # fmt: skip
    memo = models.ForeignKey("kernel.Case", on_delete=models.PROTECT, null=True, related_name="+")
    to_post = models.CharField(max_length=40)
    subject = models.CharField(max_length=120)
    content = models.TextField(default="")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    who = models.CharField(max_length=60, default="")
    result = models.TextField(default="")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["after_sales", "id"], name="coordination_case")]


class Skill(models.Model):
    """
    A trade that a person works in (工种), with the level and when it was last assessed (G-5.2-c).

    What certificate a trade takes, and what level its tasks require, stands with the trade.
    """

    class Level(models.IntegerChoices):
        UNKNOWN = 0, "未评定"
        LEARNING = 1, "在学"
        ABLE = 2, "能独立"
        SKILLED = 3, "熟练"
        MASTER = 4, "能带人"

    person = models.ForeignKey(PERSON, on_delete=models.CASCADE, related_name="skills", db_index=False)
    trade = models.CharField(max_length=20)
    level = models.PositiveSmallIntegerField(choices=Level, default=Level.UNKNOWN)
    assessed_date = models.DateField(null=True)
    assessed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person", "trade"], name="skill_once"),
            models.CheckConstraint(
                name="skill_level_assessed",
                condition=Q(level=0, assessed_date=None, assessed_by=None)
                | Q(level__gt=0, assessed_date__isnull=False, assessed_by__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["trade", "person"], name="skill_trade")]


class Material(models.Model):
    """A spare part or material with its stock and what is expected (H-2.3-g). Quantities in hundredths of the unit."""

    company = models.ForeignKey(
        "org.Company", on_delete=models.PROTECT, related_name="materials", db_index=False
    )
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    spec = models.CharField(max_length=60, default="")
    measure = models.CharField(max_length=10, default="件")
    stock = models.PositiveIntegerField(default=0)
    expected = models.PositiveIntegerField(default=0)
    expected_date = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="material_once")]


class Visit(models.Model):
    """A home visit (上门): for which case, where, with whom agreed, who comes, and what was found and done."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="visit")
    for_case = models.ForeignKey(
        "kernel.Case", on_delete=models.PROTECT, related_name="visits", db_index=False
    )
    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="visits")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, null=True, related_name="visits")
    place = models.CharField(max_length=200)
    contact_name = models.CharField(max_length=100, default="")
    contact_phone = EncryptedTextField()
    purpose = models.CharField(max_length=400, default="")
    trade = models.CharField(max_length=20, default="general")
    urgency = models.CharField(max_length=20, choices=Urgency.choices, default=Urgency.ORDINARY)
    requested_at = models.DateTimeField()
    technician = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="visits")
    assigned_at = models.DateTimeField(null=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    offered_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    agreed_by = models.ForeignKey(
        PERSON, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    agreed_with = models.CharField(max_length=100, default="")
    agreed_how = models.CharField(max_length=20, default="")
    later_why = models.CharField(max_length=200, default="")
    moves = models.PositiveSmallIntegerField(default=0)
    no_shows = models.PositiveSmallIntegerField(default=0)
    staff_misses = models.PositiveSmallIntegerField(default=0)
    departed_at = models.DateTimeField(null=True)
    called_late_at = models.DateTimeField(null=True)
    expected_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    late_minutes = models.IntegerField(null=True)
    # What was agreed and found on site (H-2.3-b..e).
    confirmed_need = models.TextField(default="")
    confirmed_with = models.CharField(max_length=100, default="")
    before = models.JSONField(default=list)
    findings = models.JSONField(default=list)
    cause = models.CharField(max_length=40, default="")
    cause_words = models.TextField(default="")
    solution = models.TextField(default="")
    after = models.JSONField(default=list)
    done = models.TextField(default="")
    measure = models.TextField(default="")
    only_diagnosis = models.BooleanField(default=False)
    test = models.CharField(max_length=400, default="")
    minutes = models.PositiveIntegerField(null=True)
    finished_at = models.DateTimeField(null=True)
    signed_name = models.CharField(max_length=100, default="")
    signature = models.CharField(max_length=64, default="")
    unsigned_why = models.CharField(max_length=400, default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="visit_slot_whole",
                condition=Q(starts_at=None, ends_at=None)
                | Q(starts_at__isnull=False, ends_at__gt=models.F("starts_at")),
            ),
            _pair("visit", "agreed"),
        ]
        indexes = [
            models.Index(
                fields=["technician", "starts_at", "id"], name="visit_technician", condition=Q(closed_at=None)
            ),
            models.Index(fields=["for_case", "id"], name="visit_for_case"),
            models.Index(
                fields=["project", "starts_at", "id"], name="visit_plan", condition=Q(closed_at=None)
            ),
        ]


class VisitMaterial(models.Model):
    """Material of a visit: used, or asked for and awaited (H-2.3-f, H-2.5-g). Quantities in hundredths of the unit."""

    USED, ASKED, ARRIVED = "used", "asked", "arrived"

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="materials", db_index=False)
    material = models.ForeignKey(Material, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=[(USED, "已用"), (ASKED, "已申请"), (ARRIVED, "已到")])
    noted_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["visit", "id"], name="visit_material")]
