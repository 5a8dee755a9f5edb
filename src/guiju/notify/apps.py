from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class NotifyConfig(AppConfig):
    name = "guiju.notify"
    label = "notify"
    verbose_name = "通知"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # The templates of every app, each in its own notices.py.
        autodiscover_modules("notices")
        from guiju.notify import alarms, feedback, jobs  # noqa: F401 -- reactions and jobs need the models
