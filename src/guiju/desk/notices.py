"""
What customers hear of after-sales cases and visits, in daily words (E-2.5-a, E-4.3-a, F-2.4-d); and what becomes of
their answers: each is a message to us, with a reply due (A-3.2-b).
"""

from __future__ import annotations

from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

from guiju.kernel import chain, engine
from guiju.kernel.models import Event
from guiju.kernel.reactions import reaction
from guiju.notify import replies, ways
from guiju.notify.models import Message
from guiju.notify.progress import follow
from guiju.notify.templates import template

template(
    "after_sales.progress",
    "报修进展",
    channels=(ways.SMS, ways.EMAIL),
    text="{name}您好，您报修的「{title}」（编号 {number}）有新进展：{when} {news}。有疑问请随时联系我们。",
    purpose="progress",
)
template(
    "after_sales.result",
    "维修结果",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您报修的「{title}」（编号 {number}）{when} {news}。请您查看，如有不满意的地方请告诉我们。",
    purpose="progress",
)
template(
    "visit.news",
    "上门安排",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，{title}（编号 {number}）：{news}。如需改时间请提前告诉我们。",
    purpose="progress",
)

follow(
    "after_sales",
    "after_sales.progress",
    {
        "record": "已经收到，我们会尽快与您联系",
        "contact": "已与您联系",
        "diagnose_on_site": "需要师傅上门查看",
        "diagnose_remote": "已查明情况，不用上门",
        "propose": "已提出处理方案，请您确认",
        "consent": "已按您同意的方案安排",
        "refuse": "已记下您的意见，我们重新商量方案",
        "arrange": "已安排处理",
        "visit_solution": "现场方案已经您同意，开始处理",
        "test": "正在检验",
        "fail_test": "检验还不合格，我们继续处理",
        "confirm": "已记下您的确认",
        "unsolved": "已记下问题还没有解决，我们重新处理",
        "close": "已经办结，感谢您的配合",
        "close_unsolved": "已经结束办理，您的意见我们已记下",
        "withdraw": "已按您的要求撤回",
        "reopen": "已重新打开，我们继续处理",
    },
)
follow(
    "after_sales",
    "after_sales.result",
    {"finish": "已经处理好", "visit_finished": "师傅已经修好"},
)
follow(
    "visit",
    "visit.news",
    {
        "agree": "上门时间已经约好",
        "move": "上门时间已经改好",
        "call_late": "师傅会晚到一些，非常抱歉",
        "leave_unfinished": "今天没有做完，我们会另约时间",
        "we_missed": "今天没能按时上门，非常抱歉，我们会另约时间",
        "cancel": "上门已经取消",
    },
)


@reaction("*", "notice:answer", name="desk.answer_received")
def take_answer(event: Event, at: datetime) -> None:
    """Take a customer's answer in like any message: a reception with its reply timer, linked to the case. Once."""
    content = chain.open_body(event.body)
    words = str(content.get("answer", ""))
    message = Message.objects.filter(pk=int(content.get("message") or 0)).first()
    if event.case is None or message is None or not words or words == replies.KNOWN:
        return
    customer = message.to_id if message.to_kind == "customer" else None
    engine.open_case(
        "reception",
        by=None,
        at=at,
        chain_id=event.chain_id,
        scope_id=event.case.scope_id,
        title=f"回复：{event.case.title}"[:200],
        links=[("case", event.case.pk)],
        key=uuid5(NAMESPACE_URL, f"answer:{event.pk}"),
        given={
            "channel": "online", "kind": "inquiry", "words": words, "caller": message.name, "phone": message.phone,
            "customer": customer, "arrived_at": event.happened_at.isoformat(),
            "happened_at": event.happened_at.isoformat(),
            "need": f"对通知「{message.subject}」的回复，请答复", "repeat_of": event.case.number,
        },
        follows=True,
    )  # fmt: skip
