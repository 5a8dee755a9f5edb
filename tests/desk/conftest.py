from __future__ import annotations

from tests.desk.servicing import Service, build
from tests.stories.conftest import beijing
from tests.worlds import world


@world(files=True)
def service() -> Service:
    return build(beijing("2025-08-01 09:00"))
