"""The decoration scheme of a home: which colour and material its buyer chose for each room (I-3.1-r)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from guiju.kernel.money import FenField


class FitoutSelection(models.Model):
    """
    A selection of colours and materials 选色选材 for a sold unit. One is open per unit.

    ``difference``: what the choice costs beside the contract's standard, in yuan; ``window_date``: the last day to choose.
    """

    case = models.OneToOneField("kernel.Case", on_delete=models.PROTECT, related_name="fitout")
    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="fitouts")
    deal = models.ForeignKey("sales.Deal", on_delete=models.PROTECT, related_name="fitouts")
    scheme = models.CharField("装修方案", max_length=100)
    rooms = models.JSONField("要选的房间", default=list)
    window_date = models.DateField("选择截止日期")
    difference = FenField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.CharField("确认人", max_length=100, default="")
    signature = models.CharField(max_length=64, default="")
    paid_at = models.DateTimeField(null=True)
    receipt = models.CharField("收据编号", max_length=40, default="")
    ordered_at = models.DateTimeField(null=True)
    sample = models.CharField("封样编号", max_length=40, default="")
    checked_at = models.DateTimeField(null=True)
    open = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit"], condition=Q(open=True), name="fitout_one_open"),
            models.CheckConstraint(
                condition=Q(confirmed_at=None, confirmed_by="", signature="")
                | (Q(confirmed_at__isnull=False) & ~Q(confirmed_by="") & ~Q(signature="")),
                name="fitout_confirmed_signed",
            ),
            models.CheckConstraint(
                condition=Q(ordered_at=None) | Q(confirmed_at__isnull=False), name="fitout_ordered_confirmed"
            ),
        ]


class FitoutChoice(models.Model):
    """What was chosen for one part of one room: colour, material, and its price difference in yuan."""

    selection = models.ForeignKey(
        FitoutSelection, on_delete=models.CASCADE, related_name="choices", db_index=False
    )
    room = models.CharField("房间", max_length=40)
    item = models.CharField("部位", max_length=40)
    colour = models.CharField("颜色", max_length=60)
    material = models.CharField("材料", max_length=100)
    difference = FenField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["selection", "room", "item"], name="fitout_choice_once")
        ]
