"""What stands above a table: the project's name, the presale permit."""

from __future__ import annotations

import re
from collections.abc import Sequence

from guiju.registers.rows.reader import Page
from guiju.registers.values import plain, squeezed
from guiju.registers.workbook import Cell

_TABLE_WORDS = re.compile(
    r"(商品房|一房一价|一价一房|房屋|房源|住宅|价格|价目|价表|销售|销控|公示|明细|清单|汇总|实测|预测|面积|成果|客户|业主|投诉|登记|台账|统计|台帐|信息|备案|[\d年月]+版)"
)
_BUILDING_WORDS = re.compile(r"[\dA-Za-z一二三四五六七八九十、,~-]{1,12}(号楼|#楼?|幢|栋|座)")
_PERMIT = re.compile(
    r"(?:预售|销售|现售)?许可证(?:编?号|号码)?[:：]?\s*(?P<number>\S*[第字]\S*?号|[^\s:：,，。;；]{6,40})"
)


def project_name(pages: Sequence[Page], file_name: str) -> str | None:
    """Return the project's name as the titles say it (云栖里一期 1号楼 … 公示表 → 云栖里一期), else as the file's name does."""
    for page in pages:
        above = page.sheet.rows[: page.mapping.first - 1]
        for row in above:
            cells = [cell for cell in row.cells if cell is not None]
            for position, cell in enumerate(cells):
                match = re.match(r"^(?:项目|楼盘|小区)(?:名称)?[:：]\s*(.*)$", plain(cell))
                if match:
                    following: Cell = cells[position + 1] if position + 1 < len(cells) else None
                    name = match.group(1).split(" ")[0] or plain(following)
                    if name:
                        return name[:60]
        for row in above:
            for written in row.cells:
                name = _name_in(plain(written)) if isinstance(written, str) else None
                if name:
                    return name
    stem = re.sub(r"\.\w{2,5}$", "", file_name.replace("\\", "/").rsplit("/", 1)[-1])
    names = (_name_in(piece, alone=True) for piece in re.split(r"[_\s()（）【】\[\]—-]+", stem))
    return next((name for name in names if name), None)


def _name_in(text: str, *, alone: bool = False) -> str | None:
    """Return what stands before the words that name the table, if that can be a project's name."""
    words = _TABLE_WORDS.search(text)
    if not alone and (words is None or re.search(r"许可证|单位[:：]|日期|电话", text)):
        return None
    head = text[: words.start()] if words else text
    head = _BUILDING_WORDS.split(head)[0]
    head = re.sub(r"[《》“”\"'【】\[\]()（）]", "", head).strip(" -_·:：,，")
    head = re.sub(r"^(附件|附表)\d*", "", head).strip(" -_·:：")
    if not 2 <= len(head) <= 30 or not re.search(r"[\u4e00-\u9fff]", head) or head.isdigit():
        return None
    return re.sub(r"\s+", "", head)


def permit_number(page: Page) -> str | None:
    """Return the number of the presale permit that stands above the table, or None."""
    for row in page.sheet.rows[: page.mapping.first - 1]:
        cells = [plain(cell) for cell in row.cells if cell is not None]
        for position, text in enumerate(cells):
            if "许可证" not in text:
                continue
            match = _PERMIT.search(text)
            if match:
                return match.group("number")[:80]
            following = cells[position + 1] if position + 1 < len(cells) else ""
            if "号" in following and re.search(r"\d", following):
                return squeezed(following)[:80]
    return None
