"""Posts: who holds which, where; qualification warns; nobody appoints themselves; auditors only read."""

from datetime import timedelta

import pytest

from guiju.kernel import ports
from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.org import gates
from guiju.org import people as roster_module
from guiju.org.models import Holding, Post
from guiju.org.operations.holdings import UnableToEndPost, UnableToGivePost, end_post, give_post
from guiju.org.operations.people import add_person
from guiju.org.operations.structure import plan_headcount

from .conftest import LATER, NOW, OTHER_PROJECT, PROJECT


def posts_of(person, company, project_id=None, at=NOW):
    return ports.people().posts_of(person.pk, company_id=company.pk, project_id=project_id, at=at)


@pytest.fixture
def newcomer(people, company, admin):
    def make(username="bai", **facts):
        return add_person(username=username, name="白雪", company=company, by=admin, at=NOW, **facts)[0]

    return make


@pytest.mark.clause("I-4.1-b", "I-4.1-c", "I-4.1-d")
def test_appointing_a_manager_below_the_qualification_warns_and_does_not_block(newcomer, company, admin):
    bai = newcomer(education=10, experience_years=2, peer_years=1)

    holding, warnings = give_post(person=bai, post="cs_manager", company=company, by=admin, at=NOW)

    assert warnings == [
        "「客服经理」要求大学专科及以上，白雪登记的学历是高中／中专。",
        "「客服经理」要求 3 年以上相关工作经验，白雪登记的是 2 年。",
        "「客服经理」要求 2 年以上同等规模项目、同等职位经验，白雪登记的是 1 年。",
    ]
    assert posts_of(bai, company) == {"cs_manager": None}
    assert holding.to_at is None


def test_a_qualified_manager_is_appointed_without_warning(newcomer, company, admin):
    bai = newcomer(education=20, experience_years=3, peer_years=2)

    assert give_post(person=bai, post="cs_manager", company=company, by=admin, at=NOW).warnings == []


@pytest.mark.clause("I-4.2-m", "I-4.2-n", "I-4.3-b", "I-4.3-c")
@pytest.mark.parametrize("post", ["cs_assistant_manager", "cs_clerk"])
@pytest.mark.parametrize(
    ("education", "years", "warned"), [(20, 2, 0), (10, 2, 1), (20, 1, 1), (0, 0, 2), (40, 9, 0)]
)
def test_assistant_and_clerk_need_junior_college_and_two_years(
    newcomer, company, admin, post, education, years, warned
):
    bai = newcomer(education=education, experience_years=years)

    assert len(give_post(person=bai, post=post, company=company, by=admin, at=NOW).warnings) == warned


def test_a_post_in_one_project_opens_that_project_only(newcomer, company, admin):
    bai = newcomer()
    give_post(person=bai, post="sales", company=company, project_id=PROJECT, by=admin, at=NOW)

    assert posts_of(bai, company, PROJECT) == {"sales": None}
    assert posts_of(bai, company, OTHER_PROJECT) == {}
    assert posts_of(bai, company) == {}


def test_a_company_wide_post_opens_every_project_of_the_company_and_no_other_company(people, company):
    parent = company.held_by

    assert posts_of(people["zhou"], company, PROJECT) == {"cs_manager": None}
    assert posts_of(people["zhou"], company, OTHER_PROJECT) == {"cs_manager": None}
    assert posts_of(people["zhou"], parent) == {}


def test_somebody_may_hold_several_posts(people, company):
    assert posts_of(people["he"], company) == {"cashier": None, "finance": None}


def test_a_post_is_held_from_its_moment_until_its_end(newcomer, company, admin):
    bai = newcomer()
    holding = give_post(
        person=bai, post="archivist", company=company, by=admin, at=NOW, from_at=NOW + timedelta(days=1)
    ).holding
    tomorrow = NOW + timedelta(days=1)

    assert posts_of(bai, company, at=NOW) == {}
    assert posts_of(bai, company, at=tomorrow) == {"archivist": None}

    end_post(holding=holding, by=admin, at=tomorrow + timedelta(days=5), reason="轮岗")

    assert posts_of(bai, company, at=tomorrow + timedelta(days=4)) == {"archivist": None}
    assert posts_of(bai, company, at=tomorrow + timedelta(days=5)) == {}
    with pytest.raises(UnableToEndPost):
        end_post(holding=holding, by=admin, at=tomorrow + timedelta(days=6))


def test_holders_are_those_of_the_project_first_and_never_of_another(people, company, newcomer, admin):
    bai = newcomer()
    give_post(person=bai, post="sales_director", company=company, project_id=PROJECT, by=admin, at=NOW)

    ask = ports.people().holders
    assert ask("sales_director", company_id=company.pk, project_id=PROJECT, at=NOW) == [
        bai.pk,
        people["gao"].pk,
    ]
    assert ask("sales_director", company_id=company.pk, project_id=OTHER_PROJECT, at=NOW) == [
        people["gao"].pk
    ]
    assert ask("sales_director", company_id=company.pk, project_id=None, at=NOW) == [people["gao"].pk]
    assert ask("nobody", company_id=company.pk, project_id=None, at=NOW) == []


def test_the_kernel_learns_names_labels_and_superiors(people):
    roster = ports.people()

    assert roster.name(people["lin"].pk) == "林晓雯"
    assert roster.name(999_999) == ""
    assert roster.post_label("seal_keeper") == "合同章保管"
    assert roster.superior("cs_manager") == "deputy_gm"
    assert roster.superior("general_manager") is None
    assert roster.superior("nobody") is None


def test_nobody_appoints_themselves_and_only_administrators_appoint(people, company, admin):
    with pytest.raises(UnableToGivePost, match="不能给自己"):
        give_post(person=admin, post="general_manager", company=company, by=admin, at=NOW)
    with pytest.raises(NotYourPost, match="系统管理员"):
        give_post(person=people["lin"], post="cs_manager", company=company, by=people["qian"], at=NOW)

    assert posts_of(admin, company) == {"administrator": None}
    assert posts_of(people["lin"], company) == {"sales": None}


@pytest.mark.parametrize(("first", "second"), [("auditor", "sales"), ("sales", "auditor")])
def test_an_auditor_never_acts_beside_auditing(newcomer, company, admin, first, second):
    bai = newcomer()
    give_post(person=bai, post=first, company=company, by=admin, at=NOW)

    with pytest.raises(UnableToGivePost, match="只看不办"):
        give_post(person=bai, post=second, company=company, by=admin, at=NOW)


def test_giving_the_same_post_twice_or_an_unknown_one_is_refused(people, company, admin):
    before = Holding.objects.count()
    for given, words in (("sales", "已任"), ("emperor", "没有岗位")):
        with pytest.raises(UnableToGivePost, match=words):
            give_post(person=people["lin"], post=given, company=company, by=admin, at=NOW)

    assert Holding.objects.count() == before


def test_the_last_administrator_cannot_end_the_own_post(people, admin):
    with pytest.raises(UnableToEndPost, match="另一位管理员"):
        end_post(holding=admin.holdings.get(), by=admin, at=NOW)


def test_an_appointment_is_an_event_with_its_warnings(newcomer, company, admin):
    bai = newcomer()
    give_post(person=bai, post="cs_clerk", company=company, by=admin, at=NOW)

    event = Event.objects.order_by("-seq").first()
    assert (event.step, event.actor_id, event.chain_id) == ("org.give_post", admin.pk, company.pk)


@pytest.mark.clause("I-3.1-j")
def test_administration_follows_the_post_which_the_signing_group_holds(people, company, newcomer, admin):
    from guiju.org.models import Establishment, Function

    maintenance = Function.objects.get(company=company, code="administration")
    post = Establishment.objects.get(company=company, post__code="administrator")
    assert maintenance.team == post.team
    assert post.team.name == "签约组"

    give_post(person=people["deng"], post="administrator", company=company, by=admin, at=NOW)
    made, _ = add_person(username="new", name="新人", company=company, by=people["deng"], at=NOW)
    clerk = Establishment.objects.get(company=company, post__code="cs_clerk")
    plan_headcount(establishment=clerk, planned=4, by=people["deng"], at=NOW)

    assert (made.name, clerk.planned) == ("新人", 4)


# What each post may do with people and personal data, by hand: administers, sees data in full, approves exports, acts.
TABLE = {
    "lin": (False, True, False, True),
    "gao": (False, True, False, True),
    "wu": (False, True, False, True),
    "zhou": (False, True, True, True),
    "tang": (False, True, False, True),
    "he": (False, True, False, True),
    "fang": (False, True, False, True),
    "deng": (False, True, False, True),
    "qian": (False, True, True, True),
    "sun": (False, True, True, True),
    "xu": (False, True, False, True),
    "ma": (False, True, False, True),
    "jiang": (False, False, False, False),
    "admin": (True, False, False, True),
}


@pytest.mark.parametrize("username", TABLE)
def test_permissions_by_post(people, company, username):
    person = people[username]
    from guiju.org import posts

    assert (
        gates.holds_post(person, *posts.MAY_ADMINISTER, company_id=company.pk, at=NOW),
        gates.may_see_personal_data(person, company_id=company.pk, project_id=PROJECT, at=NOW),
        gates.holds_post(person, *posts.MAY_APPROVE_EXPORT, company_id=company.pk, at=NOW),
        not gates.reads_only(person, at=NOW),
    ) == TABLE[username]


def test_a_person_without_post_sees_nothing(newcomer, company):
    bai = newcomer()

    scope = gates.scope_of(bai, at=NOW)
    assert not scope
    assert list(Holding.objects.filter(scope.q("company_id", "project_id"))) == []
    assert not gates.may_see(bai, company_id=company.pk, project_id=PROJECT, at=NOW)
    with pytest.raises(NotYourPost):
        gates.require_post(bai, "sales", at=NOW)


def test_a_scope_keeps_a_queryset_to_its_companies_and_projects(newcomer, people, company, admin):
    bai = newcomer()
    give_post(person=bai, post="sales", company=company, project_id=PROJECT, by=admin, at=NOW)
    elsewhere = Holding.objects.create(
        person=people["luo"],
        post=Post.objects.get(code="sales"),
        company=company,
        project_id=OTHER_PROJECT,
        from_at=NOW,
    )

    own = gates.scope_of(bai, at=NOW)
    wide = gates.scope_of(people["jiang"], at=NOW)

    assert [row.person.username for row in Holding.objects.filter(own.q("company_id", "project_id"))] == [
        "bai"
    ]
    assert elsewhere in Holding.objects.filter(wide.q("company_id", "project_id"))
    assert gates.scope_of(bai, at=NOW, of_posts={"cashier"}).projects == frozenset()


def test_remembered_posts_are_dropped_by_an_act_and_by_time(newcomer, company, admin, settings, monkeypatch):
    settings.ORG_ROSTER_SECONDS = 2
    bai = newcomer()
    clock = [100.0]
    monkeypatch.setattr(roster_module.time, "monotonic", lambda: clock[0])
    assert posts_of(bai, company) == {}

    give_post(person=bai, post="archivist", company=company, by=admin, at=NOW)
    assert posts_of(bai, company, at=LATER) == {"archivist": None}

    # Another process writes: this one sees it two seconds later at the latest.
    Holding.objects.filter(person=bai).update(to_at=NOW)
    clock[0] += 1.9
    assert posts_of(bai, company, at=LATER) == {"archivist": None}
    clock[0] += 0.2
    assert posts_of(bai, company, at=LATER) == {}
    roster_module.forget()


def test_posts_of_somebody_cost_one_query(people, company, django_assert_num_queries):
    with django_assert_num_queries(1):
        posts_of(people["he"], company)
