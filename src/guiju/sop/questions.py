"""What this app must ask of the apps above it."""

from __future__ import annotations

from guiju.kernel.questions import survey


@survey
def printed_forms() -> dict[str, str]:
    """Return the forms that can be printed: form code -> title. Answered by ``papers`` and whoever adds forms."""
    raise NotImplementedError
