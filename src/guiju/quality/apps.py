from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "guiju.quality"
    label = "quality"
    verbose_name = "质检"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.quality.processes import complaint  # noqa: F401 - registers the process
