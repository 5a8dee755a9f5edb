from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "guiju.sales"
    label = "sales"
    verbose_name = "销售流程"
    default_auto_field = "django.db.models.BigAutoField"
