"""Words of templates: written by one, approved by another, in force from then on."""

import pytest

from guiju.kernel.refusals import BadlyFilled, NotYourPost
from guiju.notify.models import Channel
from guiju.notify.operations.channels import UnableToSetUp, set_channel, set_filing, set_reach
from guiju.notify.operations.wordings import (
    UnableToWord,
    approve_wording,
    refuse_wording,
    write_wording,
)
from guiju.notify.templates import UnableToFill, templates, words_of
from tests.notify.conftest import NOON

NEW = "您的验证码是 {code}，{minutes} 分钟内有效。"


def write(house, **changed):
    given = {
        "template": "portal.code",
        "subject": "",
        "text": NEW,
        "channels": ["sms"],
        "by": house.people["wu"],
    }
    return write_wording(**(given | changed), company_id=house.people["wu"].company_id, at=NOON)


@pytest.mark.clause("F-3.3-c")
def test_new_words_hold_only_after_another_person_approved_them(house):
    wu, zhou = house.people["wu"], house.people["zhou"]
    declared = words_of("portal.code", wu.company_id)
    made = write(house)

    assert words_of("portal.code", wu.company_id) == declared
    with pytest.raises((UnableToWord, NotYourPost)):
        approve_wording(wording=made, by=wu, at=NOON)
    approve_wording(wording=made, by=zhou, at=NOON)

    now = words_of("portal.code", wu.company_id)
    assert (now.version, now.text) == (1, NEW)


def test_the_manager_does_not_approve_what_the_manager_wrote(house):
    made = write(house, by=house.people["zhou"])

    with pytest.raises(UnableToWord, match="另一位"):
        approve_wording(wording=made, by=house.people["zhou"], at=NOON)


def test_words_sent_back_say_why_and_a_next_version_can_be_written(house):
    made = write(house)
    with pytest.raises(UnableToWord, match="等待审核"):
        write(house)

    with pytest.raises(UnableToWord, match="原因"):
        refuse_wording(wording=made, reason=" ", by=house.people["zhou"], at=NOON)
    refuse_wording(wording=made, reason="太长", by=house.people["zhou"], at=NOON)

    assert write(house).version == 2
    assert words_of("portal.code", house.people["wu"].company_id).version == 0


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"text": "码"}, "5 到 1000"),
        ({"text": "验证码 {password}。"}, "password"),
        ({"text": "验证码 {code"}, "大括号"),
        ({"channels": ["pigeon"]}, "渠道"),
        ({"channels": ["robot"]}, "群里"),
    ],
)
def test_words_that_cannot_be_used_are_refused(house, changed, why):
    with pytest.raises((UnableToWord, UnableToFill), match=why):
        write(house, **changed)


def test_every_declared_template_can_be_filled_with_its_own_fields():
    from guiju.notify.templates import filled

    for one in templates().values():
        values = dict.fromkeys(one.fields, "〇")
        assert "{" not in filled(one.text, values) + filled(one.subject, values), one.code


# --- channels --------------------------------------------------------------------------------------------------------
def test_a_gateway_is_set_by_the_administrator_and_its_secret_is_kept(house, company):
    admin = house.people["admin"]
    config = {"url": "https://sms.example.com/send", "token": "geheim"}
    with pytest.raises(NotYourPost):
        set_channel(company=company, way="sms", on=True, config=config, by=house.people["wu"], at=NOON)
    set_channel(company=company, way="sms", on=True, config=config, by=admin, at=NOON)

    set_channel(company=company, way="sms", on=True, config={**config, "token": ""}, by=admin, at=NOON)

    assert Channel.objects.get(code="sms").config["token"] == "geheim"


@pytest.mark.parametrize("url", ["", "http://sms.example.com/", "ftp://x", "javascript:1", "https://"])
def test_an_address_that_would_show_data_on_the_way_is_refused(house, company, url):
    with pytest.raises(BadlyFilled):
        set_channel(
            company=company, way="sms", on=True, config={"url": url}, by=house.people["admin"], at=NOON
        )

    assert not Channel.objects.exists()


def test_what_is_filed_has_a_number(house, company):
    with pytest.raises(UnableToSetUp, match="编号"):
        set_filing(
            company=company, kind="notice", text="示范", state="filed", by=house.people["admin"], at=NOON
        )


def test_one_sets_where_one_is_reached_and_nobody_elses(house):
    wu, lin = house.people["wu"], house.people["lin"]
    set_reach(person=wu, way="wecom", address="wu", order=1, by=wu, at=NOON)

    with pytest.raises(NotYourPost):
        set_reach(person=wu, way="wecom", address="lin", order=1, by=lin, at=NOON)

    assert wu.reaches.get().address == "wu"
    set_reach(person=wu, way="wecom", address="", order=1, by=house.people["admin"], at=NOON)
    assert not wu.reaches.exists()
