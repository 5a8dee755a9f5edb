from django.apps import AppConfig


class KernelConfig(AppConfig):
    name = "guiju.kernel"
    label = "kernel"
    verbose_name = "流程内核"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.kernel import checks  # noqa: F401 - registers the checks
