"""Tokens: made once, kept as a digest, ended; nothing is said without one."""

import json
from argparse import Namespace
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from guiju.api import cli
from guiju.api.models import Token
from guiju.api.operations.tokens import UnableToMakeToken, make_token, person_of, revoke_token
from guiju.kernel import audit
from guiju.kernel.models import Event

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def words(user="wu", label="", days=None):
    return Namespace(act="create", user=user, label=label, days=days)


def test_the_command_prints_the_token_once_and_keeps_only_its_digest(office, capsys):
    assert cli.main(words(label="销售系统")) == 0

    text = capsys.readouterr().out.strip()
    (token,) = Token.objects.all()
    assert person_of(text, at=datetime.now(UTC)) == office.people["wu"]
    assert text.startswith("guiju_")
    assert text not in str(Token.objects.values()[0])
    assert token.label == "销售系统"
    assert Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {text}"}).status_code == 200


def test_making_a_token_is_an_event(office):
    make_token(person=office.people["wu"], by=office.people["admin"], at=NOW)

    assert Event.objects.filter(step="api.token_made", actor_id=office.people["admin"].pk).count() == 1
    assert audit.verify().ok


@pytest.mark.parametrize("user", ["nobody", ""])
def test_the_command_fails_for_somebody_unknown(office, capsys, user):
    assert cli.main(words(user)) == 1
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("days", [0, -3, 4000, 10**12])
def test_a_token_lives_between_a_day_and_ten_years(office, capsys, days):
    assert cli.main(words(days=days)) == 1
    assert Token.objects.count() == 0


def test_somebody_who_left_gets_none(office):
    office.people["wu"].is_active = False

    with pytest.raises(UnableToMakeToken):
        make_token(person=office.people["wu"], by=None, at=NOW)


def test_an_ended_or_old_token_is_unknown(office):
    wu = office.people["wu"]
    token, text = make_token(person=wu, life=timedelta(days=2), by=None, at=NOW)
    assert person_of(text, at=NOW) == wu
    assert person_of(text, at=NOW + timedelta(days=2)) is None

    revoke_token(token=token, by=wu, at=NOW)

    assert person_of(text, at=NOW) is None
    with pytest.raises(UnableToMakeToken, match="已停用"):
        revoke_token(token=token, by=wu, at=NOW)


def test_the_last_use_is_noted_every_five_minutes(office, django_assert_num_queries):
    _, text = make_token(person=office.people["wu"], by=None, at=NOW)

    person_of(text, at=NOW)
    with django_assert_num_queries(1):
        person_of(text, at=NOW + timedelta(minutes=4))
    person_of(text, at=NOW + timedelta(minutes=6))

    assert Token.objects.get().last_used_at == NOW + timedelta(minutes=6)


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer x", "Basic d3U6eA==", "Bearer \ud800".encode("utf-8", "replace").decode()],
)
@pytest.mark.parametrize(
    ("method", "path"), [("get", "/cases"), ("post", "/cases"), ("get", "/sops"), ("post", "/attachments")]
)
def test_without_a_known_token_nothing_is_said(office, header, method, path):
    headers = {} if header is None else {"Authorization": header}

    answer = getattr(Client(), method)(f"/api/v1{path}", headers=headers)

    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == "Bearer"
    assert answer.json()["title"] == "请先出示令牌"


def test_a_session_of_the_pages_does_not_open_the_api(office):
    client = Client()
    client.force_login(office.people["wu"], backend="guiju.org.backends.StaffBackend")

    assert client.get("/api/v1/cases").status_code == 401


def listed(capsys, user=None, *, everything=False):
    assert cli.main(Namespace(act="list", user=user, all=everything, json=True)) == 0
    return json.loads(capsys.readouterr().out)


def test_the_list_names_owner_purpose_and_end_of_living_tokens_but_never_what_could_be_used(office, capsys):
    wu, lin = office.people["wu"], office.people["lin"]
    _, text = make_token(person=wu, label="销售系统", by=None, at=datetime.now(UTC))
    ended, _ = make_token(person=wu, label="旧系统", by=None, at=datetime.now(UTC))
    revoke_token(token=ended, by=None, at=datetime.now(UTC))
    make_token(person=lin, label="到期的", life=timedelta(days=1), by=None, at=NOW - timedelta(days=9))

    rows = listed(capsys, everything=True)

    assert {(row["user"], row["label"], row["state"]) for row in rows} == {
        ("wu", "销售系统", "live"),
        ("wu", "旧系统", "revoked"),
        ("lin", "到期的", "expired"),
    }
    assert [row["label"] for row in listed(capsys)] == ["销售系统"]
    assert [row["label"] for row in listed(capsys, "lin", everything=True)] == ["到期的"]
    assert cli.main(Namespace(act="list", user=None, all=True, json=False)) == 0
    shown = capsys.readouterr().out
    assert "wu\t销售系统\t有效" in shown
    assert text not in shown
    assert not any(digest in shown for digest in Token.objects.values_list("digest", flat=True))


def test_a_token_is_ended_by_its_number_and_the_end_is_an_event(office, capsys):
    token, text = make_token(person=office.people["wu"], by=None, at=datetime.now(UTC))

    assert cli.main(Namespace(act="revoke", id=token.pk)) == 0

    assert Client().get("/api/v1/cases", headers={"Authorization": f"Bearer {text}"}).status_code == 401
    assert Event.objects.filter(step="api.token_revoked").count() == 1
    assert cli.main(Namespace(act="revoke", id=token.pk)) == 1
    assert "已停用" in capsys.readouterr().err
    assert cli.main(Namespace(act="revoke", id=token.pk + 99)) == 1
