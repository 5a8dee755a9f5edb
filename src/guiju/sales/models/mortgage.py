"""Mortgage 按揭: one row per loan part of a deal, its papers, problems, arrears, and the weekly list of what is missing."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField
from guiju.sales.models.deals import Deal

PERSON = settings.AUTH_USER_MODEL


class Mortgage(models.Model):
    """
    A loan part (商业贷款 or 公积金贷款) of a deal with its own approval and payout; a combined loan has two (domain 1.11).

    Amounts in yuan. ``live`` until the case is cancelled. The developer's guarantee (阶段性担保) runs from the payout
    to ``guarantee_released_at``. ``before_gate``: a loan of the past was paid out before its gate was open (domain 0). ``payoff_amount`` is what the bank wants on ``payoff_date`` to end the loan.
    """

    COMMERCIAL, FUND = "commercial", "fund"
    PARTS = [(COMMERCIAL, "商业贷款"), (FUND, "公积金贷款")]

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="mortgage")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="mortgages")
    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="mortgages")
    part = models.CharField(max_length=20, choices=PARTS)
    live = models.BooleanField(default=True)
    bank = models.CharField(max_length=60, default="")
    amount = FenField()
    signed_date = models.DateField()
    account = models.CharField(max_length=100, default="")
    lawyer = models.CharField(max_length=60, default="")
    law_firm = models.CharField(max_length=100, default="")
    lawyer_phone = EncryptedTextField()
    interview_at = models.DateTimeField(null=True)
    interview_place = models.CharField(max_length=100, default="")
    interviewed_at = models.DateTimeField(null=True)
    papers_complete_at = models.DateTimeField(null=True)
    submitted_at = models.DateTimeField(null=True)
    acceptance_number = models.CharField(max_length=60, default="")
    decided_at = models.DateTimeField(null=True)
    approved_amount = FenField(null=True)
    approval_number = models.CharField(max_length=60, default="")
    approval_until_date = models.DateField(null=True)
    refused_cause = models.CharField(max_length=20, default="")
    loan_number = models.CharField(max_length=60, default="")
    loan_date = models.DateField(null=True)
    registration_number = models.CharField(max_length=60, default="")
    registered_date = models.DateField(null=True)
    held_reason = models.CharField(max_length=200, default="")
    payout_asked_at = models.DateTimeField(null=True)
    disbursed_amount = FenField(default=0)
    disbursed_at = models.DateTimeField(null=True)
    before_gate = models.BooleanField(default=False)
    repayment_day = models.PositiveSmallIntegerField(null=True)
    first_repayment_date = models.DateField(null=True)
    guarantee_released_at = models.DateTimeField(null=True)
    guarantee_number = models.CharField(max_length=60, default="")
    payoff_amount = FenField(null=True)
    payoff_date = models.DateField(null=True)
    paid_off_at = models.DateTimeField(null=True)
    chases = models.PositiveSmallIntegerField(default=0)
    chased_at = models.DateTimeField(null=True)
    presses = models.PositiveSmallIntegerField(default=0)
    pressed_at = models.DateTimeField(null=True)
    letter_sent_at = models.DateTimeField(null=True)
    letter_delivered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["deal", "part"], name="mortgage_part_once", condition=models.Q(live=True)
            ),
            models.CheckConstraint(name="mortgage_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(name="mortgage_disbursed", condition=models.Q(disbursed_amount__gte=0)),
            models.CheckConstraint(
                name="mortgage_released_after_payout",
                condition=models.Q(guarantee_released_at=None) | models.Q(disbursed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["project", "id"], name="mortgage_project", condition=models.Q(live=True)),
            models.Index(
                fields=["repayment_day", "id"], name="mortgage_repayment", condition=models.Q(live=True)
            ),
        ]


class MortgagePaper(models.Model):
    """A paper the bank wants (按揭资料) of a borrower or of the purchase: how it is there, till when, promised when."""

    MISSING, COPY, ORIGINAL, EXPIRED = "missing", "copy", "original", "expired"
    STATES = [(MISSING, "缺"), (COPY, "复印件"), (ORIGINAL, "有"), (EXPIRED, "过期")]
    BUYER, COMPANY, BANK = "buyer", "company", "bank"
    OWNERS = [(BUYER, "客户"), (COMPANY, "公司"), (BANK, "银行")]

    mortgage = models.ForeignKey(Mortgage, on_delete=models.CASCADE, related_name="papers")
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    owner = models.CharField(max_length=20, choices=OWNERS, default=BUYER)
    position = models.PositiveSmallIntegerField()
    needs_original = models.BooleanField(default=False)
    needed = models.BooleanField(default=True)
    state = models.CharField(max_length=20, choices=STATES, default=MISSING)
    valid_until = models.DateField(null=True)
    promised_date = models.DateField(null=True)
    attachment = models.CharField(max_length=64, default="")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mortgage", "customer", "kind"],
                name="mortgage_paper_once",
                condition=models.Q(customer__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["mortgage", "kind"],
                name="mortgage_deal_paper_once",
                condition=models.Q(customer=None),
            ),
            models.CheckConstraint(
                name="mortgage_paper_received_pair",
                condition=models.Q(received_at=None, received_by=None)
                | models.Q(received_at__isnull=False, received_by__isnull=False),
            ),
        ]


class MortgageProblem(models.Model):
    """A problem that arose in the loan (批案中的问题): whose it is, what is done, and what came of it (I-2.2-f)."""

    mortgage = models.ForeignKey(Mortgage, on_delete=models.CASCADE, related_name="problems")
    text = models.CharField(max_length=400)
    owner = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=400, default="")
    due_date = models.DateField(null=True)
    raised_at = models.DateTimeField()
    raised_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, related_name="+", db_index=False)
    result = models.CharField(max_length=400, default="")
    solved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="problem_solved_with_result", condition=models.Q(solved_at=None) | ~models.Q(result="")
            )
        ]


class LoanArrears(models.Model):
    """
    A repayment that the bank reports as overdue while the developer guarantees (I-2.2-k), in yuan. The developer pays
    it for the buyer only once that was approved; what was paid is a claim of recourse until ``recovered_at``.
    """

    mortgage = models.ForeignKey(Mortgage, on_delete=models.CASCADE, related_name="arrears", db_index=False)
    due_date = models.DateField()
    amount = FenField()
    reported_at = models.DateTimeField()
    reported_how = models.CharField(max_length=100, default="")
    reminders = models.PositiveSmallIntegerField(default=0)
    reminded_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    payment_asked_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    payment_approved_at = models.DateTimeField(null=True)
    payment_account = EncryptedTextField()
    paid_by_us = models.BooleanField(default=False)
    recovered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["mortgage", "due_date"], name="arrears_once"),
            models.CheckConstraint(name="arrears_amount", condition=models.Q(amount__gt=0)),
            models.CheckConstraint(
                name="arrears_paid_when_approved",
                condition=models.Q(paid_by_us=False)
                | models.Q(payment_approved_at__isnull=False, payment_asked_by__isnull=False),
            ),
        ]


class MissingList(models.Model):
    """
    按揭资料不齐清单 of a week, frozen when it closed and sent to sales at once (I-5.3-5; DECISIONS 27).

    ``body`` is what it says (JSON, encrypted: names and phones). ``due_at`` is Tuesday 00:00; later sending is late.
    """

    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="missing_lists", db_index=False
    )
    week_date = models.DateField()
    closed_at = models.DateTimeField()
    due_at = models.DateTimeField()
    sent_at = models.DateTimeField()
    buyers = models.PositiveIntegerField()
    papers = models.PositiveIntegerField()
    body = EncryptedTextField()
    made_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    received_at = models.DateTimeField(null=True)
    received_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "week_date"], name="missing_list_once"),
            models.CheckConstraint(
                name="missing_list_received_pair",
                condition=models.Q(received_at=None, received_by=None)
                | models.Q(received_at__isnull=False, received_by__isnull=False),
            ),
        ]

    @property
    def late(self) -> bool:
        """Whether sales got it on Tuesday or later."""
        return self.sent_at >= self.due_at
