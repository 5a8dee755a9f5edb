"""Attachments, papers, signatures, seals."""

from __future__ import annotations

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models
from django.db.models import F, Q

from guiju.kernel.crypto import EncryptedJSONField, EncryptedTextField
from guiju.org.secrecy import Secrecy

PERSON = settings.AUTH_USER_MODEL


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def unused(self) -> AttachmentQuerySet:
        """Attachments that no act has taken up yet."""
        return self.filter(uses=None)


class Attachment(models.Model):
    """A file, addressed by its content: the same file is kept once per company (DECISIONS 16).

    ``sha256`` is that of the bytes kept; ``source_sha256`` that of the bytes sent, if they were converted (HEIC).
    """

    class Kind(models.TextChoices):
        PHOTO = "photo", "照片"
        SCAN = "scan", "扫描件"
        DOCUMENT = "document", "文件"
        SIGNATURE = "signature", "签名"
        PRINTED = "printed", "打印件"

    Secrecy = Secrecy

    company = models.ForeignKey(
        "org.Company", models.PROTECT, related_name="attachments", verbose_name="公司", db_index=False
    )
    sha256 = models.CharField("内容摘要", max_length=64)
    source_sha256 = models.CharField("原件摘要", max_length=64, blank=True)
    name = models.CharField("文件名", max_length=200)
    mime = models.CharField("类型", max_length=100)
    size = models.PositiveIntegerField("字节数")
    kind = models.CharField("种类", max_length=12, choices=Kind)
    secrecy = models.CharField("密级", max_length=12, choices=Secrecy.choices)
    width = models.PositiveIntegerField("宽", null=True, blank=True)
    height = models.PositiveIntegerField("高", null=True, blank=True)
    small = models.BooleanField("有缩小件", default=False)
    taken_at = models.DateTimeField("拍摄时间", null=True, blank=True)
    uploaded_at = models.DateTimeField("上传时间")
    uploaded_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, related_name="attachments", verbose_name="上传人"
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        constraints = [
            models.UniqueConstraint(fields=["company", "sha256"], name="attachment_content_once"),
            models.CheckConstraint(
                condition=Q(width=None, height=None) | Q(width__isnull=False, height__isnull=False),
                name="attachment_width_and_height",
            ),
        ]
        indexes = [
            models.Index(fields=["uploaded_at", "id"], name="attachment_uploaded"),
            models.Index(fields=["sha256"], name="attachment_content"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def place(self) -> str:
        """Where the content lies in the storage."""
        return place_of(self.sha256)

    @property
    def small_place(self) -> str:
        """Where the copy of at most 1600 px lies, if there is one (``small``)."""
        return f"{place_of(self.sha256)}.1600.jpg"

    def read(self) -> bytes:
        """Return the content."""
        with default_storage.open(self.place) as file:
            return bytes(file.read())

    def read_small(self) -> bytes:
        """Return the small copy; the content itself where there is none."""
        if not self.small:
            return self.read()
        with default_storage.open(self.small_place) as file:
            return bytes(file.read())


def place_of(sha256: str) -> str:
    """Return the place of a content in the storage: two folders deep by its digest."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


class AttachmentUse(models.Model):
    """An act took the attachment up: on a case, or on another object (kind and key). Unused ones are swept."""

    attachment = models.ForeignKey(Attachment, models.PROTECT, related_name="uses", verbose_name="附件")
    case = models.ForeignKey(
        "kernel.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="attachment_uses",
        verbose_name="事项",
    )
    kind = models.CharField("用于", max_length=40)
    key = models.CharField("对象", max_length=60, blank=True)
    title = models.CharField("说明", max_length=100, blank=True)
    used_at = models.DateTimeField("使用时间")
    used_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, related_name="+", verbose_name="经办人", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "附件使用"
        constraints = [
            models.UniqueConstraint(
                fields=["attachment", "case", "kind", "key"],
                condition=Q(case__isnull=False),
                name="attached_case_once",
            ),
            models.UniqueConstraint(
                fields=["attachment", "kind", "key"], condition=Q(case=None), name="attached_object_once"
            ),
        ]
        indexes = [models.Index(fields=["kind", "key"], name="attached_object")]


class PaperQuerySet(models.QuerySet["Paper"]):
    def valid(self) -> PaperQuerySet:
        """Papers that were not voided."""
        return self.filter(voided_at=None)

    def newest_first(self) -> PaperQuerySet:
        """The paper printed last first."""
        return self.order_by("-printed_at", "-pk")


class Paper(models.Model):
    """A printed form. ``content`` is what it says, so that a reprint says the same; ``file`` is the first print.

    ``printed_by`` is empty when the program printed it by itself after an act. ``token`` is in the QR code.
    """

    company = models.ForeignKey("org.Company", models.PROTECT, related_name="papers", verbose_name="公司")
    case = models.ForeignKey(
        "kernel.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="papers",
        verbose_name="事项",
        db_index=False,
    )
    form = models.CharField("表单", max_length=40)
    form_number = models.CharField("表单编号", max_length=40)
    form_version = models.CharField("版次", max_length=20)
    title = models.CharField("名称", max_length=100)
    number = models.CharField("编号", max_length=60, blank=True)
    token = models.CharField("二维码", max_length=32, unique=True)
    content = EncryptedJSONField("内容")
    file = models.ForeignKey(Attachment, models.PROTECT, related_name="papers", verbose_name="打印件")
    sha256 = models.CharField("摘要", max_length=64)
    printed_at = models.DateTimeField("打印时间")
    printed_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="papers", verbose_name="打印人"
    )
    reprints = models.PositiveIntegerField("补打次数", default=0)
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    voided_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="作废人"
    )
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    objects = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "单据"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "form", "number"],
                condition=Q(voided_at=None) & ~Q(number=""),
                name="paper_number_once",
            ),
            models.CheckConstraint(
                condition=Q(voided_at=None, voided_by=None, void_reason="")
                | Q(voided_at__isnull=False, voided_by__isnull=False) & ~Q(void_reason=""),
                name="paper_voided_at_by_and_why",
            ),
        ]
        indexes = [
            models.Index(fields=["case", "form", "-id"], name="paper_case"),
            models.Index(fields=["form", "number"], name="paper_form_number"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.number}".strip()


class Reprint(models.Model):
    """One print after the first: who, when, why; the paper carries its count (补打 第 n 次)."""

    paper = models.ForeignKey(
        Paper, models.PROTECT, related_name="reprint_log", verbose_name="单据", db_index=False
    )
    count = models.PositiveIntegerField("第几次")
    reason = models.CharField("原因", max_length=200)
    reprinted_at = models.DateTimeField("补打时间")
    reprinted_by = models.ForeignKey(
        PERSON, models.PROTECT, related_name="+", verbose_name="补打人", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "补打"
        constraints = [models.UniqueConstraint(fields=["paper", "count"], name="reprint_count_once")]


class Signature(models.Model):
    """Somebody signed: on screen (strokes and picture) or on paper that was scanned.

    ``signed_sha256`` is the digest of what was signed: the PDF of the paper.
    """

    class Method(models.TextChoices):
        ON_SCREEN = "on_screen", "屏上签名"
        PAPER_SCANNED = "paper_scanned", "纸质签名扫描"

    case = models.ForeignKey(
        "kernel.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="signatures",
        verbose_name="事项",
        db_index=False,
    )
    paper = models.ForeignKey(
        Paper, models.PROTECT, null=True, blank=True, related_name="signatures", verbose_name="单据"
    )
    role = models.CharField("身份", max_length=40)
    signer_name = EncryptedTextField("签名人")
    signer = models.ForeignKey(
        PERSON,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="signatures",
        verbose_name="签名人（员工）",
    )
    method = models.CharField("方式", max_length=14, choices=Method)
    strokes = EncryptedJSONField("笔迹", null=True, blank=True)
    picture = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="signatures", verbose_name="图样"
    )
    signed_sha256 = models.CharField("所签内容摘要", max_length=64)
    signed_at = models.DateTimeField("签名时间")
    recorded_at = models.DateTimeField("登记时间")
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "签名"
        constraints = [
            models.CheckConstraint(
                condition=Q(method="on_screen", strokes__isnull=False, picture__isnull=False)
                | Q(method="paper_scanned", strokes__isnull=True, picture__isnull=False),
                name="signature_shows_how",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__gte=F("signed_at")), name="signature_signed_then_recorded"
            ),
        ]
        indexes = [models.Index(fields=["case", "role"], name="signature_case")]


class SealQuerySet(models.QuerySet["Seal"]):
    def in_use(self) -> SealQuerySet:
        """Seals that were not retired."""
        return self.filter(retired_at=None)


class Seal(models.Model):
    """A physical seal of a company and who keeps it; ``project_id`` empty: for the whole company."""

    class Kind(models.TextChoices):
        CONTRACT = "contract", "合同专用章"
        COMPANY = "company", "公章"
        FINANCE = "finance", "财务专用章"
        LEGAL = "legal", "法定代表人章"
        DEPARTMENT = "department", "部门章"

    company = models.ForeignKey("org.Company", models.PROTECT, related_name="seals", verbose_name="公司")
    project_id = models.BigIntegerField("项目", null=True, blank=True)
    kind = models.CharField("种类", max_length=12, choices=Kind)
    name = models.CharField("名称", max_length=60)
    keeper = models.ForeignKey(PERSON, models.PROTECT, related_name="seals", verbose_name="保管人")
    kept_since_at = models.DateTimeField("保管起")
    retired_at = models.DateTimeField("停用时间", null=True, blank=True)

    objects = SealQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "印章"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "name"], condition=Q(retired_at=None), name="seal_name_once"
            )
        ]

    def __str__(self) -> str:
        return self.name


class SealHandover(models.Model):
    """The seal went from one keeper to another."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="handovers", verbose_name="印章")
    giver = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name="移交人")
    taker = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name="接收人")
    reason = models.CharField("原因", max_length=200)
    handed_at = models.DateTimeField("移交时间")
    handed_by = models.ForeignKey(
        PERSON, models.PROTECT, related_name="+", verbose_name="监交人", db_index=False
    )

    class Meta:
        verbose_name = verbose_name_plural = "印章移交"


class SealLoan(models.Model):
    """The seal left its keeper for a purpose (印章外借), on an approval, and came back: out, due, back, seen by whom."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="loans", verbose_name="印章", db_index=False)
    number = models.CharField("外借编号", max_length=40, unique=True)
    borrower = models.ForeignKey(
        PERSON, models.PROTECT, related_name="+", verbose_name="借用人", db_index=False
    )
    companion = models.CharField("同行监督人", max_length=60, blank=True)
    place = models.CharField("使用地点", max_length=100)
    purpose = models.CharField("事由", max_length=200)
    approval_number = models.CharField("批准编号", max_length=60)
    lent_at = models.DateTimeField("借出时间")
    lent_by = models.ForeignKey(
        PERSON, models.PROTECT, related_name="+", verbose_name="经手人", db_index=False
    )
    due_at = models.DateTimeField("应归还时间")
    returned_at = models.DateTimeField("归还时间", null=True, blank=True)
    returned_to = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="收回人"
    )
    returned_note = models.CharField("归还说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "印章外借"
        constraints = [
            models.UniqueConstraint(fields=["seal"], condition=Q(returned_at=None), name="seal_out_once"),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_to=None)
                | Q(returned_at__isnull=False, returned_to__isnull=False),
                name="seal_returned_at_and_to",
            ),
        ]
        indexes = [models.Index(fields=["seal", "-lent_at", "-id"], name="seal_loan_recent")]

    def __str__(self) -> str:
        return self.number


class SealUse(models.Model):
    """A line of the seal register 用印登记: on what, how many copies, by whom, on whose approval. Never changed."""

    seal = models.ForeignKey(
        Seal, models.PROTECT, related_name="register", verbose_name="印章", db_index=False
    )
    number = models.CharField("用印编号", max_length=40, unique=True)
    case = models.ForeignKey(
        "kernel.Case", models.PROTECT, null=True, blank=True, related_name="seal_uses", verbose_name="事项"
    )
    paper = models.ForeignKey(
        Paper, models.PROTECT, null=True, blank=True, related_name="seal_uses", verbose_name="单据"
    )
    title = models.CharField("用印文件", max_length=200)
    copies = models.PositiveSmallIntegerField("份数")
    across_pages = models.BooleanField("骑缝章", default=False)
    approval = models.CharField("批准依据", max_length=200)
    approval_number = models.CharField("批准编号", max_length=60)
    away = models.CharField("外借中使用", max_length=40, blank=True)
    reason = models.CharField("事由", max_length=200)
    used_at = models.DateTimeField("用印时间")
    used_by = models.ForeignKey(PERSON, models.PROTECT, related_name="seal_uses", verbose_name="用印人")

    class Meta:
        verbose_name = verbose_name_plural = "用印登记"
        constraints = [models.CheckConstraint(condition=Q(copies__gte=1), name="seal_use_copies")]
        indexes = [models.Index(fields=["seal", "-used_at", "-id"], name="seal_use_recent")]

    def __str__(self) -> str:
        return self.number
