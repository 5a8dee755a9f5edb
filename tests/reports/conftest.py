"""Figures are counted in the house of after-sales."""

from tests.desk.conftest import service
from tests.stories.conftest import house
from tests.web.conftest import visit

__all__ = ["house", "service", "visit"]
