"""Persons and companies that buy, own, ask and complain; their authority letters, contacts and consents."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField


class Customer(models.Model):
    """A customer (客户): a natural person or an organisation (I-1-o). Phone, identity and address are encrypted."""

    PERSON, ORGANISATION = "person", "organisation"

    kind = models.CharField(
        max_length=20, choices=[(PERSON, "自然人"), (ORGANISATION, "单位")], default=PERSON
    )
    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="customers")
    name = models.CharField(max_length=100)
    identity_kind = models.CharField(max_length=30, default="")
    identity_number = EncryptedTextField()
    identity_index = models.CharField(max_length=64, default="", db_index=True)
    phone = EncryptedTextField()
    phone_index = models.CharField(max_length=64, default="", db_index=True)
    address = EncryptedTextField()
    email = models.CharField(max_length=120, default="")
    sex = models.CharField(max_length=4, default="")
    birth_date = models.DateField(null=True)
    nationality = models.CharField(max_length=40, default="")
    legal_representative = models.CharField(max_length=60, default="")
    local_household = models.BooleanField(null=True)
    deceased_date = models.DateField(null=True)
    source = models.CharField(max_length=200, default="")
    recorded_at = models.DateTimeField()
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["company", "identity_index"],
                name="customer_identity_once",
                condition=~models.Q(identity_index="") & models.Q(merged_into=None),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A further way to reach a customer, and when it is wanted."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    kind = models.CharField(max_length=20, choices=[("phone", "电话"), ("email", "邮箱"), ("wechat", "微信")])
    value = EncryptedTextField()
    value_index = models.CharField(max_length=64, default="", db_index=True)
    remark = models.CharField(max_length=200, default="")


class AuthorityLetter(models.Model):
    """A letter of authority (授权委托书): who may act for whom, in what, until when (CC 165). Guardians too."""

    AGENT, GUARDIAN, REPRESENTATIVE = "agent", "guardian", "representative"

    principal = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="letters_given")
    agent = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="letters_held")
    kind = models.CharField(
        max_length=20, choices=[(AGENT, "代理人"), (GUARDIAN, "监护人"), (REPRESENTATIVE, "单位经办人")]
    )
    matters = models.CharField(max_length=200)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    notarised = models.BooleanField(default=False)
    attachment = models.CharField(max_length=64, default="")
    revoked_at = models.DateTimeField(null=True)
    recorded_at = models.DateTimeField()


class Consent(models.Model):
    """A consent given or withdrawn (PIPL 13, 23): for which purpose, how, when."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(max_length=40)
    given = models.BooleanField()
    how = models.CharField(max_length=100, default="")
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["customer", "purpose", "-id"], name="consent_latest")]


class Merge(models.Model):
    """Two entries of one customer made one, traceably; what moved is kept so that it can be undone (DECISIONS 18)."""

    kept = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="merges")
    folded = models.ForeignKey(Customer, on_delete=models.PROTECT, related_name="+")
    moved = models.JSONField()
    reason = models.CharField(max_length=400)
    merged_at = models.DateTimeField()
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="merge_undone_pair",
                condition=models.Q(undone_at=None, undone_by=None)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
            )
        ]
