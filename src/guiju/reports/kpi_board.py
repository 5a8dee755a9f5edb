"""The figures of the board, in the order in which the page shows them, with formula, target and clause."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from guiju.quality.surveys import ITEMS, RECOMMEND
from guiju.reports import kpi_lines as lines
from guiju.reports.kpi import COUNT, DOWN, MEAN, RATIO, SHARE, UP, Kpi
from guiju.reports.kpi_sales import SALES

ALL, NONE = Decimal(100), Decimal(0)

KPIS: Final[tuple[Kpi, ...]] = (
    Kpi(
        "service_in_place", "客户服务到位率", SHARE, "%", "按时办到的服务时限 ÷ 这段时间到期或办结的服务时限", "I-S-q1",
        lines.limits(lines.SERVICE), UP, ALL, "按时", "超期",
    ),
    Kpi(
        "repair_in_time", "维修及时率", SHARE, "%", "每个时限都没有超的售后事项 ÷ 这段时间有时限到期或办结的售后事项", "I-S-q5",
        lines.timely_cases(("after_sales",), "visit"), UP, ALL, "及时", "超期",
    ),
    Kpi(
        "complaint_in_time", "投诉处理及时率", SHARE, "%", "每个时限都没有超的投诉 ÷ 这段时间有时限到期或办结的投诉", "I-S-q3",
        lines.timely_cases(("complaint",)), UP, ALL, "及时", "超期",
    ),
    Kpi(
        "second_complaints", "二次投诉率", SHARE, "%", "办结后 90 天内同一客户同一事由再投诉的 ÷ 这段时间办结的投诉", "I-S-q4",
        lines.second_complaints, DOWN, NONE, "再次投诉", "没有再投诉",
    ),
    Kpi(
        "satisfaction", "满意率", SHARE, "%", "评价 4 分和 5 分的事项 ÷ 有评价的事项，一个事项取最后一次评价", "C-2-2",
        lines.satisfied, UP, "target_satisfaction", "满意", "不满意",
    ),
    Kpi(
        "callback_rate", "回访率", SHARE, "%", "办结后三日内回访到的 ÷ 应回访的", "F-2.5-a", lines.called_back, UP, ALL,
        "按时回访到", "没有按时回访到",
    ),
    Kpi(
        "loyalty", "净推荐值", MEAN, "分", "打 9、10 分的占比减去打 0 至 6 分的占比", "F-1-f", lines.loyalty, UP, "target_loyalty",
        "回答了推荐意愿", places=0,
    ),
    Kpi(
        "service_complaints", "服务引起的投诉", COUNT, "件", "事由为服务态度、拖延或针对员工的投诉件数", "I-S-q2",
        lines.service_complaints, DOWN, NONE, "服务引起", "不是服务引起",
    ),
    Kpi(
        "complaint_rate", "投诉率", RATIO, "件/百户", "这段时间收到的投诉 ÷ 期末已售房屋 × 100", "I-S-q2",
        lines.complaints_received, DOWN, None, "收到的投诉", base=lines.homes_sold,
    ),
    Kpi(
        "complaint_response", "投诉首次答复用时", MEAN, "小时", "从投诉登记到第一次联系或答复客户的平均小时数，按登记日", "I-S-q3",
        lines.complaint_response, DOWN, "target_complaint_response", "已联系", "还没有联系",
    ),
    Kpi(
        "complaint_resolution", "投诉解决用时", MEAN, "小时", "从投诉登记到办结的平均小时数，按办结日", "I-S-q3",
        lines.complaint_resolution, DOWN, "target_complaint_resolution", "已办结",
    ),
    Kpi(
        "first_contact", "首次联系用时", MEAN, "小时", "从受理到第一次联系客户的平均小时数，按受理日", "C-1-c",
        lines.first_contact, DOWN, Decimal(24), "已联系", "还没有联系",
    ),
    Kpi(
        "resolution", "解决用时", MEAN, "小时", "从受理到办结的平均小时数，按办结日", "C-1-c", lines.resolution, DOWN, None, "已办结",
    ),
    Kpi(
        "diagnosis", "诊断用时", MEAN, "小时", "从受理到诊断的平均小时数，按办结日", "C-4.3-a", lines.diagnosis, DOWN, None,
        "有诊断", "没有诊断",
    ),
    Kpi(
        "diagnosis_changed", "改过诊断的占比", SHARE, "%", "诊断后来改过的事项 ÷ 有诊断的办结事项", "E-3.2-a",
        lines.diagnosis_changed, DOWN, None, "改过", "没有改过",
    ),
    Kpi(
        "reopened", "重新打开率", SHARE, "%", "办结前重新打开过的事项 ÷ 办结的售后事项", "C-1-c", lines.reopened, DOWN, NONE,
        "重新打开过", "没有",
    ),
    Kpi(
        "needs_met", "满足需求的占比", SHARE, "%", "客户需要得到满足的事项 ÷ 办结的售后事项", "C-2-1", lines.needs_met, UP, ALL,
        "得到满足", "没有满足或没有问到",
    ),
    Kpi(
        "with_result", "办结有评价或原因", SHARE, "%", "有客户评价或写明没有评价的原因的 ÷ 办结的售后和投诉", "E-1.2-b",
        lines.with_result, UP, ALL, "有评价或原因", "缺",
    ),
    Kpi(
        "contacts", "前台接待量", COUNT, "次", "来电、来访、来函等接待的次数，按到达时间", "A-0-c", lines.contacts, UP, None, "接待",
    ),
    Kpi(
        "handling", "前台处理用时", MEAN, "分钟", "从到达到答复、转办或办结的平均分钟数", "A-0-c", lines.handling, DOWN, None,
        "办完的接待", "还没有办完", places=0,
    ),
    Kpi(
        "desk_satisfaction", "前台接待满意率", SHARE, "%", "评价 4 分和 5 分的接待 ÷ 有评价的接待", "A-0-e", lines.desk_satisfied,
        UP, "target_satisfaction", "满意", "不满意",
    ),
    Kpi(
        "qualified", "上门人员持工种率", SHARE, "%", "派给有该工种登记的人的上门 ÷ 这段时间派出的上门", "K-2.3-a", lines.qualified,
        UP, ALL, "有登记", "没有登记",
    ),
    *SALES,
)  # fmt: skip

QUESTIONS: Final[tuple[Kpi, ...]] = tuple(
    Kpi(
        f"item_{item.code}", item.measures, MEAN, "分", f"客户对「{item.asks}」打分的平均", item.clauses[0],
        lines.item_points(item.code), UP, None, "回答了", clauses=item.clauses,
    )
    for item in ITEMS
    if item.code != RECOMMEND
)  # fmt: skip

BY_CODE: Final = {kpi.code: kpi for kpi in (*KPIS, *QUESTIONS)}
ON_TOP: Final = (
    "service_in_place",
    "repair_in_time",
    "complaint_in_time",
    "second_complaints",
    "satisfaction",
    "callback_rate",
)
OF_PEOPLE: Final = (
    "contacts", "handling", "first_contact", "diagnosis", "diagnosis_changed", "resolution", "satisfaction", "item_warmth",
    "item_attitude", "item_positive",
)  # fmt: skip
