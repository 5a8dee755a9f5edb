"""Names, phones and rooms are shown where the reader's work lies, and masked in the other company they see (DECISIONS 20)."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from guiju.customers.operations.entries import enter
from guiju.estate.models import Project
from guiju.org import posts
from guiju.org.gates import sight_of
from guiju.org.models import Company, Holding, Person, Post
from guiju.sales.models import DealBuyer


def test_whoever_works_in_one_company_and_administers_another_sees_people_in_full_in_the_first_only(
    house, ago
):
    at = timezone.now()
    case = house.handed_in(at=ago)
    stranger = DealBuyer.objects.get().customer
    other = Company.objects.create(
        name="归居示范（天津）房地产开发有限公司",
        kind=Company.Kind.AFFILIATED,
        basis="charter",
        group=house.project.company.group,
    )
    river = Project.objects.create(code="TJ1", name="河畔里", company=other)
    own = enter(
        company_id=other.pk, name="路知微", identity="110101199003078515", at=at, scope_ids=(river.pk,)
    )
    both = Person.objects.create(username="cai", name="蔡一帆", company=other, joined_at=at)
    for post, company in ((posts.CS_CLERK, other), (posts.ADMINISTRATOR, house.project.company)):
        Holding.objects.create(
            person=both, post=Post.objects.get(code=post), company=company, from_at=at - timedelta(days=9)
        )
    client = Client()
    client.force_login(both)

    def page(name: str, *args: object, **asked: str) -> str:
        answer = client.get(reverse(f"web:{name}", args=args), asked)
        assert answer.status_code == 200, name
        return answer.content.decode()

    for html in (
        page("customers"), page("customer", stranger.pk), page("search", q="苏清越"), page("cases"), page("home"),
        page("case", case.number), page("step", case.number, "director_sign"), page("unit", house.units[0].pk), page("subscriptions"), page("complaints"),
    ):  # fmt: skip
        assert "苏清越" not in html.replace('value="苏清越"', "")
        assert "1502" not in html or "1单元 1502" not in html
    assert "苏**" in page("customers")
    assert "路知微" in page("customers")
    assert "路知微" in page("customer", own.pk)
    assert "路知微" in page("search", q="路知微")

    sight = sight_of(both, at=at)
    assert sight.mixed
    assert not sight.masks(other.pk, river.pk)
    assert sight.masks(house.project.company_id, house.project.pk)
    assert not sight_of(house.wu, at=at).mixed
    assert not sight_of(house.jiang, at=at).full
