from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "guiju.web"
    label = "web"
    verbose_name = "工作页面"
    default_auto_field = "django.db.models.BigAutoField"
