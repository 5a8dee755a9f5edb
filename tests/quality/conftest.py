"""Quality is tested in the house of after-sales: a repair can be closed there from its first word."""

from tests.desk.conftest import service

__all__ = ["service"]
