from django.apps import AppConfig


class SopConfig(AppConfig):
    name = "guiju.sop"
    label = "sop"
    verbose_name = "作业标准书"
    default_auto_field = "django.db.models.BigAutoField"
