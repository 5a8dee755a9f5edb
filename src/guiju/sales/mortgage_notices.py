"""What is said to buyers and colleagues about loans. Declared here, edited in the program."""

from __future__ import annotations

from guiju.notify import ways
from guiju.notify.templates import template

template(
    "mortgage.papers",
    "催交按揭资料",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您购买的{unit}办理{part}还缺：{papers}。请尽快交到签约中心，以免影响{bank}审批；已交的请忽略。",
)
template(
    "mortgage.interview",
    "面签通知",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您购买的{unit}已约定 {when} 在{place}和{bank}面签，请全体借款人带身份证原件到场。",
)
template(
    "mortgage.paid_out",
    "贷款到账通知",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，您购买的{unit}，{bank}{part} {amount} 元已于 {on} 到账，收据号 {receipt}。请从首个还款日起按期还款。",
)
template(
    "mortgage.repayment",
    "还款提醒",
    channels=(ways.SMS,),
    text="{name}您好，您购买的{unit}，{bank}贷款的本期还款日是 {due}，请提前在还款卡里备足款项。已还的请忽略。",
)
template(
    "mortgage.overdue",
    "还款逾期提醒",
    channels=(ways.SMS, ways.TELEPHONE),
    text="{name}您好，{bank}通知我们，您购买的{unit}，{due} 应还的贷款 {amount} 元还没有还。请尽快归还，有困难请和我们联系。",
)
template(
    "mortgage.list",
    "按揭资料不齐清单",
    channels=(ways.WECOM, ways.DINGTALK, ways.FEISHU, ways.INSIDE),
    text="{project} {week} 按揭资料不齐清单已抄报：{buyers} 户缺 {papers} 项，请在按揭页签收，并请置业顾问协助催交。",
)
