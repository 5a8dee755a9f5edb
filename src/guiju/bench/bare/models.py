"""One table."""

from __future__ import annotations

from django.db import models


class Line(models.Model):
    """One row: who, what, when."""

    person = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    made_at = models.DateTimeField()

    objects: models.Manager[Line] = models.Manager()
