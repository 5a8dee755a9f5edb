from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "guiju.quality"
    label = "quality"
    verbose_name = "质检"
    default_auto_field = "django.db.models.BigAutoField"
