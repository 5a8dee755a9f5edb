from django.apps import AppConfig


class CustomersConfig(AppConfig):
    name = "guiju.customers"
    label = "customers"
    verbose_name = "客户"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.customers import jobs, searching  # noqa: F401 - registers what can be found and what is due
