from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "guiju.desk"
    label = "desk"
    verbose_name = "服务台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.desk import intake_answers, intake_searching  # noqa: F401 - answers questions, can be found
        from guiju.desk.processes import reception  # noqa: F401 - registers the process
