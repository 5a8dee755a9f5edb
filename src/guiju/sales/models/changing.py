"""Changes asked for on a deal: what was approved at which version of its terms, and the application with its facts."""

from __future__ import annotations

from django.db import models

from guiju.sales.models.deals import Deal, Subscription


class DealChange(models.Model):
    """
    A change or refund asked for on a deal. At most one is open per deal, by constraint (domain 2.0).

    ``before`` and ``after`` name customers by their keys only. ``opened_version`` and ``approved_version`` are the
    versions of the deal's terms that were applied for and approved; only the same version may be executed.
    """

    REFUND = "refund"

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="deal_change")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="changes", db_index=False)
    kind = models.CharField(max_length=20)
    open = models.BooleanField(default=True)
    opened_at = models.DateTimeField()
    opened_version = models.PositiveIntegerField()
    approved_version = models.PositiveIntegerField(null=True)
    approved_at = models.DateTimeField(null=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    executed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["deal"], name="one_open_change", condition=models.Q(open=True)),
            models.CheckConstraint(
                name="change_executed_approved",
                condition=models.Q(executed_at=None) | models.Q(approved_version__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["deal", "-id"], name="change_deal")]


class ChangeApplication(models.Model):
    """The facts of an application for change (认购/签约客户房屋变更申请): who said what, and what came of it."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="change_application")
    change = models.OneToOneField(DealChange, on_delete=models.PROTECT, related_name="application")
    subscription = models.ForeignKey(
        Subscription, on_delete=models.PROTECT, null=True, related_name="change_applications"
    )
    contract = models.ForeignKey(
        "sales.Contract", on_delete=models.PROTECT, null=True, related_name="change_applications"
    )
    reason = models.CharField(max_length=1000)
    company_cause = models.BooleanField(default=False)
    proof = models.JSONField(default=list)
    applied_by = models.BigIntegerField(null=True)
    applied_signers = models.JSONField(default=list)
    director_id = models.BigIntegerField(null=True)
    director_opinion = models.CharField(max_length=1000, default="")
    director_signed_at = models.DateTimeField(null=True)
    register_number = models.CharField(max_length=40, default="")
    registered_at = models.DateTimeField(null=True)
    registered_by = models.BigIntegerField(null=True)
    findings = models.JSONField(default=dict)
    manager_id = models.BigIntegerField(null=True)
    manager_signed_at = models.DateTimeField(null=True)
    finance = models.JSONField(default=dict)
    finance_by = models.BigIntegerField(null=True)
    finance_at = models.DateTimeField(null=True)
    legal = models.JSONField(default=dict)
    legal_by = models.BigIntegerField(null=True)
    legal_at = models.DateTimeField(null=True)
    bank_consent = models.JSONField(default=dict)
    approved_by = models.BigIntegerField(null=True)
    signers = models.JSONField(default=list)
    old_copies = models.PositiveSmallIntegerField(default=0)
    agreement_number = models.CharField(max_length=60, default="")
    city = models.JSONField(default=dict)
    invoices = models.JSONField(default=list)
    old_number = models.CharField(max_length=60, default="")
    new_number = models.CharField(max_length=60, default="")
    new_deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, related_name="made_by_change")
    handed_back_at = models.DateTimeField(null=True)
    handed_back_by = models.BigIntegerField(null=True)
    receiver = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register_number"], name="change_number_once", condition=~models.Q(register_number="")
            ),
            models.CheckConstraint(
                name="change_registered_pair",
                condition=models.Q(registered_at=None, registered_by=None)
                | models.Q(registered_at__isnull=False, registered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="change_finance_pair",
                condition=models.Q(finance_at=None, finance_by=None)
                | models.Q(finance_at__isnull=False, finance_by__isnull=False),
            ),
            models.CheckConstraint(
                name="change_legal_pair",
                condition=models.Q(legal_at=None, legal_by=None)
                | models.Q(legal_at__isnull=False, legal_by__isnull=False),
            ),
            models.CheckConstraint(
                name="change_handed_back_pair",
                condition=models.Q(handed_back_at=None, handed_back_by=None)
                | models.Q(handed_back_at__isnull=False, handed_back_by__isnull=False),
            ),
            models.CheckConstraint(
                name="change_handed_back_to_somebody",
                condition=models.Q(handed_back_at=None) | ~models.Q(receiver=""),
            ),
        ]
        indexes = [models.Index(fields=["registered_at", "id"], name="change_registered")]
