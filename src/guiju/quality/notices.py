"""The templates of this app: the survey after a service, and what customers hear of their complaints (E-4.3-a)."""

from __future__ import annotations

from guiju.notify import ways
from guiju.notify.progress import follow
from guiju.notify.templates import template

template(
    "survey.ask",
    "服务评价邀请",
    channels=(ways.SMS, ways.TELEPHONE),
    text="您好，您{what}已办结。请您用一分钟评价我们的服务：{link}，{days} 天内有效，评价多少都不影响您的权益。",
)
template(
    "complaint.progress",
    "投诉进展",
    channels=(ways.SMS, ways.EMAIL),
    text="{name}您好，您反映的「{title}」（编号 {number}）有新进展：{when} {news}。有疑问请随时联系我们。",
    purpose="progress",
)
template(
    "contractor.dispatch",
    "责任单位派工",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{contractor}：您有一件维修任务（编号 {number}），请打开 {link} 查看并答复，需要短信验证码。",
)

follow(
    "complaint",
    "complaint.progress",
    {
        "record": "已经受理，我们会尽快与您联系",
        "plan": "已拟定处理方案",
        "hand_over": "已转质检部门判定",
        "opine": "质检部门已提出处理意见",
        "delegate": "已委派技术人员",
        "arrive": "技术人员已到现场",
        "decide": "已作出处理决定，开始处理",
        "execute": "已经处理完，请您查看",
        "confirm": "已记下您的确认",
        "rework": "已安排返工",
        "close": "已经办结，感谢您的监督",
        "leave": "已经结束办理，您的意见我们已记下",
        "reopen": "已重新处理",
    },
)
