"""Messages and how they were sent, templates and their filing, channels, letters, links."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from guiju.kernel.crypto import EncryptedJSONField, EncryptedTextField

PERSON = settings.AUTH_USER_MODEL


class Channel(models.Model):
    """A channel of a company: how it is called, in which way it is sent, and the gateway behind it (J-2.7-c).

    ``config`` holds the gateway's address and keys. Ways sent by people (letter, fax, telephone, by hand) have none.
    """

    company = models.ForeignKey(
        "org.Company", models.PROTECT, related_name="+", verbose_name="公司", db_index=False
    )
    code = models.SlugField("代码", max_length=20)
    name = models.CharField("名称", max_length=30)
    way = models.CharField("方式", max_length=12)
    on = models.BooleanField("启用", default=True)
    config = EncryptedJSONField("接口设置")
    changed_at = models.DateTimeField("修改时间")
    changed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name="修改人")

    class Meta:
        verbose_name = verbose_name_plural = "通知渠道"
        constraints = [models.UniqueConstraint(fields=["company", "code"], name="channel_code_once")]

    def __str__(self) -> str:
        return self.name


class Manner(models.Model):
    """How a company sends: quiet hours and the hours for marketing, one row a company."""

    company = models.OneToOneField("org.Company", models.PROTECT, related_name="+", verbose_name="公司")
    quiet_starts = models.TimeField("免打扰开始")
    quiet_ends = models.TimeField("免打扰结束")
    changed_at = models.DateTimeField("修改时间")
    changed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name="修改人")

    class Meta:
        verbose_name = verbose_name_plural = "发送规则"


class Wording(models.Model):
    """A version of a template's words in a company; in force once a second person approved it (F-3.3-c)."""

    company = models.ForeignKey(
        "org.Company", models.PROTECT, related_name="+", verbose_name="公司", db_index=False
    )
    template = models.CharField("模板", max_length=60)
    version = models.PositiveSmallIntegerField("版次")
    subject = models.CharField("标题", max_length=100, blank=True)
    text = models.TextField("正文")
    channels = models.JSONField("渠道次序", default=list)
    written_at = models.DateTimeField("拟稿时间")
    written_by = models.ForeignKey(
        PERSON, models.PROTECT, related_name="+", verbose_name="拟稿人", db_index=False
    )
    approved_at = models.DateTimeField("审核时间", null=True, blank=True)
    approved_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审核人"
    )
    refused_at = models.DateTimeField("退回时间", null=True, blank=True)
    refused_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="退回人"
    )
    refused_reason = models.CharField("退回原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知用语"
        constraints = [
            models.UniqueConstraint(fields=["company", "template", "version"], name="wording_version_once"),
            models.CheckConstraint(
                condition=Q(approved_at=None, approved_by=None)
                | Q(approved_at__isnull=False, approved_by__isnull=False),
                name="wording_approved_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("written_by")),
                name="wording_approved_by_another",
            ),
            models.CheckConstraint(
                condition=Q(refused_at=None, refused_by=None, refused_reason="")
                | Q(refused_at__isnull=False, refused_by__isnull=False) & ~Q(refused_reason=""),
                name="wording_refused_at_and_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.template} {self.version}"


class SmsFiling(models.Model):
    """What the SMS operator was told of: a signature (``template`` empty) or a template in one version (报备)."""

    class State(models.TextChoices):
        ASKED = "asked", "报备中"
        FILED = "filed", "已报备"
        REFUSED = "refused", "未通过"

    company = models.ForeignKey(
        "org.Company", models.PROTECT, related_name="+", verbose_name="公司", db_index=False
    )
    kind = models.CharField("类别", max_length=10)
    template = models.CharField("模板", max_length=60, blank=True)
    version = models.PositiveSmallIntegerField("版次", default=0)
    text = models.CharField("签名或报备文本", max_length=500)
    number = models.CharField("运营商编号", max_length=60, blank=True)
    state = models.CharField("状态", max_length=10, choices=State, default=State.ASKED)
    note = models.CharField("说明", max_length=200, blank=True)
    changed_at = models.DateTimeField("登记时间")
    changed_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+", verbose_name="登记人")

    class Meta:
        verbose_name = verbose_name_plural = "短信报备"
        constraints = [
            models.UniqueConstraint(
                fields=["company", "kind", "template", "version"], name="sms_filing_once"
            ),
            models.CheckConstraint(condition=~Q(state="filed") | ~Q(number=""), name="sms_filed_with_number"),
        ]

    def __str__(self) -> str:
        return self.text


class Reach(models.Model):
    """Where a colleague is reached on a channel: mobile, mailbox, the key in 企业微信, 钉钉 or 飞书; lowest order first."""

    person = models.ForeignKey(
        PERSON, models.CASCADE, related_name="reaches", verbose_name="人员", db_index=False
    )
    way = models.CharField("方式", max_length=12)
    address = EncryptedTextField("地址")
    order = models.PositiveSmallIntegerField("次序", default=1)

    class Meta:
        verbose_name = verbose_name_plural = "员工联系方式"
        constraints = [models.UniqueConstraint(fields=["person", "way"], name="reach_once")]


class Message(models.Model):
    """One communication with one person: to be sent, sent, or done by hand and recorded (J-2.7, E-2.5-a, E-4.3-a).

    ``key`` makes it once-only. ``next_at`` is when the worker looks at it again. What was read when it was written
    (name, phone, mail) is kept, so that the record says where it went.
    """

    class State(models.TextChoices):
        OWED = "owed", "待反馈"
        WAITING = "waiting", "待发送"
        CHECKING = "checking", "待复核"
        SENDING = "sending", "发送中"
        SENT = "sent", "已发出"
        DELIVERED = "delivered", "已送达"
        READ = "read", "已读"
        BY_HAND = "by_hand", "待办理"
        DONE = "done", "已办理"
        UNCONNECTED = "unconnected", "渠道未接通"
        REFUSED = "refused", "不予发送"
        UNSURE = "unsure", "去向不明"
        DEAD = "dead", "发送失败"
        STOPPED = "stopped", "已撤回"

    key = models.CharField("唯一码", max_length=120, unique=True)
    uuid = models.UUIDField("流水号", unique=True)
    company = models.ForeignKey(
        "org.Company", models.PROTECT, related_name="+", verbose_name="公司", db_index=False
    )
    scope_id = models.BigIntegerField("项目", null=True, blank=True)
    case = models.ForeignKey(
        "kernel.Case",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="messages",
        verbose_name="事项",
        db_index=False,
    )
    template = models.CharField("模板", max_length=60, blank=True)
    version = models.PositiveSmallIntegerField("版次", default=0)
    kind = models.CharField("类别", max_length=10, default="notice")
    purpose = models.CharField("目的", max_length=12, default="notice")
    urgent = models.BooleanField("紧急", default=False)
    secret = models.BooleanField("正文保密", default=False)
    to_kind = models.CharField("对象", max_length=10)
    to_id = models.BigIntegerField("对象编号", null=True, blank=True)
    name = EncryptedTextField("姓名")
    phone = EncryptedTextField("电话")
    email = EncryptedTextField("邮箱")
    address = EncryptedTextField("地址")
    subject = EncryptedTextField("标题")
    body = EncryptedTextField("正文")
    values = EncryptedJSONField("内容")
    ways = models.JSONField("渠道次序", default=list)
    way = models.CharField("渠道", max_length=20, blank=True)
    state = models.CharField("状态", max_length=12, choices=State, default=State.WAITING)
    why = models.CharField("说明", max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    next_at = models.DateTimeField("下次处理", null=True, blank=True)
    made_at = models.DateTimeField("登记时间")
    made_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    checked_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    due_at = models.DateTimeField("最迟发出", null=True, blank=True)
    reminded_at = models.DateTimeField("已提醒", null=True, blank=True)
    sent_at = models.DateTimeField("发出时间", null=True, blank=True)
    arrived_at = models.DateTimeField("送达时间", null=True, blank=True)
    gateway_key = models.CharField("网关流水", max_length=120, blank=True)
    post = models.CharField("办理岗位", max_length=40, blank=True)
    done_at = models.DateTimeField("办理时间", null=True, blank=True)
    done_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="办理人"
    )
    answer = EncryptedTextField("对方意见")
    answered_at = models.DateTimeField("回复时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_at=None, checked_by=None)
                | Q(checked_at__isnull=False, checked_by__isnull=False),
                name="message_checked_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(checked_by=None) | ~Q(checked_by=models.F("made_by")) | Q(made_by=None),
                name="message_checked_by_another",
            ),
            models.CheckConstraint(
                condition=Q(done_at=None, done_by=None) | Q(done_at__isnull=False, done_by__isnull=False),
                name="message_done_at_and_by",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_at", "id"],
                name="message_due",
                condition=Q(state__in=["waiting", "sending"]),
            ),
            models.Index(
                fields=["due_at", "id"],
                name="message_owed",
                condition=Q(state="owed", reminded_at=None),
            ),
            models.Index(fields=["company", "-id"], name="message_company"),
            models.Index(fields=["company", "state", "-id"], name="message_state"),
            models.Index(fields=["scope_id", "state", "-id"], name="message_scope"),
            models.Index(fields=["to_kind", "to_id", "-id"], name="message_to"),
            models.Index(fields=["case", "id"], name="message_case"),
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()} {self.template}"


class Attempt(models.Model):
    """One try to send a message, and what the gateway said."""

    message = models.ForeignKey(
        Message, models.PROTECT, related_name="tries", verbose_name="通知", db_index=False
    )
    way = models.CharField("渠道", max_length=20)
    outcome = models.CharField("结果", max_length=12)
    said = models.CharField("网关答复", max_length=500, blank=True)
    tried_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "发送记录"
        indexes = [models.Index(fields=["message", "id"], name="attempt_of")]


class Letter(models.Model):
    """A letter by post: its number, its print, when it was posted and with which tracking number, how it ended (J-2.7-a)."""

    message = models.OneToOneField(Message, models.PROTECT, related_name="letter", verbose_name="通知")
    number = models.CharField("发文编号", max_length=60, unique=True)
    paper = models.ForeignKey(
        "papers.Paper", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="打印件"
    )
    printed_at = models.DateTimeField("打印时间", null=True, blank=True)
    printed_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="打印人"
    )
    posted_at = models.DateTimeField("寄出时间", null=True, blank=True)
    posted_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="寄件人"
    )
    carrier = models.CharField("承运", max_length=40, blank=True)
    tracking = models.CharField("运单号", max_length=60, blank=True)
    delivered_at = models.DateTimeField("签收时间", null=True, blank=True)
    delivered_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    received_by_name = models.CharField("签收人", max_length=60, blank=True)
    proof = models.ForeignKey(
        "papers.Attachment", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收凭证"
    )
    returned_at = models.DateTimeField("退回时间", null=True, blank=True)
    returned_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="退回登记人"
    )
    returned_reason = models.CharField("退回原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发函"
        constraints = [
            models.CheckConstraint(
                condition=Q(printed_at=None, printed_by=None)
                | Q(printed_at__isnull=False, printed_by__isnull=False),
                name="letter_printed_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(posted_at=None, posted_by=None)
                | Q(posted_at__isnull=False, posted_by__isnull=False),
                name="letter_posted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None, delivered_by=None)
                | Q(delivered_at__isnull=False, delivered_by__isnull=False),
                name="letter_delivered_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(returned_at=None, returned_by=None)
                | Q(returned_at__isnull=False, returned_by__isnull=False),
                name="letter_returned_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(delivered_at=None) | Q(returned_at=None), name="letter_delivered_or_returned"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Link(models.Model):
    """A link that opens one page for one person without an account, for a time. Found by the digest of its token."""

    token = EncryptedTextField("令牌")
    token_index = models.CharField(max_length=64, unique=True)
    purpose = models.CharField("用途", max_length=40)
    company = models.ForeignKey("org.Company", models.PROTECT, related_name="+", verbose_name="公司")
    case = models.ForeignKey(
        "kernel.Case", models.PROTECT, related_name="door_links", verbose_name="事项", db_index=False
    )
    subject = EncryptedJSONField("内容")
    phone = EncryptedTextField("电话")
    made_at = models.DateTimeField("生成时间")
    made_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="生成人"
    )
    expires_at = models.DateTimeField("失效时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        PERSON, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="撤回人"
    )
    opened_at = models.DateTimeField("首次打开", null=True, blank=True)
    used_at = models.DateTimeField("办理时间", null=True, blank=True)
    code_digest = models.CharField("验证码摘要", max_length=64, blank=True)
    code_sent_at = models.DateTimeField("验证码时间", null=True, blank=True)
    codes = models.PositiveSmallIntegerField("已发验证码", default=0)
    tries = models.PositiveSmallIntegerField("已试次数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "对外链接"
        constraints = [
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="link_withdrawn_at_and_by",
            )
        ]
        indexes = [models.Index(fields=["case", "-id"], name="link_case")]

    @property
    def url_path(self) -> str:
        """The address under which it opens."""
        return f"/o/{self.token}/"
