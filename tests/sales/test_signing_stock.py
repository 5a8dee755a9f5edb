"""Model contracts with versions, contract sets with serial numbers, their register and daily reserve."""

from datetime import date, timedelta

import pytest

from guiju.kernel import worker
from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.notify.models import Message
from guiju.sales.models import ContractText, PreparedDocument, TextCount, TextEntry
from guiju.sales.operations import signing_stock as stock
from guiju.sales.signing_facts import preparation, template_in_force, texts_in_stock
from guiju.sales.signing_papers import issue_register
from tests.stories.conftest import WEDNESDAY, beijing, house  # noqa: F401 - the house of the stories
from tests.stories.signing_desk import SIGNING_DAY, Desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.mark.clause("I-5.3-2c")
def test_blank_sets_are_counted_daily_and_fewer_than_twenty_raise_an_alert(house):
    desk = Desk(house).stocked(sets=20)
    case = desk.booked()
    count = next(job for _, name, job in worker._jobs if name == "sales.signing.count")
    count(WEDNESDAY + DAY)
    counted = TextCount.objects.get()
    assert (counted.ready, counted.reserve, counted.short) == (20, 20, 0)
    assert not Message.objects.filter(template="signing.reserve").exists()

    desk.take(case, "collect_text", "lin", SIGNING_DAY - DAY, signature=house.scan)
    counted = stock.count_texts(project=house.project, at=SIGNING_DAY)

    assert (counted.ready, counted.issued, counted.short) == (19, 1, 1)
    assert stock.count_texts(project=house.project, at=SIGNING_DAY + timedelta(hours=5)) == counted
    assert TextCount.objects.count() == 2
    told = Message.objects.get(template="signing.reserve")
    assert (told.name, told.body) == (
        "邓宇",
        "云栖里一期待用合同文本 19 套，少于 20 套的日储备，请补 1 套。",
    )


@pytest.mark.clause("I-5.3-3a", "I-5.3-3b", "I-5.3-3c")
def test_the_register_keeps_every_set_from_stock_to_its_end(house):
    desk = Desk(house).stocked(sets=2)
    case = desk.booked()
    # Fetched on the day itself instead of the day before: taken down as late.
    desk.take(case, "collect_text", "lin", SIGNING_DAY, signature=house.scan)
    with desk.refused("已领取合同文本 HTW-0001", "I-5.3-3a"):
        desk.take(case, "collect_text", "lin", SIGNING_DAY, signature=house.scan)
    desk.take(case, "return_text", "lin", SIGNING_DAY, spoiled=True, reason="写错一处")
    with desk.refused("库存中没有现行范本的合同文本 HTW-0001"):
        desk.take(case, "collect_text", "lin", SIGNING_DAY, signature=house.scan, serial="HTW-0001")
    desk.take(case, "collect_text", "lin", SIGNING_DAY, signature=house.scan)
    with desk.refused("没有待用的合同文本|已领取"):
        desk.take(case, "collect_text", "lin", SIGNING_DAY, signature=house.scan)

    assert list(ContractText.objects.order_by("serial").values_list("serial", "state")) == [
        ("HTW-0001", "void"),
        ("HTW-0002", "issued"),
    ]
    entries = list(
        TextEntry.objects.select_related("text__template", "unit__building", "person").order_by("pk")
    )
    form = issue_register(house.project, date(2026, 11, 1), date(2026, 11, 30), entries)
    assert [(row[1], row[3], row[6], row[7], row[8]) for row in form.rows] == [
        ("HTW-0001", "入库", "吴敏", "", ""),
        ("HTW-0002", "入库", "吴敏", "", ""),
        ("HTW-0001", "领用", "林晓雯", "已签", "迟领"),
        ("HTW-0001", "作废", "林晓雯", "", "写错一处"),
        ("HTW-0002", "领用", "林晓雯", "已签", "迟领"),
    ]


@pytest.mark.clause("I-5.3-2a")
def test_a_model_contract_is_released_by_another_and_takes_the_place_of_the_one_before(house):
    desk = Desk(house).stocked(sets=1)
    old = desk.template
    with pytest.raises(stock.UnableToStock, match="编号 HTW-0001 已经入库"):
        stock.stock_texts(template=old, first="HTW-0001", sets=1, by=house.wu, at=WEDNESDAY)
    text = stock.TemplateText(name="商品房买卖合同（预售）", version="2026-2", valid_from=date(2026, 12, 1))
    new = stock.draw_template(project=house.project, text=text, by=house.deng, at=WEDNESDAY)
    with pytest.raises(stock.UnableToRelease, match="2026-2 版已经有了"):
        stock.draw_template(project=house.project, text=text, by=house.deng, at=WEDNESDAY)
    with pytest.raises(stock.UnableToStock, match="还没有发布"):
        stock.stock_texts(template=new, first="HTX-1", sets=1, by=house.wu, at=WEDNESDAY)
    with pytest.raises(NotYourPost):
        stock.release_template(template=new, by=house.deng, at=WEDNESDAY)

    stock.release_template(template=new, by=house.zhou, at=WEDNESDAY)

    old.refresh_from_db()
    assert old.valid_until == date(2026, 11, 30)
    assert template_in_force(house.project.pk, date(2026, 11, 30)) == old
    assert template_in_force(house.project.pk, date(2026, 12, 1)) == new
    # Sets printed from the old version are no reserve any more once the new one is in force.
    assert [texts_in_stock(house.project.pk, date(2026, *day)) for day in ((11, 30), (12, 1))] == [1, 0]
    unfair = stock.draw_template(
        project=house.project,
        text=stock.TemplateText(name="甲", version="1", terms={"late_pay_rate": "3", "late_handover_rate": "1"}),
        by=house.deng, at=WEDNESDAY,
    )  # fmt: skip
    with pytest.raises(stock.UnableToRelease, match="不能低于逾期付款"):
        stock.release_template(template=unfair, by=house.zhou, at=WEDNESDAY)
    assert Event.objects.filter(step="release_contract_template").count() == 2


@pytest.mark.clause("I-5.3-1l")
def test_the_preparation_list_can_be_extended_and_keeps_the_newest_version(house):
    Desk(house).stocked(sets=1)
    put = {"project": house.project, "by": house.wu, "at": WEDNESDAY}
    with pytest.raises(stock.UnableToPrepare, match="其他文件请填名称"):
        stock.put_ready(text=stock.DocumentText("other", "1", house.deng), **put)
    with pytest.raises(stock.UnableToPrepare, match="已经过期"):
        stock.put_ready(
            text=stock.DocumentText("areas", "2", house.deng, valid_until=date(2026, 1, 1)), **put
        )
    with pytest.raises(NotYourPost):
        stock.put_ready(
            project=house.project,
            text=stock.DocumentText("areas", "2", house.deng),
            by=house.lin,
            at=WEDNESDAY,
        )
    stock.put_ready(text=stock.DocumentText("other", "1", house.deng, name="前期物业服务合同"), **put)
    stock.put_ready(text=stock.DocumentText("areas", "2026-2", house.deng), **put)

    lines = preparation(house.units[0], on=beijing("2026-11-24 10:00").date(), loan=True, sets=1)

    assert (lines[-1].title, lines[-1].label) == ("前期物业服务合同", "已备好")
    assert next(line.version for line in lines if line.kind == "areas") == "2026-2"
    assert PreparedDocument.objects.filter(kind="areas").count() == 2
