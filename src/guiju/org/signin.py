"""Signing in: own accounts made by the administrator, a second factor, and the lock after too many wrong passwords."""

from __future__ import annotations

import base64
import ipaddress
import re
from datetime import datetime, timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from guiju.kernel import engine
from guiju.kernel.crypto import decrypt, encrypt
from guiju.org import locking
from guiju.org.models import Person

_TOTP = "mfa_authenticator.data"


def client_address(request: HttpRequest) -> str:
    """
    Return the address that a request came from.

    The server listens on its own machine only, so a request from this machine comes through the proxy in front of
    it: then the last address of ``X-Forwarded-For`` counts, which the proxy wrote. Other requests are believed as
    they are, whatever they claim.
    """
    peer = str(request.META.get("REMOTE_ADDR") or "127.0.0.1")
    if peer in ("127.0.0.1", "::1"):
        last = str(request.META.get("HTTP_X_FORWARDED_FOR") or "").rsplit(",", 1)[-1].strip()
        try:
            return str(ipaddress.ip_address(last))
        except ValueError:
            return peer
    return peer


class StaffAccounts(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts of staff. People get theirs from the administrator; nobody signs up, no mail is sent."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": "用户名或密码不对。",
        "incorrect_password": "密码不对。",
        "enter_current_password": "请输入现在的密码。",
        "too_many_login_attempts": "试的次数太多，请过几分钟再试。",
        "rate_limited": "操作太频繁，请稍后再试。",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Count attempts by the address behind the proxy."""
        return client_address(request)

    def clean_password(self, password: str, user: Person | None = None) -> str:
        """
        Check a new password against the rules; the password in use is no new one.

        :raises ValidationError: in Chinese, naming each rule not met.
        """
        if user is not None and user.has_usable_password() and user.check_password(password):
            raise ValidationError("新密码不能与现在的密码相同。")
        checked: str = super().clean_password(password, user)
        return checked

    def set_password(self, user: Person, password: str) -> None:
        """Set the password a person chose; the first password is thereby changed. All other sessions end."""
        user.set_password(password)
        user.must_change_password = False
        user.save(update_fields=["password", "must_change_password"])
        engine.record(
            company_id=user.company_id,
            step="org.change_password",
            by=user,
            at=timezone.now(),
            given={"person": user.pk},
        )

    def add_message(
        self, request: HttpRequest, level: int, message_template: str = "", *_: Any, **__: Any
    ) -> None:
        """Say only what the person would not see otherwise."""
        words = {
            "account/messages/password_changed.txt": "密码已更改，其他设备上的登录已失效。",
            "mfa/messages/totp_activated.txt": "已启用两步验证。",
            "mfa/messages/totp_deactivated.txt": "已停用两步验证。",
            "mfa/messages/recovery_codes_generated.txt": "已生成新的恢复码，旧的作废。",
        }.get(message_template)
        if words:
            messages.add_message(request, level, words)

    def send_notification_mail(self, *_: Any, **__: Any) -> None:
        """Send nothing: the event chain keeps what happened, and the machine may have no mail."""


class SecondFactor(DefaultMFAAdapter):  # type: ignore[misc]
    """The second factor: its secrets are stored encrypted with the key of personal data."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "验证码不对，请看验证器上最新的 6 位数字。",
        "cannot_delete_authenticator": "现在不能停用两步验证。",
        "cannot_generate_recovery_codes": "先启用两步验证，再生成恢复码。",
    }

    def encrypt(self, text: str) -> str:
        """Return the secret encrypted for the authenticator table."""
        return base64.b64encode(encrypt(text, _TOTP)).decode("ascii")

    def build_totp_svg(self, url: str) -> str:
        """Return the code to scan on a white ground, so that it reads in the dark theme, too."""
        drawn: str = super().build_totp_svg(url)
        return re.sub(r"(<svg[^>]*>)", r'\1<rect width="100%" height="100%" fill="#fff"/>', drawn, count=1)

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret in the clear."""
        return decrypt(base64.b64decode(encrypted_text), _TOTP)


def client_words(username: str, address: str, agent: str, path: str, request: HttpRequest) -> str:
    """Return how the log calls whoever failed to sign in: by the address alone."""
    return address


def typed_username(request: HttpRequest | None, credentials: dict[str, Any] | None = None) -> str | None:
    """Return the name somebody tried to sign in with, however the form calls its field; None if there is none."""
    for source in (credentials or {}, getattr(request, "POST", {})):
        for field in ("username", "login"):
            if source.get(field):
                return str(source[field]).strip().lower()[:150]
    return None


def locked_until(username: str | None, ip_address: str | None) -> datetime | None:
    """Return when somebody locked out may try again: the last counted failure and the cooling-off time."""
    attempts = AccessAttempt.objects.filter(
        username=username, ip_address=ip_address, failures_since_start__gte=1
    )
    last = attempts.aggregate(last=Max("attempt_time"))["last"]
    cooling_off: timedelta = settings.AXES_COOLOFF_TIME
    return last + cooling_off if last else None


def locked_out(
    request: HttpRequest,
    response: HttpResponse | None = None,
    credentials: dict[str, Any] | None = None,
    **_: Any,
) -> HttpResponse:
    """Answer after too many wrong passwords: 429, saying until when, in words and as ``Retry-After``."""
    username, address, now = typed_username(request, credentials), client_address(request), timezone.now()
    what = locking.PASSWORD if "password" in request.POST else locking.CODE
    slowed = locking.slowed_until(username, address, what=what, at=now)
    until = slowed or locked_until(username, address)
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    answer = render(
        request,
        "account/locked_out.html",
        {
            "until": until,
            "minutes": minutes,
            "times": locking.CEILING if slowed else settings.AXES_FAILURE_LIMIT,
            "slowed": slowed is not None,
        },
        status=429,
    )
    if until is not None:
        answer["Retry-After"] = str(max(1, int((until - now).total_seconds())))
    return answer
