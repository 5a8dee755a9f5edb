"""E-4.4-a, E-4.4-b: what belongs to another project or company is not found, and who only reads changes nothing."""

from datetime import date

import pytest
from django.utils import timezone

from guiju.customers.models import Activity, CareContact, MailingList
from guiju.customers.operations.entries import enter, index_customer
from guiju.demo.invented import identity
from guiju.desk.models import Incoming
from guiju.desk.operations.inbox import take_in
from guiju.estate.models import Project
from guiju.kernel.models import Clock, Event, Reaction
from guiju.org.models import Holding, Person, Post, Team
from guiju.sales.models import Deal, DealBuyer

pytestmark = pytest.mark.django_db


@pytest.fixture
def stranger(house, ago):
    """Holds every post in another project of the same company, and none anywhere else."""
    company = house.project.company
    other = Project.objects.create(code="ZZ9", name="外项目", company=company)
    person = Person.objects.create(username="waimian", name="外面", company=company, joined_at=ago)
    for post in Post.objects.exclude(code__in=("administrator", "auditor")):
        Holding.objects.create(person=person, post=post, company=company, project_id=other.pk, from_at=ago)
    return person


@pytest.mark.clause("E-4.4-a")
def test_mail_to_one_project_is_not_found_from_another_and_a_glance_of_the_auditor_leaves_it_unread(
    house, visit, client, stranger
):
    company, at = house.project.company, timezone.now()
    ours, _ = take_in(company_id=company.pk, project_id=house.project.pk, channel=Incoming.MAIL, key="m-1",
                      subject="厨房漏水", text="请来看", sender="许文静", at=at)  # fmt: skip
    nobodys, _ = take_in(
        company_id=company.pk, channel=Incoming.MAIL, key="m-2", subject="问交房", text="何时", at=at
    )
    client.force_login(stranger)
    auditor = visit("jiang")

    listed = client.get("/reception/inbox/").content.decode()
    read = auditor.get(f"/reception/inbox/{ours.pk}/")
    aside = auditor.post(f"/reception/inbox/{ours.pk}/", {"reason": "广告"})

    assert ("厨房漏水" in listed, "问交房" in listed) == (False, True)
    assert client.get(f"/reception/inbox/{ours.pk}/").status_code == 404
    assert client.post(f"/reception/inbox/{ours.pk}/", {"reason": "广告"}).status_code == 404
    assert client.get(f"/reception/inbox/{nobodys.pk}/").status_code == 200
    assert (read.status_code, aside.status_code) == (200, 403)
    ours.refresh_from_db()
    assert (ours.opened_at, ours.dropped) == (None, "")


@pytest.mark.clause("E-4.4-b")
def test_a_caller_is_known_only_where_the_home_was_bought(house, visit, client, stranger, ago):
    buyer = enter(
        company_id=house.project.company_id, name="欧阳清越", identity=identity(date(1984, 5, 6), 77),
        phone="19900003456", at=ago,
    )  # fmt: skip
    deal = Deal.objects.create(unit=house.units[0], project=house.project, stage=Deal.SIGNED, opened_at=ago)
    DealBuyer.objects.create(deal=deal, customer=buyer, position=1)
    index_customer(buyer, scope_ids=(house.project.pk,))
    client.force_login(stranger)
    asked = ("phone=19900003456", f"customer={buyer.pk}", "q=欧阳清越")

    told = [client.get(f"/reception/new/?{one}").content.decode() for one in asked]
    ours = [visit("ma").get(f"/reception/new/?{one}").content.decode() for one in asked[:2]]

    # What was typed into the search box stands in the box; nobody is named under it.
    assert [("欧阳清越" in page.replace('value="欧阳清越"', "")) for page in told] == [False] * 3
    assert [("欧阳清越" in page) for page in ours] == [True] * 2


@pytest.mark.clause("E-4.4-b")
def test_lists_and_activities_of_the_whole_company_are_for_who_works_in_all_of_it(
    house, visit, client, stranger, ago
):
    company = house.project.company
    made = {"company": company, "name": "中秋"}
    letters = MailingList.objects.create(**made, purpose="care", made_at=ago, made_by=house.wu)
    team = Team.objects.filter(department__company=company).first()
    party = Activity.objects.create(**made, team=team, plan="赏月", place="会所", starts_at=ago, budget=1, planned_at=ago,
                                    planned_by=house.wu)  # fmt: skip
    client.force_login(stranger)

    for page in (f"/contacts/lists/{letters.pk}/", f"/contacts/activities/{party.pk}/"):
        assert client.get(page).status_code == 404
        assert visit("zhou").get(page).status_code == 200
    assert CareContact.objects.count() == 0


@pytest.mark.clause("E-4.4-a")
def test_stopped_work_of_another_project_is_neither_shown_nor_put_back(house, visit, client, stranger, ago):
    event = Event.objects.filter(case=house.lock(at=timezone.now())).first()
    dead = Reaction.objects.create(event=event, name="x.y", state=Reaction.DEAD, attempts=9, next_at=ago,
                                   error="ValueError: 欧阳清越 19900003456")  # fmt: skip
    client.force_login(stranger)

    page = client.get("/audit/reactions/").content.decode()
    client.post(f"/audit/reactions/{dead.pk}/retry/")

    assert "欧阳清越" not in page
    assert event.case.number not in client.get("/audit/").content.decode()
    dead.refresh_from_db()
    assert dead.state == Reaction.DEAD
    assert "19900003456" in visit("admin").get("/audit/reactions/").content.decode()


def test_limits_are_paused_by_those_whose_work_the_case_is(house, visit):
    case = house.lock(at=timezone.now())
    Clock.objects.filter(case=case).delete()
    page = f"/cases/{case.number}/clocks/deposit/pause/"

    assert visit("admin").post(page, {"reason": "等客户"}).status_code == 403
    assert visit("lin").post(page, {"reason": "等客户"}).status_code != 403
