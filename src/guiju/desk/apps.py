from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "guiju.desk"
    label = "desk"
    verbose_name = "服务台"
    default_auto_field = "django.db.models.BigAutoField"
