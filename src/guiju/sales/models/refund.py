"""Returning a home (退房) and paying money back (退款): the application with its sheet, payees and release checklist."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedTextField
from guiju.kernel.money import FenField
from guiju.sales.models.deals import Deal

PERSON = settings.AUTH_USER_MODEL


class RoomReturn(models.Model):
    """
    The facts of a refund case (退房、退款; domain 2.9). Amounts in yuan, ``rate`` in percent a year.

    ``stage`` is how far the deal had come when it was asked for. ``sheet`` is the calculation line by line, as it was
    approved; ``kept`` is what of the money paid stays with us, ``added`` what we pay beside it (interest, double deposit,
    penalty), ``payable`` what banks and buyers get together. ``agreed`` has one row for each buyer who signed.
    """

    ROOM, MONEY = "room", "money"
    KINDS = [(ROOM, "退房"), (MONEY, "只退款")]
    SUBSCRIBED, SIGNED, FILED, LOAN, ENDED = "subscribed", "signed", "filed", "loan", "ended"
    STAGES = [
        (SUBSCRIBED, "认购"), (SIGNED, "签约未备案"), (FILED, "已备案"), (LOAN, "贷款已放款"), (ENDED, "交易已结束"),
    ]  # fmt: skip

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="room_return")
    deal = models.ForeignKey(Deal, on_delete=models.PROTECT, related_name="returns")
    kind = models.CharField(max_length=10, choices=KINDS)
    stage = models.CharField(max_length=20, choices=STAGES)
    reason = models.CharField(max_length=20)
    cause = models.CharField(max_length=20, default="")
    words = models.CharField(max_length=1000)
    clause = models.CharField(max_length=200, default="")
    term_days = models.PositiveSmallIntegerField()
    trigger_date = models.DateField(null=True)
    due_date = models.DateField(null=True)
    rate = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    day_count = models.PositiveSmallIntegerField(default=365)
    until_date = models.DateField(null=True)
    inputs = models.JSONField(default=dict)
    sheet = models.JSONField(default=list)
    kept = FenField(null=True)
    added = FenField(null=True)
    payable = FenField(null=True)
    calculated_at = models.DateTimeField(null=True)
    calculated_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    talked_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    # A contract that the seller's notice ended has no agreement and no signers, only the moment when that was established.
    agreement = models.CharField(max_length=64, default="")
    agreed = models.JSONField(default=list)
    agreed_at = models.DateTimeField(null=True)
    executed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    on_sale_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(name="return_term_within_law", condition=models.Q(term_days__lte=30)),
            models.CheckConstraint(name="return_day_count", condition=models.Q(day_count__in=[360, 365])),
            models.CheckConstraint(
                name="return_calculated_pair",
                condition=models.Q(calculated_at=None, calculated_by=None)
                | models.Q(calculated_at__isnull=False, calculated_by__isnull=False),
            ),
            models.CheckConstraint(
                name="return_executed_after_agreement",
                condition=models.Q(executed_at=None) | models.Q(agreed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="return_on_sale_after_payment",
                condition=models.Q(on_sale_at=None) | models.Q(paid_at__isnull=False),
            ),
        ]


class ReturnPayee(models.Model):
    """Who gets how much, in yuan, in this order: banks first. ``kind`` as of ``ledger.Refund``; ``late`` is interest for being late."""

    request = models.ForeignKey(RoomReturn, on_delete=models.CASCADE, related_name="payees", db_index=False)
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=100)
    account = EncryptedTextField()
    ground = models.CharField(max_length=200, default="")
    proof = models.CharField(max_length=64, default="")
    amount = FenField()
    late = FenField(default=0)
    voucher = models.CharField(max_length=80, default="")
    slip = models.CharField(max_length=64, default="")
    paid_date = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "position"], name="return_payee_place"),
            models.CheckConstraint(name="return_payee_amount", condition=models.Q(amount__gte=0)),
            models.CheckConstraint(
                name="return_payee_paid_with_voucher",
                condition=models.Q(paid_date=None) | ~models.Q(voucher=""),
            ),
        ]


class ReturnRelease(models.Model):
    """A line of the release checklist (解除清单): what has to be undone before the buyers are paid, and its proof."""

    KINDS = [
        ("bank", "结清银行贷款"),
        ("mortgage", "注销抵押登记（解押）"),
        ("pre_notice", "注销预告登记"),
        ("filing", "注销合同备案"),
        ("tax", "契税、维修资金退还"),
        ("invoice", "红冲发票"),
        ("keys", "收回房屋、钥匙并复原"),
        ("papers", "收回认购书或合同、收据原件"),
    ]

    request = models.ForeignKey(RoomReturn, on_delete=models.CASCADE, related_name="releases", db_index=False)
    kind = models.CharField(max_length=20, choices=KINDS)
    position = models.PositiveSmallIntegerField()
    needed = models.BooleanField(default=True)
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(PERSON, on_delete=models.PROTECT, null=True, related_name="+")
    number = models.CharField(max_length=80, default="")
    note = models.CharField(max_length=200, default="")
    proof = models.CharField(max_length=64, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["request", "kind"], name="release_once"),
            models.CheckConstraint(
                name="release_done_pair",
                condition=models.Q(done_at=None, done_by=None)
                | models.Q(done_at__isnull=False, done_by__isnull=False),
            ),
        ]
