"""What reached customers lately in the demonstration: calls, letters on their way and back, what waits, what failed."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from guiju.customers.models import Customer
from guiju.estate.models import Project
from guiju.kernel.models import Case
from guiju.kernel.numbering import ZONE
from guiju.notify import outbox, sending, ways
from guiju.notify.models import Letter, Message
from guiju.notify.operations import letters, register
from guiju.notify.operations.wordings import check_message
from guiju.notify.outbox import Recipient
from guiju.org.models import Person
from guiju.papers.typesetting import UnableToPrint
from guiju.quality.models import Complaint

HOUR = timedelta(hours=1)
FOLLOWED = (
    (1, "已安排专人查明原因，周三上午给您答复。", "good"),
    (2, "现场已看过，处理办法和时间写在这封信里。", "letter"),
    (5, "处理结果写在这封信里，请您留存。", "returned"),
    (4, "您说的情况正在核对，三个工作日内答复您。", "waiting"),
)


def build(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Send what was due by day, and show each thing that can become of a message."""
    daytime = _daytime(at)
    sending.deliver_due(daytime, limit=2000)
    _told_then(staff, at)
    cases = {
        row.pk: row
        for row in Complaint.objects.select_related("case", "customer").filter(project=project).order_by("pk")
    }
    open_ = [row for row in cases.values() if row.case.closed_at is None and row.phone]
    for place, (number, words, course) in enumerate(FOLLOWED):
        if open_:
            _inform(open_[number % len(open_)], words, course, staff, at - (30 - place) * HOUR)
    _by_telephone(open_, staff, at)
    _failed(project, staff, at)
    _waits(project, staff, at)


def _told_then(staff: dict[str, Person], at: datetime) -> None:
    """Results of repairs that nobody could send by SMS were told by telephone at the time."""
    then = Message.objects.filter(
        state=Message.State.BY_HAND, way=ways.TELEPHONE, made_at__lt=at - timedelta(days=3)
    )
    for message in then.order_by("pk"):
        register.finish(
            message,
            outcome=register.REACHED,
            by=staff["ma"],
            at=_daytime(message.made_at + 2 * HOUR),
            answer="知道了，谢谢",
        )


def _daytime(at: datetime) -> datetime:
    """The last moment that is no quiet hour."""
    local = at.astimezone(ZONE)
    if time(8) <= local.time() < time(21):
        return at
    day = local.date() if local.time() >= time(21) else local.date() - timedelta(days=1)
    return datetime.combine(day, time(20), ZONE)


def _to(row: Complaint) -> Recipient:
    if row.customer is not None:
        return Recipient(outbox.CUSTOMER, row.customer.pk, row.customer.name, str(row.customer.phone))
    return Recipient(outbox.ADDRESS, None, row.complainant, row.phone)


def _inform(row: Complaint, words: str, course: str, staff: dict[str, Person], at: datetime) -> None:
    """Tell a customer where the complaint stands; the second person checks the words before they go out."""
    day = _daytime(at)
    message = outbox.send(
        template="inform", to=_to(row), case=row.case, at=day, by=staff["ma"].pk, channels=(ways.LETTER,),
        values={"name": row.complainant or "业主", "title": row.case.title, "number": row.case.number, "words": words},
    )  # fmt: skip
    if course == "waiting":
        return
    check_message(message=message, accept=True, by=staff["tang"], at=day + timedelta(minutes=5))
    sending.deliver_due(day + timedelta(minutes=10), limit=2000)
    letter = Letter.objects.filter(message=message).first()
    if letter is None:
        return
    printed = day + timedelta(minutes=15)
    try:
        letter = letters.print_letter(letter=letter, by=staff["ma"], at=printed)
    except UnableToPrint:
        # A machine that cannot typeset has a letter that waits to be printed.
        return
    if course == "letter":
        return
    tracking = f"11900000000{message.pk % 100:02d}"
    letters.post_letter(letter=letter, carrier="中国邮政 EMS", tracking=tracking, by=staff["ma"], at=printed)
    if course == "good":
        letters.deliver_letter(
            letter=letter, received_by=row.complainant or "本人", delivered_at=day + 20 * HOUR, by=staff["ma"],
            at=day + 21 * HOUR,
        )  # fmt: skip
    else:
        letters.return_letter(
            letter=letter, reason="地址无人收件，三次投递未成", by=staff["ma"], at=day + 24 * HOUR
        )


def _by_telephone(rows: list[Complaint], staff: dict[str, Person], at: datetime) -> None:
    """One call that was made and written down, one that nobody answered, one that waits for somebody."""
    day = _daytime(at - 5 * HOUR)
    for row in rows[:1]:
        register.record(
            channel=ways.TELEPHONE, to=_to(row), words="告知漏点已找到，明天上午做防水，请留人开门。", by=staff["wu"],
            at=day, case=row.case, purpose="progress", answer="可以，上午九点以后都在家",
        )  # fmt: skip
    tried: list[Message] = []
    for row in rows[1:3]:
        tried.append(
            outbox.send(
                template="escalated.feedback", to=_to(row), case=row.case, at=day, channels=(ways.TELEPHONE,),
                values={
                    "name": row.complainant or "业主", "title": row.case.title, "number": row.case.number,
                    "words": "客服经理已过问，今天下班前给您办法。",
                },
            )
        )  # fmt: skip
    sending.deliver_due(day + timedelta(minutes=1), limit=2000)
    for message in tried[:1]:
        message.refresh_from_db()
        if message.state == Message.State.BY_HAND:
            register.finish(
                message,
                outcome=register.NOT_REACHED,
                by=staff["ma"],
                at=day + HOUR,
                words="响了两次没人接",
            )


def _failed(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Somebody without a telephone number: no way is open, and the page says why."""
    case = (
        Case.objects.filter(process="after_sales", scope_id=project.pk, closed_at=None).order_by("pk").first()
    )
    if case is None:
        return
    day = _daytime(at - 3 * HOUR)
    outbox.send(
        template="escalated.feedback", to=Recipient(outbox.ADDRESS, None, "前台留言的访客"), case=case, at=day,
        by=staff["ma"].pk, channels=(ways.SMS, ways.EMAIL),
        values={"name": "业主", "title": case.title, "number": case.number, "words": "请回电告知方便上门的时间。"},
    )  # fmt: skip
    sending.deliver_due(day + timedelta(minutes=1), limit=2000)


def _waits(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """What is written for the morning waits in the outbox until the quiet hours are over."""
    customer = Customer.objects.filter(company_id=project.company_id, merged_into=None).order_by("pk").first()
    case = (
        Case.objects.filter(process="complaint", scope_id=project.pk, closed_at=None).order_by("-pk").first()
    )
    if customer is None or case is None:
        return
    morning = datetime.combine(at.astimezone(ZONE).date() + timedelta(days=1), time(8), ZONE)
    outbox.send(
        template="escalated.feedback", to=Recipient(outbox.CUSTOMER, customer.pk, customer.name, str(customer.phone)),
        case=case, at=at, by=staff["wu"].pk, not_before=morning,
        values={"name": customer.name, "title": case.title, "number": case.number, "words": "明天上午给您书面答复。"},
    )  # fmt: skip
