"""The customer file used: facts, permitted purposes, routine contacts, birthday cards, the magazine, activities."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from guiju.customers import consenting
from guiju.customers.jobs import birthdays
from guiju.customers.models import (
    Activity,
    ActivityGuest,
    CareContact,
    ContactRecord,
    Customer,
    CustomerFact,
    Mailing,
    MailingList,
)
from guiju.customers.operations import activities, mailings
from guiju.customers.operations.birthdays import birthday_in, plan_birthdays
from guiju.customers.operations.contacts import plan_care
from guiju.customers.operations.knowing import known, note_fact, set_consents
from guiju.kernel.calendar import local_date
from guiju.kernel.refusals import Refused
from guiju.org.models import Function, FunctionMove
from guiju.reports.segments import Segment, chosen
from tests.sales.loans import Loans
from tests.stories.conftest import House, house
from tests.web.conftest import visit

__all__ = ["House", "house", "visit"]

pytestmark = pytest.mark.django_db
D = Decimal
NOW = timezone.now()
TODAY = local_date(NOW)


@pytest.fixture(autouse=True)
def _now() -> None:
    """Each test begins at its own moment: a long run may have come to the next day since this file was read."""
    global NOW, TODAY
    NOW = timezone.now()
    TODAY = local_date(NOW)


def refused(call, **given):
    with pytest.raises(Refused) as caught:
        call(**given)
    return str(caught.value)


@pytest.fixture
def owners(house):
    """Three who bought together, and one who did not buy; two of the three live at the same address."""
    Loans(house).signed("苏清越", "陆望舒", "程远志", open_=False)
    Customer.objects.create(
        company=house.project.company, name="叶未央", identity_number="", phone="19900002222", address="示范市春申路 9 号",
        recorded_at=NOW,
    )  # fmt: skip
    rows = {one.name: one for one in Customer.objects.all()}
    for name, address in (("苏清越", "示范市梧桐巷 3 号"), ("陆望舒", "示范市梧桐巷  3 号"), ("程远志", "")):
        rows[name].address = address
        rows[name].save(update_fields=["address"])
    return rows


def agree(house, customers, purpose, given=True):
    set_consents(
        customers=customers, purpose=purpose, given=given, how="签约时书面表示", by=house.deng, at=NOW
    )


def text(answer):
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.clause("I-2.1-r")
def test_what_is_known_of_a_customer_stands_with_its_source_and_day(house, owners, visit):
    customer, client = owners["苏清越"], visit("deng")
    page = f"/customers/{customer.pk}/"
    assert "还没有登记客户信息" in text(client.get(page))

    given = {
        "act": "fact",
        "field": "family",
        "value": "三口之家",
        "source": "customer",
        "known_date": str(TODAY),
    }
    assert client.post(f"{page}file/", given).status_code == 302
    note_fact(
        customer=customer, field="family", value="四口之家", source="visit", known_date=TODAY, source_words="看房接待",
        by=house.lin, at=NOW,
    )  # fmt: skip

    (one,) = known(customer)
    assert (one.label, one.fact.value, one.fact.get_source_display(), one.fact.known_date, one.before) == (
        "家庭人口", "四口之家", "接待和上门", TODAY, 1,
    )  # fmt: skip
    shown = text(client.get(page))
    assert "四口之家" in shown
    assert "接待和上门，看房接待" in shown
    assert "三口之家" not in shown
    fact = {"customer": customer, "by": house.lin, "at": NOW}
    tomorrow = TODAY + timedelta(days=1)
    assert "不能晚于今天" in refused(
        note_fact, field="pets", value="猫", source="visit", known_date=tomorrow, **fact
    )
    assert "从哪里来" in refused(
        note_fact, field="pets", value="猫", source="gossip", known_date=TODAY, **fact
    )
    assert "没有这一项" in refused(
        note_fact, field="religion", value="无", source="visit", known_date=TODAY, **fact
    )
    # Taken back: no longer known, and in no segment of those of whom it is.
    assert list(chosen(Customer.objects.all(), Segment(knows="family"), NOW)) == [customer]
    note_fact(field="family", value="", source="customer", known_date=TODAY, **fact)
    assert known(customer) == []
    assert list(chosen(Customer.objects.all(), Segment(knows="family"), NOW)) == []
    assert CustomerFact.objects.count() == 3


@pytest.mark.clause("I-2.1-s", "I-2.1-v")
def test_the_magazine_goes_to_those_who_agreed_with_labels_and_dispatch_per_customer(house, owners, visit):
    client = visit("deng")
    assert "还没有邮寄名单" in text(client.get("/contacts/lists/"))
    su, lu, cheng = owners["苏清越"], owners["陆望舒"], owners["程远志"]
    # Owners only: the three; of the fourth, who did not buy, nothing.
    counted = text(client.get("/contacts/lists/?try=1&stage=signed"))
    assert "这个范围有 <b>3</b> 位客户" in counted
    magazine = {
        "purpose": "magazine",
        "name": "当代人 2026 年第 4 期",
        "stage": "signed",
        "one_per_address": "1",
    }
    nobody = client.post("/contacts/lists/new/", magazine)
    assert "没有征得同意 3 位" in nobody.content.decode()
    assert not MailingList.objects.exists()

    agree(house, [su, lu, cheng], "magazine")
    said = client.post("/contacts/lists/new/", magazine)
    made = MailingList.objects.get()
    assert (said.status_code, said["Location"]) == (302, f"/contacts/lists/{made.pk}/")
    # One copy for the household of two; the third has no address.
    (row,) = made.mailings.all()
    assert (row.customer, row.address) == (su, "示范市梧桐巷 3 号")
    assert made.left_out == {"同一地址已有一份": 1, "没有通讯地址": 1}
    assert made.segment == {"stage": "signed"}
    shown = text(client.get(said["Location"]))
    assert "示范市梧桐巷 3 号" in shown
    assert "没有通讯地址 1 位" in shown
    labels = client.get(f"/contacts/lists/{made.pk}/labels/")
    assert (labels["Content-Type"], labels.content[:4]) == ("application/pdf", b"%PDF")
    assert "名单已经有了" in client.post("/contacts/lists/new/", magazine).content.decode()

    sent = {"row": str(row.pk), "sent_date": str(TODAY), "how": "邮局大宗印刷品"}
    late = client.post(
        f"/contacts/lists/{made.pk}/sent/", sent | {"sent_date": str(TODAY + timedelta(days=1))}
    )
    assert "不能晚于今天" in late.content.decode()
    assert client.post(f"/contacts/lists/{made.pk}/sent/", sent).status_code == 302
    assert client.post(f"/contacts/lists/{made.pk}/sent/", sent | {"row": "", "all": "1"}).status_code != 302
    row.refresh_from_db()
    assert (row.sent_date, row.sent_how, row.recorded_by) == (TODAY, "邮局大宗印刷品", house.deng)
    assert ContactRecord.objects.get(customer=su).summary == "寄发当代人 2026 年第 4 期（邮局大宗印刷品）"
    assert "都已寄出" in client.get(f"/contacts/lists/{made.pk}/labels/").content.decode()
    assert "都寄出了" in text(client.get(f"/contacts/lists/{made.pk}/?only=open"))
    back = {"returned": str(row.pk), "on": str(TODAY), "why": "查无此人"}
    assert client.post(f"/contacts/lists/{made.pk}/sent/", back).status_code == 302
    assert "查无此人" in text(client.get(f"/contacts/lists/{made.pk}/"))
    assert "当代人 2026 年第 4 期" in text(client.get("/contacts/lists/"))
    # A post outside the group makes no list, sends nothing and prints no labels.
    for url in ("/contacts/lists/new/", f"/contacts/lists/{made.pk}/sent/"):
        assert visit("he").post(url, magazine | sent).status_code == 403
    assert visit("he").get(f"/contacts/lists/{made.pk}/labels/").status_code == 403


@pytest.mark.clause("I-2.1-s")
def test_a_list_is_limited_to_the_purpose_that_the_customer_permits(house, owners):
    su, lu, ye = owners["苏清越"], owners["陆望舒"], owners["叶未央"]
    agree(house, [su, lu], "magazine")
    agree(house, [lu], "magazine", given=False)
    agree(house, [ye], "notice", given=False)

    # Agreeing to the magazine is no yes to advertising; the contract's own notices need none, but a no is heard.
    assert consenting.why_not([su, lu], "marketing") == dict.fromkeys((su.pk, lu.pk), "没有征得同意")
    assert consenting.why_not([su, lu], "magazine") == {lu.pk: "不同意这个用途"}
    assert consenting.why_not([su, lu, ye], "notice") == {ye.pk: "不同意这个用途"}
    base = {
        "company": house.project.company,
        "project": None,
        "customers": [su, lu],
        "segment": {},
        "by": house.deng,
        "at": NOW,
    }
    assert "只能用于客户同意的用途" in refused(
        mailings.make_list, purpose="sale_to_others", name="卖名单", **base
    )
    made = mailings.make_list(purpose="magazine", name="第 1 期", **base)
    # Who says no between list and dispatch is not sent to.
    agree(house, [su], "magazine", given=False)
    keys = list(Mailing.objects.values_list("pk", flat=True))
    send = {"mailing_list": made, "sent_date": TODAY, "how": "平信", "by": house.deng, "at": NOW}
    assert "苏清越不同意这个用途" in refused(mailings.dispatch, mailings=keys, **send)
    assert "选寄给了哪些" in refused(mailings.dispatch, mailings=[], **send)
    # Segments: the birthday month, and who was not spoken to.
    su.birth_date = date(1990, 7, 1)
    su.save(update_fields=["birth_date"])
    everybody = Customer.objects.all()
    assert [one.name for one in chosen(everybody, Segment(birth_month=7), NOW)] == ["苏清越"]
    assert len(chosen(everybody, Segment(silent_days=30, owners_only=False), NOW)) == 4
    assert [one.name for one in chosen(everybody, Segment(payment="lump_sum"), NOW)] == []


@pytest.mark.clause("I-2.1-t", "I-3.1-k")
def test_routine_contacts_are_planned_for_the_signing_group_and_recorded(house, owners, visit):
    client, team = visit("deng"), Function.objects.get(code="daily_contact").team
    assert "没有联络任务" in text(client.get("/contacts/"))
    assert team.code == "signing"

    given = {"stage": "signed", "due": str(TODAY), "channel": "call", "subject": "入住前问候"}
    assert visit("he").post("/contacts/plan/", given).status_code == 403
    assert client.post("/contacts/plan/", given).status_code == 302
    assert {one.team for one in CareContact.objects.all()} == {team}
    assert CareContact.objects.count() == 3
    shown = text(client.get("/contacts/"))
    for words in ("苏清越", "入住前问候", "电话", team.name):
        assert words in shown
    one = CareContact.objects.get(customer=owners["苏清越"])
    done = {"channel": "wechat", "reached": "1", "outcome": "下月回国，已约看房"}
    assert visit("he").post(f"/contacts/{one.pk}/done/", done).status_code == 403
    assert client.post(f"/contacts/{one.pk}/done/", done).status_code == 302
    one.refresh_from_db()
    assert (one.done_by, one.reached, one.channel, one.outcome) == (
        house.deng,
        True,
        "wechat",
        "下月回国，已约看房",
    )
    record = ContactRecord.objects.get(customer=owners["苏清越"])
    assert (record.channel, record.summary) == ("wechat", "入住前问候：下月回国，已约看房")
    assert local_date(record.happened_at) == TODAY
    assert "已经记过结果" in client.post(f"/contacts/{one.pk}/done/", done).content.decode()
    assert "下月回国" in text(client.get("/contacts/?when=done"))

    # Moved to another group, the next one is that group's.
    function = Function.objects.get(code="daily_contact")
    service = Function.objects.get(code="activities").team
    FunctionMove.objects.create(
        function=function, team=service, from_at=NOW, made_at=NOW, made_by=house.admin, reason="调整"
    )
    moved = plan_care(
        customer=owners["陆望舒"], due_date=TODAY, subject="回访", person=None, by=house.deng, at=NOW + timedelta(minutes=1),
    )  # fmt: skip
    assert moved.team == service
    assert "为什么联系" in refused(
        plan_care, customer=owners["陆望舒"], due_date=TODAY, subject="", person=None, by=house.deng, at=NOW
    )


@pytest.mark.clause("I-2.1-u", "I-3.1-k")
def test_a_birthday_card_is_a_task_a_week_ahead_once_a_year_and_its_sending_is_recorded(house, owners, visit):
    born = {
        "苏清越": TODAY + timedelta(days=7),
        "陆望舒": TODAY + timedelta(days=8),
        "程远志": TODAY + timedelta(days=2),
    }
    for name, day in born.items():
        owners[name].birth_date = birthday_in(day, 1984)
        owners[name].save(update_fields=["birth_date"])
    agree(house, [owners["程远志"]], "care", given=False)

    birthdays(NOW)
    # Swept again on the same day, however late this day already is.
    birthdays(NOW + timedelta(seconds=1) if local_date(NOW + timedelta(seconds=1)) == TODAY else NOW)

    # The eighth day is not yet due; who wants no greetings gets none.
    card = CareContact.objects.get()
    day = TODAY + timedelta(days=7)
    assert (card.customer.name, card.kind, card.year, card.due_date) == (
        "苏清越",
        "birthday",
        day.year,
        day - timedelta(days=3),
    )
    assert (card.team.code, card.channel, card.planned_by) == ("signing", "letter", None)
    client = visit("deng")
    shown = text(client.get("/contacts/?when=birthday"))
    assert f"寄生日卡：{day.month} 月 {day.day} 日生日" in shown
    sent = {"channel": "letter", "reached": "1", "outcome": "平信寄出"}
    assert client.post(f"/contacts/{card.pk}/done/", sent).status_code == 302
    assert ContactRecord.objects.get(customer=owners["苏清越"]).channel == "letter"
    plan_birthdays(NOW + timedelta(days=1))
    assert set(CareContact.objects.values_list("customer__name", flat=True)) == {"苏清越", "陆望舒"}
    # Next year again; born on 29 February, on the 28th of other years.
    assert plan_birthdays(NOW + timedelta(days=365)) >= 1
    assert (birthday_in(date(1984, 2, 29), 2027), birthday_in(date(1984, 2, 29), 2028)) == (
        date(2027, 2, 28), date(2028, 2, 29),
    )  # fmt: skip


@pytest.mark.clause("I-3.1-u")
def test_an_activity_has_plan_budget_invitees_attendance_and_result(house, owners, visit):
    client, manager = visit("zhou"), visit("sun")
    assert "还没有客户活动" in text(client.get("/contacts/activities/"))
    starts = (NOW + timedelta(days=3)).astimezone(timezone.get_default_timezone())
    plan = {
        "name": "业主开放日", "plan": "参观样板间，讲解工艺，茶点。", "place": "营销中心", "starts_at": f"{starts:%Y-%m-%dT%H:%M}",
        "budget": "5000", "seats": "2", "project": str(house.project.pk),
    }  # fmt: skip
    assert visit("he").post("/contacts/activities/new/", plan).status_code == 403
    assert client.post("/contacts/activities/new/", plan).status_code == 302
    row = Activity.objects.get()
    assert (row.team.code, row.budget, row.seats, row.state) == ("service", D("5000.00"), 2, "待批准")
    url = f"/contacts/activities/{row.pk}/"
    assert "还没有邀请客户" in text(client.get(url))

    def act(who, **given):
        return who.post(f"{url}act/", given)

    assert "批准以后才能邀请" in act(client, act="invite", stage="signed").content.decode()
    assert "不能由编制人自己批准" in act(client, act="approve").content.decode()
    assert act(manager, act="approve").status_code == 302
    # Only who agreed to be invited to activities is.
    agree(house, [owners["苏清越"], owners["陆望舒"]], "activity")
    assert act(client, act="invite", stage="signed").status_code == 302
    assert set(row.guests.values_list("customer__name", flat=True)) == {"苏清越", "陆望舒"}
    agree(house, [owners["程远志"]], "activity")
    assert "名额 2 位" in act(client, act="invite", stage="signed").content.decode()
    guests = {one.customer.name: one for one in row.guests.select_related("customer")}
    assert act(client, act="answer", guest=guests["陆望舒"].pk, answer="declined").status_code == 302
    shown = text(client.get(url))
    for words in ("业主开放日", "参观样板间", "苏清越", "不参加", "5,000"):
        assert words in shown
    assert "还没有开始" in act(client, act="attendance", came=guests["苏清越"].pk).content.decode()

    # The day has come.
    Activity.objects.filter(pk=row.pk).update(starts_at=NOW - timedelta(hours=2))
    close = {"act": "close", "cost": "5600", "result": "到场一户，签到齐全。"}
    assert "没有记是否到场" in act(client, **close).content.decode()
    assert act(client, act="attendance", came=guests["苏清越"].pk).status_code == 302
    assert ActivityGuest.objects.get(customer__name="苏清越").attended is True
    assert "超出预算 600.00 元" in act(client, **close).content.decode()
    assert act(client, **close, over_reason="茶点增加").status_code == 302
    row.refresh_from_db()
    assert (row.state, row.cost) == ("已总结", D("5600.00"))
    shown = text(client.get(url))
    assert re.search(r"到场</dt><dd>1 位", shown)
    assert "超预算原因：茶点增加" in shown
    assert "业主开放日" in text(client.get("/contacts/activities/"))
    assert "已经总结" in refused(
        activities.invite, activity=row, customers=[owners["程远志"]], by=house.zhou, at=NOW
    )
