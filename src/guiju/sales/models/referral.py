"""Referrals (推荐客户确认): who recommended whom, confirmed when, bought what, rewarded how much."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField
from guiju.sales.models.deals import Deal

PERSON = settings.AUTH_USER_MODEL


class Referral(models.Model):
    """
    The facts of a referral case (推荐客户确认单; domain 2.13, form 8). Amounts in yuan.

    Until the referred person agrees, only the name and the last digits of the phone are kept (PIPL 13). ``key_index`` is
    the keyed digest of both: of all referrals of one person in a project, the first confirmed stands, by constraint.
    Order is by ``registered_at``, the moment of recording (DECISIONS 10).
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="referral")
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="referrals", db_index=False
    )
    referrer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="referrals")
    referrer_deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="referrals_made")
    name = models.CharField(max_length=100)
    phone_tail = models.CharField(max_length=4)
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, default="", db_index=True)
    key_index = models.CharField(max_length=64)
    relation = models.CharField(max_length=40, default="")
    contact_way = models.CharField(max_length=20, default="")
    consented_at = models.DateTimeField(null=True)
    consent_proof = models.CharField(max_length=64, default="")
    registered_at = models.DateTimeField()
    registered_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    checked = models.CharField(max_length=400, default="")
    visit_due_date = models.DateField(null=True)
    deal_due_date = models.DateField(null=True)
    visited_at = models.DateTimeField(null=True)
    live = models.BooleanField(default=True)
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, null=True, related_name="referrals")
    spouse_proof = models.CharField(max_length=64, default="")
    reward = FenField(null=True)
    vat = FenField(null=True)
    income_tax = FenField(null=True)
    net = FenField(null=True)
    tax_note = models.CharField(max_length=200, default="")
    account = EncryptedTextField()
    voucher = models.CharField(max_length=80, default="")
    paid_date = models.DateField(null=True)
    clawed_back = FenField(null=True)
    clawed_back_at = models.DateTimeField(null=True)
    claw_back_due_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "key_index"],
                name="first_confirmed_wins",
                condition=models.Q(live=True, confirmed_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["deal"],
                name="one_referral_per_deal",
                condition=models.Q(live=True, deal__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_confirmed_pair",
                condition=models.Q(confirmed_at=None, confirmed_by=None)
                | models.Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_phone_after_consent",
                condition=models.Q(phone_index="") | models.Q(consented_at__isnull=False),
            ),
            models.CheckConstraint(
                name="referral_paid_with_voucher", condition=models.Q(paid_date=None) | ~models.Q(voucher="")
            ),
        ]
        indexes = [models.Index(fields=["project", "-id"], name="referral_project")]
