"""Who signed in: Django's own check of name and password; the person is found by one prepared question."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend
from django.db.models import QuerySet

from guiju.kernel.prepared import prepared
from guiju.org.models import Person


class StaffBackend(ModelBackend):
    """Signs people in and recognises them on every page."""

    def get_user(self, user_id: int) -> Person | None:
        """Return the person of a session; nobody once the person has left."""
        person = _person.one(int(user_id))
        return person if person is not None and self.user_can_authenticate(person) else None


@prepared
def _person(key: int) -> QuerySet[Person, Person]:
    return Person.objects.filter(pk=key)
