from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "guiju.sales"
    label = "sales"
    verbose_name = "销售流程"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.sales import answers, papers, receivables, searching  # noqa: F401 - answers, offers papers, can be found
        from guiju.sales.processes import subscription  # noqa: F401 - registers the process
