from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class PapersConfig(AppConfig):
    name = "guiju.papers"
    label = "papers"
    verbose_name = "单据与附件"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.papers import (  # noqa: F401 -- answers and jobs need the models
            answers,
            changing,
            contracting,
            jobs,
            receiving,
            records,
            returning,
            servicing,
            surveying,
            works,
        )

        # What every app knows of a case for its evidence pack, each in its own evidence.py.
        autodiscover_modules("evidence")
