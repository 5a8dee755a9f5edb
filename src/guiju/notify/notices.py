"""The templates of this app itself: the code for links, and alarms to colleagues."""

from __future__ import annotations

from guiju.notify import ways
from guiju.notify.templates import template

template(
    "portal.code",
    "链接验证码",
    channels=(ways.SMS,),
    text="验证码 {code}，{minutes} 分钟内有效。请勿告诉他人，工作人员不会向您索要。",
    urgent=True,
    secret=True,
)
_STAFF = (ways.WECOM, ways.DINGTALK, ways.FEISHU, ways.INSIDE)
template(
    "clock.remind",
    "时限提醒",
    channels=_STAFF,
    text="{number}「{title}」：{clock}将于 {due} 到期，请及时办理。",
)
template(
    "clock.due",
    "超期提醒",
    channels=_STAFF,
    text="{number}「{title}」：{clock}已于 {due} 超期，请立即办理并说明原因。",
    urgent=True,
)
template(
    "clock.escalate",
    "超期督办",
    channels=_STAFF,
    text="督办 {number}「{title}」：{clock}于 {due} 超期，至今未办结。请过问并督促办理。",
    urgent=True,
)
template(
    "inform",
    "告知进展",
    channels=(ways.SMS, ways.TELEPHONE, ways.LETTER),
    text="尊敬的{name}：您反映的「{title}」（编号 {number}）{words}如有疑问请与我们联系，感谢您的配合。",
    purpose="progress",
    check=True,
)
template(
    "opinion",
    "征求意见",
    channels=(ways.SMS, ways.EMAIL, ways.LETTER, ways.TELEPHONE),
    text="尊敬的{name}：关于「{title}」（编号 {number}），想听取您的意见：{words}请点开链接回复：{link}",
    subject="征求您的意见",
    purpose="opinion",
    fields=("link",),
)
template(
    "escalated.feedback",
    "升级事项反馈",
    channels=(ways.SMS, ways.TELEPHONE),
    text="尊敬的{name}：您反映的「{title}」（编号 {number}）已上报处理。{words}我们会继续跟进并及时告知您。",
    purpose="progress",
)
template(
    "feedback.overdue",
    "欠客户反馈",
    channels=_STAFF,
    text="{number}「{title}」已升级，至今没有向客户反馈进展，请今天内反馈。",
    urgent=True,
)
