from __future__ import annotations

from typing import Any

import pytest

from tests.desk.servicing import Service, build
from tests.stories.conftest import beijing


@pytest.fixture
def service(db: None, tmp_path: Any, settings: Any) -> Service:
    settings.MEDIA_ROOT = tmp_path / "attachments"
    settings.GUIJU_ANCHORS = tmp_path / "anchors"
    return build(beijing("2025-08-01 09:00"))
