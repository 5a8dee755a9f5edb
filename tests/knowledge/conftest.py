"""Knowledge is tested in the house of after-sales: articles are written from its closed repairs."""

from tests.desk.conftest import service

__all__ = ["service"]
