"""Quality is tested in the house of after-sales: a repair can be closed there from its first word."""

from tests.desk.conftest import service
from tests.stories.conftest import house
from tests.web.conftest import visit

__all__ = ["house", "service", "visit"]
