from django.apps import AppConfig


class EstateConfig(AppConfig):
    name = "guiju.estate"
    label = "estate"
    verbose_name = "项目与房屋"
    default_auto_field = "django.db.models.BigAutoField"
