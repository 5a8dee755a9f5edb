"""What this app answers to questions of the apps below it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from guiju.estate.models import ControlChange, PriceChange
from guiju.kernel import row_anchors


@row_anchors.fixed.answered_by
def histories() -> Iterable[type[models.Model]]:
    """What became of a unit, and of its price, is only added to."""
    return ControlChange, PriceChange
