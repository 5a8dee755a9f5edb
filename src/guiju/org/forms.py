"""Forms of the sign-in pages: the package's own, with our words and classes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.forms import ChangePasswordForm, LoginForm, ReauthenticateForm
from allauth.core import context
from allauth.mfa import app_settings as mfa
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, BaseAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as CodeAgainForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.signals import user_login_failed
from django.db.models import Q
from django.utils import timezone


def _dress(form: forms.Form, labels: dict[str, str], hints: dict[str, str] | None = None) -> None:
    for name, label in labels.items():
        field = form.fields[name]
        field.label = label
        field.help_text = (hints or {}).get(name, "")
        field.error_messages["required"] = f"请填写{label}。"
        field.widget.attrs.update({"class": "input"})
        field.widget.attrs.pop("placeholder", None)


class SignInForm(LoginForm):  # type: ignore[misc]
    """User name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self, {"login": "用户名", "password": "密码"})
        self.fields["login"].widget.attrs.update({"autocapitalize": "none", "spellcheck": "false"})
        # After a mistake only the password is typed again.
        self.fields["password" if self.is_bound else "login"].widget.attrs["autofocus"] = True

    def clean_login(self) -> str:
        """User names are lower case, however a phone's keyboard begins them."""
        name: str = super().clean_login()
        return name.lower()


class NewPasswordForm(ChangePasswordForm):  # type: ignore[misc]
    """The password in use, and the new one twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(
            self,
            {"oldpassword": "现在的密码", "password1": "新密码", "password2": "再输一遍新密码"},
            {"password1": "至少 10 位；不能全是数字，不能是常见密码，不能像你的用户名、姓名或电话。"},
        )

    def clean_oldpassword(self) -> str:
        """
        Check the password in use; a mistake counts as at the sign-in, so that an open screen is not for guessing at.

        :raises ValidationError: it is wrong, or the name is locked at this address.
        """
        credentials = {"username": self.user.username, "password": ""}
        if not AxesProxyHandler.is_allowed(context.request, credentials):
            context.request.axes_locked_out, context.request.axes_credentials = True, credentials
            raise get_adapter().validation_error("incorrect_code")
        try:
            typed: str = super().clean_oldpassword()
        except forms.ValidationError:
            user_login_failed.send(sender=__name__, credentials=credentials, request=context.request)
            raise
        return typed

    def clean(self) -> dict[str, Any]:
        """Both new passwords are the same."""
        cleaned: dict[str, Any] = forms.Form.clean(self) or {}
        first, second = cleaned.get("password1"), cleaned.get("password2")
        if first and second and first != second:
            self.add_error("password2", "两次输入的新密码不一样。")
        return cleaned


class PasswordAgainForm(ReauthenticateForm):  # type: ignore[misc]
    """The password once more, before a change to the sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _dress(self, {"password": "密码"})


def _code(form: forms.Form, label: str, hint: str) -> None:
    _dress(form, {"code": label}, {"code": hint})
    form.fields["code"].widget.attrs.update({"autocomplete": "one-time-code", "autofocus": True})


class _Counted(BaseAuthenticateForm):  # type: ignore[misc]
    """A wrong code counts as a wrong password does; a right one of the app serves once, in whichever process."""

    def clean_code(self) -> str:
        """
        Check the code.

        :raises ValidationError: it is wrong or was used, or the name is locked at this address.
        """
        credentials = {"username": self.user.username}
        if not AxesProxyHandler.is_allowed(context.request, credentials):
            context.request.axes_locked_out, context.request.axes_credentials = True, credentials
            raise get_adapter().validation_error("incorrect_code")
        now = timezone.now().timestamp()
        since = datetime.fromtimestamp(now - now % mfa.TOTP_PERIOD, UTC)
        try:
            code: str = super().clean_code()
            if self.authenticator.type == Authenticator.Type.TOTP and not _first_use(
                self.authenticator, since
            ):
                raise get_adapter().validation_error("incorrect_code")
        except forms.ValidationError:
            user_login_failed.send(sender=__name__, credentials=credentials, request=context.request)
            raise
        return code


def _first_use(app: Authenticator, since: datetime) -> bool:
    """Take the code of the period that began then: of several who show it at once, one passes."""
    unused = Authenticator.objects.filter(
        Q(last_used_at=None) | Q(last_used_at__lt=since), pk=app.pk, created_at__lt=since
    )
    return bool(unused.update(last_used_at=timezone.now()) == 1)


class CodeForm(_Counted, AuthenticateForm):  # type: ignore[misc]
    """The code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "验证码", "验证器上的 6 位数字；手机不在身边时，用一个恢复码。")


class CodeAgain(_Counted, CodeAgainForm):  # type: ignore[misc]
    """The code once more, before a change to the sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "验证码", "验证器上的 6 位数字，或一个恢复码。")


class FirstCodeForm(ActivateTOTPForm):  # type: ignore[misc]
    """The first code, which shows that the app was set up rightly."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "验证码", "扫码后，验证器上显示的 6 位数字。")
