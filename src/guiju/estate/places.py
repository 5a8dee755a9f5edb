"""The scopes of the kernel are projects: their codes stand in numbers."""

from __future__ import annotations

from django.db.models import QuerySet

from guiju.estate.models import Project, Unit
from guiju.kernel.prepared import prepared


@prepared
def unit_at(key: int) -> QuerySet[Unit, Unit]:
    """The unit with its building and project."""
    return Unit.objects.filter(pk=key).select_related("building", "project")


@prepared
def _code_of(key: int) -> QuerySet[Project, str]:
    return Project.objects.filter(pk=key).values_list("code", flat=True)


class ProjectScopes:
    """Answers the kernel's scope port with project codes."""

    def code(self, scope_id: int) -> str:
        """Return the project's code (Project.DoesNotExist if there is none)."""
        code = _code_of.one(scope_id)
        if code is None:
            raise Project.DoesNotExist
        return code
