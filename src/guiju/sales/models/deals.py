"""Deals: who buys which unit on what terms; and the facts of subscriptions."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.money import FenField


class Payment(models.TextChoices):
    """How the buyer pays (付款方式)."""

    LUMP_SUM = "lump_sum", "一次性付款"
    INSTALMENTS = "instalments", "分期付款"
    MORTGAGE = "mortgage", "银行按揭"
    PROVIDENT = "provident", "公积金贷款"
    COMBINED = "combined", "组合贷款"
    OTHER = "other", "其他方式"

    @property
    def needs_bank(self) -> bool:
        """Whether a loan is part of it, so that a bank is to be chosen (I-5.1-5a)."""
        return self in (Payment.MORTGAGE, Payment.PROVIDENT, Payment.COMBINED)


class Deal(models.Model):
    """A deal: unit, buyers, terms. At most one live deal per unit, by constraint (DECISIONS 1). Prices in yuan."""

    SUBSCRIBING, SUBSCRIBED, SIGNED, CLOSED = "subscribing", "subscribed", "signed", "closed"
    STAGES = [(SUBSCRIBING, "认购中"), (SUBSCRIBED, "已认购"), (SIGNED, "已签约"), (CLOSED, "已结束")]

    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="deals")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="deals", db_index=False
    )
    stage = models.CharField(max_length=20, choices=STAGES, default=SUBSCRIBING)
    live = models.BooleanField(default=True)
    terms_version = models.PositiveIntegerField(default=1)
    payment = models.CharField(max_length=20, choices=Payment.choices, default="")
    payment_as_read = models.CharField(max_length=60, default="")
    bank = models.CharField(max_length=60, default="")
    list_price = FenField(null=True)
    unit_price = FenField(null=True)
    total_price = FenField(null=True)
    down_payment = FenField(null=True)
    subscribed_date = models.DateField(null=True)
    signed_date = models.DateField(null=True)
    contract_number = models.CharField(max_length=60, default="")
    remark = models.CharField(max_length=200, default="")
    source = models.CharField(max_length=200, default="")
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=40, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit"], name="one_live_deal", condition=models.Q(live=True)),
            models.UniqueConstraint(
                fields=["project", "contract_number"],
                name="contract_number_once",
                condition=~models.Q(contract_number="") & models.Q(live=True),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "stage", "-id"], name="deal_project"),
            models.Index(fields=["project", "subscribed_date"], name="deal_subscribed"),
        ]


class DealBuyer(models.Model):
    """A buyer (买受人) of a deal with the share; all are named at subscription (domain 2.2)."""

    deal = models.ForeignKey(Deal, on_delete=models.CASCADE, related_name="buyers", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="purchases")
    position = models.PositiveSmallIntegerField()
    share = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    relation = models.CharField(max_length=40, default="")
    letter = models.ForeignKey(
        "customers.AuthorityLetter", on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["deal", "customer"], name="buyer_once")]


class Subscription(models.Model):
    """The facts of a subscription case (认购): what the 认购书 says and what its posts confirmed."""

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="subscription")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="subscriptions")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, related_name="subscriptions")
    sold_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    replaces = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="replaced_by")
    discounts = models.JSONField(default=list)
    plan = models.JSONField(default=list)
    deposit = FenField(null=True)
    signing_due_date = models.DateField(null=True)
    signing_at = models.DateTimeField(null=True)
    signed_how = models.CharField(max_length=20, default="")
    signed_paper = models.CharField(max_length=64, default="")
    signed_with_customer_at = models.DateTimeField(null=True)
    director_id = models.BigIntegerField(null=True)
    director_signed_at = models.DateTimeField(null=True)
    checked = models.JSONField(default=dict)
    number = models.CharField(max_length=40, default="")
    registered_at = models.DateTimeField(null=True)
    registered_by = models.BigIntegerField(null=True)
    deposit_confirmed_at = models.DateTimeField(null=True)
    deposit_confirmed_by = models.BigIntegerField(null=True)
    sealed_at = models.DateTimeField(null=True)
    sealed_by = models.BigIntegerField(null=True)
    seal_number = models.CharField(max_length=40, default="")
    list_given_at = models.DateTimeField(null=True)
    list_given_how = models.CharField(max_length=60, default="")
    lawyer_at_signing = models.BooleanField(default=False)
    bank_asked_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    notice_delivered_at = models.DateTimeField(null=True)
    notice_proof = models.CharField(max_length=200, default="")
    extensions = models.PositiveSmallIntegerField(default=0)
    outcome = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["registered_at"],
                name="subscription_registered",
                condition=models.Q(registered_at__isnull=False),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["number"], name="subscription_number_once", condition=~models.Q(number="")
            ),
            models.CheckConstraint(
                name="subscription_registered_pair",
                condition=models.Q(registered_at=None, registered_by=None)
                | models.Q(registered_at__isnull=False, registered_by__isnull=False),
            ),
            models.CheckConstraint(
                name="subscription_deposit_pair",
                condition=models.Q(deposit_confirmed_at=None, deposit_confirmed_by=None)
                | models.Q(deposit_confirmed_at__isnull=False, deposit_confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="subscription_sealed_pair",
                condition=models.Q(sealed_at=None, sealed_by=None)
                | models.Q(sealed_at__isnull=False, sealed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="subscription_sealed_after_deposit",
                condition=models.Q(sealed_at=None) | models.Q(deposit_confirmed_at__isnull=False),
            ),
        ]


class BuyerPaper(models.Model):
    """A paper to be had from a buyer (身份证明, 暂住证 …): received when, reminded how often (I-5.1-4a, 4b)."""

    IDENTITY, RESIDENCE = "identity", "residence_permit"

    subscription = models.ForeignKey(
        Subscription, on_delete=models.CASCADE, related_name="papers", db_index=False
    )
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[(IDENTITY, "身份证明"), (RESIDENCE, "暂住证（居住证）")])
    needed = models.BooleanField(default=True)
    attachment = models.CharField(max_length=64, default="")
    received_at = models.DateTimeField(null=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subscription", "customer", "kind"], name="buyer_paper_once")
        ]
