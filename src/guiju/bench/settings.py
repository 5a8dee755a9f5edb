"""The program's own settings, with the table of the bare insert beside it."""

from guiju.settings import *  # noqa: F403
from guiju.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "guiju.bench.bare"]
