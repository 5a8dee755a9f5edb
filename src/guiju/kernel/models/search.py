"""The search index as stored: one row per thing that can be found."""

from __future__ import annotations

from django.db import models

from guiju.kernel.crypto import EncryptedTextField


class SearchEntry(models.Model):
    """
    A thing that can be found, with its tokens.

    ``tokens`` are separated by blanks and sorted; those of personal data are keyed digests. The label may hold a
    name, so it is encrypted. The two indexes over the tokens are made by ``kernel.search_schema``.
    """

    kind = models.CharField(max_length=30)
    key = models.CharField(max_length=64)
    label = EncryptedTextField()
    tokens = models.TextField()
    rules = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="search_entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"
