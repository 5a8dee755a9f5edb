from datetime import UTC, datetime

import pytest

from guiju.org.models import Company, Group, Person
from guiju.registers.operations import apply, preview
from tests.registers.builders import Page, excel
from tests.stories.conftest import house as house

AT = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
UNITS_HEADER = ["楼栋", "单元", "楼层", "房号", "户型", "建筑面积", "套内面积", "单价", "总价", "备注"]


@pytest.fixture
def company(db) -> Company:
    group = Group.objects.create(name="示范集团")
    return Company.objects.create(group=group, name="示范置业有限公司", kind="parent")


@pytest.fixture
def lin(company) -> Person:
    return Person.objects.create(username="lin", name="林晓", company=company, joined_at=AT)


@pytest.fixture
def bring(company, lin):
    """Import a file into project CY1, or only preview it."""

    def act(kind, content, *, file_name="台账.xlsx", project="CY1", dry_run=False, at=AT, **more):
        given = {
            "kind": kind,
            "content": content,
            "file_name": file_name,
            "project_code": project,
            "company": company,
        }
        if dry_run:
            return preview(**given, **more)
        return apply(**given, by=lin, at=at, **more).preview

    return act


@pytest.fixture
def estate(bring):
    """Project CY1 with buildings 1 and 2, two entrances of six floors with two homes each; 10,000 yuan per ㎡."""
    rows = [UNITS_HEADER]
    for building in (1, 2):
        for entrance in (1, 2):
            for floor in range(1, 7):
                for number in (1, 2):
                    rows.append([
                        f"{building}号楼", f"{entrance}单元", floor, f"{floor}0{number}", "A", 100, 80, 10000, 1000000, None,
                    ])  # fmt: skip
    return bring("units", excel(Page("澄园", rows)), file_name="澄园 一房一价.xlsx")
