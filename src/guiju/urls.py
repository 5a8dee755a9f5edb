"""Addresses: staff pages at the root, machines under /api/v1/, monitoring beside them."""

from importlib.util import find_spec

from allauth.account import views as account
from django.urls import URLPattern, URLResolver, include, path

from guiju import monitoring

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", monitoring.healthz, name="healthz"),
    path("readyz", monitoring.readyz, name="readyz"),
    path("metrics", monitoring.metrics, name="metrics"),
    # Only these doors of the sign-in package are open: nobody signs up, and the administrator sets new passwords.
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", account.logout, name="account_logout"),
    path("accounts/reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("accounts/password/change/", account.password_change, name="account_change_password"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
]

for _module, _prefix in (("guiju.api.urls", "api/v1/"), ("guiju.portal.urls", "o/"), ("guiju.web.urls", "")):
    if find_spec(_module):
        urlpatterns.append(path(_prefix, include(_module)))

handler403 = "guiju.web.views.errors.forbidden"
handler404 = "guiju.web.views.errors.not_found"
handler500 = "guiju.web.views.errors.server_error"
