"""The templates of this app: the survey after a service."""

from __future__ import annotations

from guiju.notify import ways
from guiju.notify.templates import template

template(
    "survey.ask",
    "服务评价邀请",
    channels=(ways.SMS, ways.TELEPHONE),
    text="您好，您{what}已办结。请您用一分钟评价我们的服务：{link}，{days} 天内有效，评价多少都不影响您的权益。",
)
