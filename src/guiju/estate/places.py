"""The scopes of the kernel are projects: their codes stand in numbers."""

from __future__ import annotations

from guiju.estate.models import Project


class ProjectScopes:
    """Answers the kernel's scope port with project codes."""

    def code(self, scope_id: int) -> str:
        """Return the project's code (Project.DoesNotExist if there is none)."""
        return Project.objects.values_list("code", flat=True).get(pk=scope_id)
