"""What was imported when, what it wrote, and how a company's layouts are read."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from guiju.kernel.crypto import EncryptedJSONField
from guiju.registers.fields import Kind

KINDS = [(kind.value, kind.label) for kind in Kind]


class Import(models.Model):
    """One import of one file. ``result`` holds its refused rows and notices; it names people, so it is encrypted."""

    kind = models.CharField(max_length=20, choices=KINDS)
    project = models.ForeignKey(
        "estate.Project", on_delete=models.PROTECT, related_name="imports", db_index=False
    )
    file_name = models.CharField(max_length=200)
    file_digest = models.CharField(max_length=64, db_index=True)
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    year = models.PositiveSmallIntegerField(null=True)
    read = models.PositiveIntegerField()
    created = models.PositiveIntegerField()
    updated = models.PositiveIntegerField()
    unchanged = models.PositiveIntegerField()
    rejected = models.PositiveIntegerField()
    result = EncryptedJSONField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="import_counts_add_up",
                condition=models.Q(
                    read=models.F("created")
                    + models.F("updated")
                    + models.F("unchanged")
                    + models.F("rejected")
                ),
            )
        ]
        indexes = [models.Index(fields=["project", "-id"], name="import_project")]

    def __str__(self) -> str:
        return self.file_name


class ImportedFact(models.Model):
    """
    What an import last wrote to one unit, deal or complaint, and from which row: so that a hand edit is told from an
    imported value, and a refusal elsewhere can name the register's row. ``values`` holds keyed digests by field.
    """

    UNIT, DEAL, COMPLAINT = "unit", "deal", "complaint"

    project = models.ForeignKey("estate.Project", on_delete=models.PROTECT, related_name="+", db_index=False)
    register = models.CharField(max_length=20, choices=KINDS)
    target_kind = models.CharField(
        max_length=20, choices=[(UNIT, "房屋"), (DEAL, "成交"), (COMPLAINT, "投诉")]
    )
    target_id = models.BigIntegerField()
    key = models.CharField(max_length=64, default="", db_index=True)
    written_by = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="facts")
    sheet = models.CharField(max_length=100)
    row = models.PositiveIntegerField()
    values = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["register", "target_kind", "target_id"], name="imported_fact_once"
            )
        ]
        indexes = [models.Index(fields=["project", "register"], name="imported_fact_project")]


class Doubt(models.Model):
    """
    A refused row about a known unit, which set it 待核实 (DECISIONS 22). Kept per row content, so that the same row
    does not raise it again after a person has cleared it; settled when a mended row comes in.
    """

    unit = models.ForeignKey("estate.Unit", on_delete=models.PROTECT, related_name="doubts", db_index=False)
    register = models.CharField(max_length=20, choices=KINDS)
    content = models.CharField(max_length=64)
    raised_by = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="doubts")
    sheet = models.CharField(max_length=100)
    row = models.PositiveIntegerField()
    settled_import = models.ForeignKey(Import, on_delete=models.PROTECT, null=True, related_name="settled")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["unit", "content"], name="doubt_once")]


class Layout(models.Model):
    """How a company's files of one layout are read, as a person corrected it: field → column. Remembered by headings."""

    company = models.ForeignKey("org.Company", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=KINDS)
    fingerprint = models.CharField(max_length=64)
    headings = models.JSONField()
    columns = models.JSONField()
    corrected_at = models.DateTimeField()
    corrected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "fingerprint"], name="layout_once")]
