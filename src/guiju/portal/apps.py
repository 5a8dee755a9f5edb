from importlib import import_module
from pkgutil import iter_modules

from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "guiju.portal"
    label = "portal"
    verbose_name = "对外页面"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.portal import purposes

        # Every file there registers the pages of one purpose.
        for found in iter_modules(purposes.__path__):
            import_module(f"{purposes.__name__}.{found.name}")
