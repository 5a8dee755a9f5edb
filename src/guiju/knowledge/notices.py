"""The templates of this app: an article for a customer, and word to colleagues of a customer's solution."""

from __future__ import annotations

from guiju.notify import ways
from guiju.notify.templates import template

template(
    "knowledge.article",
    "发给客户的资料",
    channels=(ways.SMS, ways.LETTER),
    text="您好，您要的资料「{title}」在这里：{link}，{days} 天内可以打开。",
)
template(
    "knowledge.shared",
    "客户提出的办法已发布",
    channels=(ways.WECOM, ways.DINGTALK, ways.FEISHU, ways.INSIDE),
    text="知识库新增一条客户提出的办法：{number}「{title}」。遇到同样的问题可以直接用。",
)
