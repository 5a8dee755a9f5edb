"""Rows beside the books that are written once: a change by SQL is named; what the program does with them is not."""

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from guiju.customers.models import ContactRecord, Customer
from guiju.kernel import row_anchors
from guiju.org.models import Holding
from guiju.org.operations.holdings import end_post
from guiju.papers.models import AttachmentUse
from guiju.reports import histories
from guiju.sop.models import Edition
from tests.house.test_mutability import IMMUTABLE
from tests.stories.conftest import WEDNESDAY, house
from tests.worlds import world

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@world(on=house, files=True)
def anchored(house):
    """A subscription, and a contact with its buyer; anchored."""
    house.sealed()
    buyer = Customer.objects.get()
    ContactRecord.objects.create(
        company=buyer.company, customer=buyer, channel="call", outward=True, summary="约签约时间", happened_at=WEDNESDAY,
        recorded_at=WEDNESDAY, by=house.wu,
    )  # fmt: skip
    row_anchors.anchor(at=WEDNESDAY + HOUR)
    row_anchors.anchor(at=WEDNESDAY + 2 * HOUR)
    return house


def sql(statement):
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_who_changes_such_rows_in_the_database_is_found_out_row_by_row(anchored):
    assert list(row_anchors.problems()) == []
    post = Holding.objects.get(person=anchored.lin)
    use, edition = AttachmentUse.objects.order_by("pk").first(), Edition.objects.order_by("pk").last()
    contact = ContactRecord.objects.get()

    sql(f"UPDATE org_holding SET person_id = {anchored.gao.pk} WHERE id = {post.pk}")
    sql(f"UPDATE papers_attachmentuse SET title = 'x' WHERE id = {use.pk}")
    sql(f"UPDATE sop_edition SET made_at = '2020-01-01 00:00:00+00:00' WHERE id = {edition.pk}")
    sql(f"DELETE FROM customers_contactrecord WHERE id = {contact.pk}")

    assert sorted(row_anchors.problems()) == [
        f"customers_contactrecord {contact.pk} 被删除",
        f"org_holding {post.pk} 被改动过",
        f"papers_attachmentuse {use.pk} 被改动过",
        f"sop_edition {edition.pk} 被改动过",
    ]


def test_a_post_that_ends_and_an_entry_that_is_joined_to_another_are_no_fault(anchored):
    at = timezone.now()
    end_post(holding=Holding.objects.get(person=anchored.lin), by=anchored.admin, at=at)
    other = Customer.objects.create(company=anchored.project.company, name="苏青越", recorded_at=at)
    ContactRecord.objects.update(customer=other)

    assert list(row_anchors.problems()) == []


def test_what_is_written_once_is_anchored_or_said_to_be_left_out():
    known = {model._meta.label for model in histories.WHOLE}
    known |= {model._meta.label for answer in row_anchors.fixed.ask_all() for model in answer}

    # The chain is its own proof; looks and uses of articles are many, and events say them.
    assert IMMUTABLE - known == {"kernel.Event", "org.Look", "knowledge.ArticleUse"}
    assert all(apps.get_model(label) for label in known)
