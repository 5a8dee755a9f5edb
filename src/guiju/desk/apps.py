from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "guiju.desk"
    label = "desk"
    verbose_name = "服务台"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.desk import (  # noqa: F401 - answers questions, offers papers, can be found
            aftersales_notices,
            aftersales_papers,
            aftersales_searching,
            intake_answers,
            intake_jobs,
            intake_searching,
            mailbox,
        )
        from guiju.desk.processes import (  # noqa: F401 - registers the processes
            after_sales,
            fitout_selection,
            reception,
            visit,
        )
