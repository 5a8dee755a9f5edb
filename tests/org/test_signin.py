"""Signing in: passwords, the first password, the lock, the second factor, and doors closed by default."""

import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import get_resolver
from django.utils import timezone

from guiju.kernel.models import Event
from guiju.org import locking
from guiju.org.models import Person
from guiju.org.operations.people import (
    UnableToAddPerson,
    UnableToResetPassword,
    add_person,
    leave,
    lift_lockout,
    reset_password,
)
from guiju.org.queries import sign_in_of
from guiju.org.seed import DEMO_PASSWORD, seed_administrator

from .conftest import NOW

LOGIN, CHANGE, INDEX = "/accounts/login/", "/accounts/password/change/", "/accounts/2fa/"


def sign_in(client, username="lin", password=DEMO_PASSWORD, **headers):
    return client.post(LOGIN, {"login": username, "password": password}, **headers)


def signed_in(client) -> bool:
    return "_auth_user_id" in client.session


def code_for(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def text(response) -> str:
    return response.content.decode()


def test_a_person_signs_in_with_name_and_password(client, people):
    page = client.get(LOGIN)
    answer = sign_in(client)

    assert page.status_code == 200
    assert "账号由系统管理员开通" in text(page)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert signed_in(client)


def test_the_user_name_may_begin_with_a_capital(client, people):
    sign_in(client, username=" Lin ")

    assert signed_in(client)


def test_a_wrong_password_is_refused_without_saying_which_half_was_wrong(client, people):
    known = sign_in(client, password="wrong")
    unknown = sign_in(client, username="nobody", password="wrong")

    assert "用户名或密码不对。" in text(known)
    assert "用户名或密码不对。" in text(unknown)
    assert not signed_in(client)


def test_nobody_signs_up_or_resets_a_password_by_mail(client, people):
    for path in ("/accounts/signup/", "/accounts/password/reset/", "/accounts/email/"):
        assert client.get(path).status_code in (302, 404)
        assert client.post(path, {"username": "x", "password1": "y"}).status_code in (302, 404)
    assert Person.objects.count() == len(people)


def test_sessions_change_their_key_at_sign_in(client, people):
    client.get(LOGIN)
    client.session.save()
    before = client.session.session_key
    sign_in(client)

    assert client.session.session_key != before


def test_signing_out_ends_the_session(client, people):
    sign_in(client)
    assert "退出登录" in text(client.get("/accounts/logout/"))
    client.post("/accounts/logout/")

    assert not signed_in(client)


# --- closed by default -----------------------------------------------------------------------------------------------
OPEN = re.compile(
    r"^(api/v1/|healthz|readyz|metrics|static/|accounts/login/|accounts/logout/|accounts/2fa/authenticate/|o/)"
)


def paths(patterns=None, prefix=""):
    for entry in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(entry.pattern)
        if hasattr(entry, "url_patterns"):
            yield from paths(entry.url_patterns, path)
        else:
            yield re.sub(r"<(?:int:)?\w+>", "1", re.sub(r"<(?:str|slug|path|uuid):\w+>", "x", path))


def test_every_page_but_the_doors_asks_for_a_sign_in(client, db):
    closed = [path for path in paths() if not OPEN.match(path)]
    assert closed

    for path in closed:
        answer = client.get("/" + path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith(LOGIN), path


# --- the lock --------------------------------------------------------------------------------------------------------
def test_five_wrong_passwords_lock_the_name_at_this_address_and_say_until_when(client, people):
    for _ in range(4):
        assert sign_in(client, password="wrong").status_code == 200
    fifth = sign_in(client, password="wrong")
    right = sign_in(client)

    until = AccessAttempt.objects.get(username="lin").attempt_time + timedelta(minutes=15)
    for answer in (fifth, right):
        assert answer.status_code == 429
        assert "密码连续输错 5 次" in text(answer)
        assert timezone.localtime(until).strftime("%H:%M:%S") in text(answer)
        assert 0 < int(answer["Retry-After"]) <= 900
    assert not signed_in(client)


def test_the_lock_does_not_hold_elsewhere_nor_for_others(client, people):
    for _ in range(6):
        sign_in(client, password="wrong")

    assert sign_in(client, username="luo").status_code == 302
    client.post("/accounts/logout/")
    assert sign_in(client, REMOTE_ADDR="192.0.2.7").status_code == 302


def test_behind_the_proxy_the_lock_holds_for_the_address_it_names(client, people):
    def through_proxy(address):
        return {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": address}

    for _ in range(5):
        sign_in(client, password="wrong", **through_proxy("198.51.100.1, 192.0.2.7"))

    assert AccessAttempt.objects.get().ip_address == "192.0.2.7"
    assert sign_in(client, **through_proxy("203.0.113.9, 192.0.2.7")).status_code == 429
    assert sign_in(client, **through_proxy("192.0.2.8")).status_code == 302


def test_a_stranger_does_not_choose_the_own_address(client, people):
    for n in range(5):
        sign_in(client, password="wrong", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR=f"203.0.113.{n}")

    assert sign_in(client, REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="203.0.113.99").status_code == 429


def test_the_lock_ends_after_fifteen_minutes_and_trying_again_does_not_make_it_longer(client, people):
    for _ in range(5):
        sign_in(client, password="wrong")
    attempt = AccessAttempt.objects.get(username="lin")
    attempt.attempt_time -= timedelta(minutes=14, seconds=59)
    attempt.save()
    assert sign_in(client, password="wrong").status_code == 429

    attempt.attempt_time -= timedelta(seconds=2)
    attempt.save()

    assert sign_in(client).status_code == 302


def test_an_administrator_lifts_the_lock(client, people):
    for _ in range(5):
        sign_in(client, password="wrong")

    assert lift_lockout(person=people["lin"], by=people["admin"], at=NOW) == 1

    assert sign_in(client).status_code == 302


def test_over_many_addresses_an_account_is_tried_once_a_quarter_of_an_hour_but_known_places_sign_in(
    client, people
):
    sign_in(client, REMOTE_ADDR="198.51.100.1")
    client.post("/accounts/logout/")

    guessed = [sign_in(Client(), password="wrong", REMOTE_ADDR=f"192.0.2.{n}").status_code for n in range(20)]
    held = sign_in(Client(), REMOTE_ADDR="203.0.113.1")

    assert guessed == [200] * 20
    assert held.status_code == 429
    assert "24 小时内，这个用户名在各处共输错 20 次以上" in text(held)
    assert 0 < int(held["Retry-After"]) <= 900
    state = sign_in_of(people["lin"], at=timezone.now())
    assert (state.slowed, state.everywhere, state.addresses) == (True, 20, 20)
    # Neither others nor the person at the office notice.
    assert sign_in(Client(), username="luo", REMOTE_ADDR="203.0.113.1").status_code == 302
    assert sign_in(Client(), REMOTE_ADDR="198.51.100.1").status_code == 302

    # After the pause one try is looked at; what is refused does not make the pause longer.
    AccessFailureLog.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert sign_in(Client(), password="wrong", REMOTE_ADDR="203.0.113.2").status_code == 200
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.3").status_code == 429
    AccessFailureLog.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.3").status_code == 302
    assert AccessFailureLog.objects.count() == 21

    AccessLog.objects.all().delete()
    AccessFailureLog.objects.update(attempt_time=timezone.now())
    assert lift_lockout(person=people["lin"], by=people["admin"], at=NOW) > 0
    assert sign_in(Client(), REMOTE_ADDR="203.0.113.4").status_code == 302


def test_a_second_factor_spares_the_password_of_the_ceiling_and_has_one_of_its_own(client, still):
    at = timezone.now()
    for n in range(20):
        locking._write("lin", f"192.0.2.{n}", locking.PASSWORD, at)
    fresh = Client(REMOTE_ADDR="203.0.113.1")
    page = sign_in(fresh)["Location"]
    assert page == "/accounts/2fa/authenticate/"

    for n in range(20):
        locking._write("lin", f"192.0.2.{n}", locking.CODE, at)
    Authenticator.objects.update(created_at=at - timedelta(hours=1))
    assert fresh.post(page, {"code": still}).status_code == 429
    assert not signed_in(fresh)


# --- passwords -------------------------------------------------------------------------------------------------------
def test_a_first_password_must_be_changed_before_anything_else(client, people, company):
    bai, password = add_person(username="bai", name="白雪", company=company, by=people["admin"], at=NOW)
    sign_in(client, "bai", password)

    assert client.get(INDEX)["Location"] == CHANGE
    part = client.get(INDEX, headers={"HX-Request": "true"})
    assert (part.status_code, part["HX-Redirect"]) == (204, CHANGE)
    assert "你用的是初始密码" in text(client.get(CHANGE))

    new = "four plain words here"
    client.post(CHANGE, {"oldpassword": password, "password1": new, "password2": new})

    assert client.get(INDEX).status_code == 200
    bai.refresh_from_db()
    assert not bai.must_change_password
    assert Event.objects.filter(step="org.change_password", actor_id=bai.pk).count() == 1


@pytest.mark.parametrize(
    ("password", "words"),
    [
        (DEMO_PASSWORD, "不能与现在的密码相同"),
        ("short", "10"),
        ("8402957316", "数字"),
        ("password123", "常见"),
    ],
)
def test_a_weak_new_password_is_refused(client, people, password, words):
    sign_in(client)

    answer = client.post(CHANGE, {"oldpassword": DEMO_PASSWORD, "password1": password, "password2": password})

    assert answer.status_code == 200
    assert words in text(answer)
    assert people["lin"].check_password(DEMO_PASSWORD)


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(client, people):
    other = Client()
    sign_in(client)
    sign_in(other)
    new = "four plain words here"
    refused = client.post(CHANGE, {"oldpassword": "wrong", "password1": new, "password2": new})
    differing = client.post(CHANGE, {"oldpassword": DEMO_PASSWORD, "password1": new, "password2": new + "!"})
    assert "请输入现在的密码" in text(refused)
    assert "两次输入的新密码不一样" in text(differing)

    client.post(CHANGE, {"oldpassword": DEMO_PASSWORD, "password1": new, "password2": new})

    assert client.get(INDEX).status_code == 200
    assert other.get(INDEX).status_code == 302


def test_a_reset_ends_sessions_lifts_the_lock_and_gives_a_first_password(client, people):
    sign_in(client)
    password = reset_password(person=people["lin"], by=people["admin"], at=NOW)

    assert re.fullmatch(r"([a-z]{4}-){3}[0-9]{4}", password)
    assert client.get(INDEX).status_code == 302
    client.logout()
    assert sign_in(client, password=password).status_code == 302
    assert client.get(INDEX)["Location"] == CHANGE


def test_a_leaver_is_signed_out_at_once_and_cannot_sign_in_again(client, people):
    sign_in(client)
    leave(person=people["lin"], successor=None, by=people["admin"], at=NOW, reason="离职")

    assert client.get(INDEX)["Location"].startswith(LOGIN)
    client.logout()
    assert sign_in(client).status_code == 200
    assert not signed_in(client)
    people["lin"].refresh_from_db()
    with pytest.raises(UnableToResetPassword, match="已离职"):
        reset_password(person=people["lin"], by=people["admin"], at=NOW)


@pytest.mark.parametrize("username", ["lin", "9lives", "a", "with space", "UPPER CASE"])
def test_unfit_user_names_are_refused(people, company, username):
    with pytest.raises(UnableToAddPerson):
        add_person(username=username, name="某人", company=company, by=people["admin"], at=NOW)


def test_an_idle_session_ends_after_eight_hours_and_use_keeps_it_alive(client, people, monkeypatch):
    from guiju.org import middleware

    sign_in(client)
    client.get(INDEX)
    clock = middleware.time.time()
    session = Session.objects.get()
    assert timedelta(hours=7, minutes=59) < session.expire_date - timezone.now() <= timedelta(hours=8)
    monkeypatch.setattr(middleware.time, "time", lambda: clock + 4 * 60)
    quiet = client.get(INDEX)
    monkeypatch.setattr(middleware.time, "time", lambda: clock + 6 * 60)
    noted = client.get(INDEX)

    assert "sessionid" not in quiet.cookies
    assert "sessionid" in noted.cookies
    assert Session.objects.get().expire_date > session.expire_date


# --- the second factor -----------------------------------------------------------------------------------------------
def confirm(client, page):
    """Say once more that it is you: the page asks for the password before it changes the sign-in."""
    asked = client.get(page)
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    assert "再次确认身份" in text(client.get(asked["Location"]))
    assert "密码不对" in text(client.post(asked["Location"], {"password": "wrong", "next": page}))
    assert client.post(asked["Location"], {"password": DEMO_PASSWORD, "next": page})["Location"] == page


@pytest.fixture
def with_totp(client, people):
    sign_in(client)
    confirm(client, "/accounts/2fa/totp/activate/")
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    done = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    assert done["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def test_enrolling_shows_a_code_to_scan_and_recovery_codes(client, people):
    sign_in(client)
    confirm(client, "/accounts/2fa/totp/activate/")
    page = client.get("/accounts/2fa/totp/activate/")
    assert "data:image/svg+xml;base64," in text(page)
    assert '<rect width="100%" height="100%" fill="#fff"/>' in page.context["totp_svg"]
    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    assert "验证码不对" in text(wrong)
    assert not Authenticator.objects.exists()


def test_the_secret_is_stored_encrypted(client, with_totp):
    stored = Authenticator.objects.get(type="totp").data["secret"]

    assert with_totp not in stored


def test_signing_in_then_needs_the_code(client, with_totp, people):
    codes = text(client.get("/accounts/2fa/recovery-codes/"))
    recovery = re.findall(r"^[0-9a-f]{8,}$|(?<=<pre>)[0-9a-zA-Z]+", codes, re.M)[0]
    assert "已启用" in text(client.get(INDEX))
    client.post("/accounts/logout/")

    first = sign_in(client)
    assert first["Location"] == "/accounts/2fa/authenticate/"
    assert not signed_in(client)
    assert "两步验证" in text(client.get(first["Location"]))
    assert "验证码不对" in text(client.post(first["Location"], {"code": "000000"}))
    assert not signed_in(client)

    done = client.post(first["Location"], {"code": recovery})

    assert done.status_code == 302
    assert signed_in(client)


@pytest.fixture
def still(with_totp, monkeypatch):
    """The code of one period, good during the whole test."""
    period = next(iter(yield_hotp_counters_from_time()))
    monkeypatch.setattr(
        "allauth.mfa.totp.internal.auth.yield_hotp_counters_from_time", lambda: iter([period])
    )
    return format_hotp_value(hotp_value(with_totp, period))


def test_a_code_of_the_app_serves_once_in_whichever_process(client, still):
    client.post("/accounts/logout/")
    page = sign_in(client)["Location"]
    # The code that enrolled is not good for signing in, too.
    Authenticator.objects.update(created_at=timezone.now() + timedelta(minutes=1))
    assert "验证码不对" in text(client.post(page, {"code": still}))
    Authenticator.objects.update(created_at=timezone.now() - timedelta(hours=1))
    cache.clear()
    assert client.post(page, {"code": still}).status_code == 302
    assert signed_in(client)
    client.post("/accounts/logout/")

    cache.clear()  # another process remembers nothing of this one
    sign_in(client)
    Authenticator.objects.filter(type="totp").update(last_used_at=timezone.now() + timedelta(minutes=1))
    again = client.post(page, {"code": still})

    assert "验证码不对" in text(again)
    assert not signed_in(client)


def test_five_wrong_codes_lock_as_five_wrong_passwords_do(client, still):
    client.post("/accounts/logout/")
    page = sign_in(client)["Location"]
    Authenticator.objects.update(created_at=timezone.now() - timedelta(hours=1))

    AccessAttempt.objects.all().delete()

    answers = [client.post(page, {"code": "000000"}).status_code for _ in range(5)]
    right = client.post(page, {"code": still})

    assert answers == [200, 200, 200, 200, 429]
    assert right.status_code == 429
    assert not signed_in(client)
    assert sign_in(Client()).status_code == 429


def test_the_second_factor_can_be_put_off_by_its_person_and_by_the_administrator(client, with_totp, people):
    assert "停用后" in text(client.get("/accounts/2fa/totp/deactivate/"))
    client.post("/accounts/2fa/totp/deactivate/")
    assert not Authenticator.objects.exists()

    Authenticator.objects.create(user=people["lin"], type="totp", data={"secret": "x"})
    reset_password(person=people["lin"], by=people["admin"], at=NOW, second_factor_too=True)
    assert not Authenticator.objects.exists()


def test_recovery_codes_can_be_renewed(client, with_totp):
    before = text(client.get("/accounts/2fa/recovery-codes/"))
    assert "立即作废" in text(client.get("/accounts/2fa/recovery-codes/generate/"))
    client.post("/accounts/2fa/recovery-codes/generate/")

    assert text(client.get("/accounts/2fa/recovery-codes/")) != before


# --- the first person ------------------------------------------------------------------------------------------------
def test_the_first_administrator_is_made_once_and_changes_the_password(client, company):
    made = seed_administrator(
        NOW, company=company, username="root", name="管理员", password="first-pass-2468"
    )
    again = seed_administrator(NOW, company=company, username="root", name="别人", password="other-pass-2468")

    assert made == again
    sign_in(client, "root", "first-pass-2468")
    assert client.get(INDEX)["Location"] == CHANGE
