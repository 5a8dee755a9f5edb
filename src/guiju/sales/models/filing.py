"""The approval and the filing of contracts (合同审批、预售登记), and the dated facts of a building that rule its sale."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedJSONField

PERSON = settings.AUTH_USER_MODEL


class ContractApproval(models.Model):
    """The 销售合同审批单 of one contract: who checked what, what was returned, and the seal (domain 2.6, form 3).

    ``open`` while it is under way: one at a time per contract. ``facts`` is what was put to approval, so that the
    printed form says later what the approvers saw. ``returned`` has one row per return: at, by, step, reason.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="contract_approval")
    contract = models.ForeignKey("sales.Contract", on_delete=models.PROTECT, related_name="approvals")
    deal = models.ForeignKey("sales.Deal", on_delete=models.PROTECT, related_name="contract_approvals")
    open = models.BooleanField(default=True)
    prepared_by = models.BigIntegerField(null=True)
    deviating = models.BooleanField(default=False)
    facts = models.JSONField(default=dict)
    opinions = models.JSONField(default=list)
    returned = models.JSONField(default=list)
    approved_at = models.DateTimeField(null=True)
    approved_terms = models.PositiveIntegerField(null=True)
    sealed_at = models.DateTimeField(null=True)
    sealed_by = models.BigIntegerField(null=True)
    seal_number = models.CharField(max_length=40, default="")
    copies = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], name="one_open_approval", condition=models.Q(open=True)
            ),
            models.CheckConstraint(
                name="contract_sealed_after_approval",
                condition=models.Q(sealed_at=None) | models.Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="contract_sealed_with_number",
                condition=models.Q(sealed_at=None, sealed_by=None, seal_number="")
                | models.Q(sealed_at__isnull=False, sealed_by__isnull=False) & ~models.Q(seal_number=""),
            ),
        ]


class Filing(models.Model):
    """The 预售登记 (登记备案) of one contract. ``due_date`` is the 30th day after signing, not rolled past days off.

    ``documents`` and ``city`` hold what was handed in and what the city's system says, by key; ``differences`` what
    of it is not as in the contract (empty before submission). ``returned`` has one row per return of the authority.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="filing")
    contract = models.ForeignKey("sales.Contract", on_delete=models.PROTECT, related_name="filings")
    deal = models.ForeignKey("sales.Deal", on_delete=models.PROTECT, related_name="filings")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="filings", db_index=False
    )
    open = models.BooleanField(default=True)
    signed_date = models.DateField()
    due_date = models.DateField()
    city_number = models.CharField(max_length=60, default="")
    documents = models.JSONField(default=dict)
    city = EncryptedJSONField(default=dict)
    differences = EncryptedJSONField(default=list)
    compared_terms = models.PositiveIntegerField(null=True)
    compared_at = models.DateTimeField(null=True)
    compared_by = models.BigIntegerField(null=True)
    submitted_at = models.DateTimeField(null=True)
    submitted_by = models.BigIntegerField(null=True)
    submission_proof = models.CharField(max_length=80, default="")
    acceptance_number = models.CharField(max_length=60, default="")
    accepted_at = models.DateTimeField(null=True)
    filing_number = models.CharField(max_length=60, default="")
    filed_at = models.DateTimeField(null=True)
    filed_date = models.DateField(null=True)
    returned = models.JSONField(default=list)
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=200, default="")
    told_at = models.DateTimeField(null=True)
    told_how = models.CharField(max_length=200, default="")
    pre_notice_agreed = models.BooleanField(default=False)
    pre_notice_submitted_at = models.DateTimeField(null=True)
    pre_notice_number = models.CharField(max_length=60, default="")
    pre_notice_at = models.DateTimeField(null=True)
    copies_given = EncryptedJSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract"], name="one_open_filing", condition=models.Q(open=True)
            ),
            models.UniqueConstraint(
                fields=["project", "filing_number"],
                name="filing_number_once",
                condition=~models.Q(filing_number="") & models.Q(withdrawn_at=None),
            ),
            *(
                models.CheckConstraint(
                    name=f"filing_{name}_pair",
                    condition=models.Q(**{f"{name}_at": None, f"{name}_by": None})
                    | models.Q(**{f"{name}_at__isnull": False, f"{name}_by__isnull": False}),
                )
                for name in ("compared", "submitted")
            ),
            models.CheckConstraint(
                name="filed_with_number_and_date",
                condition=models.Q(filed_at=None)
                | models.Q(filed_date__isnull=False) & ~models.Q(filing_number=""),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "open", "due_date", "id"], name="filing_board"),
            models.Index(fields=["project", "city_number"], name="filing_city_number"),
        ]


class BuildingRegime(models.Model):
    """From a day on another rule of sale holds for a building (domain 0). Added to, never edited."""

    building = models.ForeignKey(
        "estate.Building", on_delete=models.PROTECT, related_name="regimes", db_index=False
    )
    regime = models.CharField(max_length=20)
    from_date = models.DateField()
    basis = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["building", "from_date"], name="building_regime_once")]


class Milestone(models.Model):
    """A building reached something that opens a gate: topped out, 竣工备案, 首次登记. Added to, never edited."""

    TOPPED_OUT, COMPLETION_FILED, FIRST_REGISTERED = "topped_out", "completion_filed", "first_registered"
    KINDS = [
        (TOPPED_OUT, "主体结构封顶"),
        (COMPLETION_FILED, "竣工验收备案"),
        (FIRST_REGISTERED, "不动产首次登记"),
    ]

    building = models.ForeignKey(
        "estate.Building", on_delete=models.PROTECT, related_name="milestones", db_index=False
    )
    kind = models.CharField(max_length=20, choices=KINDS)
    reached_date = models.DateField()
    proof = models.CharField(max_length=120)
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["building", "kind"], name="milestone_once")]
