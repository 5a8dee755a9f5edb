from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "guiju.reports"
    label = "reports"
    verbose_name = "统计"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.reports import histories, jobs  # noqa: F401 -- these need the models
