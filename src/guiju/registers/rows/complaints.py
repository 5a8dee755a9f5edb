"""Complaints of the past, row by row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from guiju.registers import rooms, values
from guiju.registers.rooms import Place
from guiju.registers.rows.days import Days
from guiju.registers.rows.facts import ComplaintRow, Entry
from guiju.registers.rows.reader import Page, RowReader, Style, entry_of, places_of
from guiju.registers.values import Unreadable, says_nothing, shown, squeezed, text_of
from guiju.registers.workbook import Cell

_OPEN = (
    "未",
    "处理中",
    "跟进",
    "待",
    "不认可",
    "不同意",
    "不满意",
    "不接受",
    "进行",
    "正在",
    "协商",
    "升级",
    "搁置",
    "无法",
    "诉讼",
    "否",
    "没有",
    "办理中",
    "整改中",
    "处置中",
    "中",
)
_CLOSED = (
    "已",
    "解决",
    "完成",
    "办结",
    "完毕",
    "结案",
    "关闭",
    "闭环",
    "是",
    "认可",
    "同意",
    "满意",
    "妥善",
    "恢复",
    "正常",
    "销案",
    "撤诉",
    "和解",
    "完",
)


def is_open(result: str, closed: date | None) -> tuple[bool, str | None]:
    """Return whether a result leaves a complaint open, and a remark where its words do not say."""
    text = squeezed(result)
    if not text or says_nothing(result):
        return (closed is None, None if closed is None else "处理结果为空，有办结日期，按已办结导入")
    if any(word in text for word in _OPEN[:-1]) or text.endswith("中"):
        return True, None
    if any(word in text for word in _CLOSED):
        return False, None
    return (
        closed is None,
        f"处理结果「{shown(result)}」看不出是否办结，按{'未办结' if closed is None else '已办结'}导入",
    )


def _is_quality(text: str) -> bool | None:
    flat = squeezed(text)
    if not flat:
        return None
    if flat in ("否", "非") or flat.startswith(("非质量", "不是", "服务", "销售", "物业", "非工程")):
        return False
    return flat == "是" or "质量" in flat or "工程" in flat


def read_complaints(pages: Sequence[Page], days: Days) -> Iterator[Entry]:
    """Read complaints of the past. Contradictions between result and dates are notices, not refusals."""
    for page in pages:
        carried: dict[str, Cell] = {}
        style = Style.of(page)
        for row in page.data.rows:
            reader = RowReader(page, row)
            room = reader.label("room")
            places: list[Place] = []
            if not says_nothing(room) and (
                rooms.looks_like_room(room) or not says_nothing(reader.label("building"))
            ):
                places = places_of(reader, carried, style)
            received = days.read(reader, "received")
            reader.demand("received", received)
            content = reader.text("content", 4000)
            reader.demand("content", content or None)
            phones: list[str] = []
            try:
                phones = values.read_phones(reader.cell("phones"))
            except Unreadable as error:
                reader.notices.append(f"{reader.columns.name('phones')}{error}，未导入电话")
            closed = days.read(reader, "closed", strict=False)
            result = reader.text("result", 60)
            open_, remark = is_open(result, closed)
            if remark:
                reader.notices.append(remark)
            reader.notices += contradictions(received, closed, open_=open_, result=result)
            facts = None
            if received is not None and content:
                facts = ComplaintRow(
                    received=received,
                    channel=reader.text("channel", 20),
                    complainant=reader.text("complainant", 100),
                    phones=tuple(phones),
                    content=content,
                    quality=_is_quality(reader.text("nature", 20)),
                    department=reader.text("department", 60),
                    opinion=reader.text("opinion", 400),
                    result=result,
                    open=open_,
                    closed=closed,
                    satisfaction=reader.text("satisfaction", 20),
                    place_as_read=text_of(room)[:60],
                )
            yield entry_of(page, row, reader, facts, places)


def contradictions(received: date | None, closed: date | None, *, open_: bool, result: str) -> list[str]:
    """Return in Chinese where the result and the dates of a complaint contradict each other."""
    found = []
    if open_ and closed is not None:
        found.append(f"处理结果「{result or '空'}」，却有办结日期 {closed}")
    if not open_ and closed is None and result:
        found.append(f"处理结果「{result}」，却没有办结日期")
    if received and closed and closed < received:
        found.append(f"办结日期 {closed} 早于投诉日期 {received}")
    return found
