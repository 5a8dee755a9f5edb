"""The watchman's questions, and the closed door."""

import pytest
from django.core.management import call_command

from guiju import monitoring


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(monitoring, "_figures", (0.0, ""))
    monkeypatch.setattr(monitoring, "_ready", False)


def test_alive_is_answered_without_the_database(client):
    answer = client.get("/healthz")

    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.django_db
def test_ready_says_what_is_lacking(client, settings, tmp_path):
    assert client.get("/readyz").status_code == 200

    settings.GUIJU_DATA = tmp_path / "gone"
    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert "data folder" in answer.content.decode()


@pytest.mark.django_db
def test_figures_are_counted_once_in_fifteen_seconds(client, django_assert_num_queries):
    first = client.get("/metrics")
    with django_assert_num_queries(0):
        second = client.get("/metrics")

    assert "guiju_cases_open 0" in first.content.decode()
    assert "guiju_reactions_dead 0" in second.content.decode()
    assert "guiju_requests_total" in second.content.decode()


@pytest.mark.django_db
def test_figures_go_through_a_proxy_only_with_the_token(client, settings):
    settings.GUIJU_METRICS_TOKEN = "watch"
    outside = {"X-Forwarded-For": "203.0.113.7"}

    assert client.get("/metrics", headers=outside).status_code == 404
    assert client.get("/metrics", headers={**outside, "Authorization": "Bearer guess"}).status_code == 404
    assert client.get("/metrics", headers={**outside, "Authorization": "Bearer watch"}).status_code == 200


@pytest.mark.parametrize(
    "path", ["/accounts/password/change/", "/accounts/2fa/", "/accounts/reauthenticate/"]
)
def test_pages_ask_for_a_sign_in(client, path):
    answer = client.get(path)

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_the_sign_in_page_is_open_and_allows_nothing_inline(client):
    answer = client.get("/accounts/login/")
    policy = answer["Content-Security-Policy"]

    assert answer.status_code == 200
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.django_db
def test_five_wrong_passwords_lock_a_name_at_one_address_only(client, django_user_model):
    from guiju.org.models import Person

    assert django_user_model is Person
    for _ in range(5):
        client.post("/accounts/login/", {"login": "lin", "password": "wrong"})
    locked = client.post("/accounts/login/", {"login": "lin", "password": "wrong"})
    elsewhere = client.post(
        "/accounts/login/", {"login": "lin", "password": "wrong"}, REMOTE_ADDR="203.0.113.9"
    )

    assert locked.status_code == 429
    assert elsewhere.status_code == 200


def test_nobody_signs_up(client):
    answer = client.get("/accounts/signup/")

    assert answer.status_code in (302, 404)


@pytest.mark.django_db
def test_the_models_have_no_change_without_a_migration():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
