"""The door of the house: every page asks for a sign-in unless it says that it is open."""

from typing import Any, Final

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest

# The API asks for its own bearer token; the others say nothing about anybody.
MACHINE_PATHS: Final = ("/api/", "/healthz", "/readyz", "/metrics", "/static/")
# A link of the portal carries its own key.
OPEN_PATHS: Final = (*MACHINE_PATHS, "/o/")


class SignInRequired(LoginRequiredMiddleware):
    """Sends a visitor to the sign-in page, except under :data:`OPEN_PATHS` and views marked `login_not_required`."""

    def process_view(self, request: HttpRequest, *view: Any) -> Any:
        if request.path.startswith(OPEN_PATHS):
            return None
        return super().process_view(request, *view)
