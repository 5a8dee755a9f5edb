from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "guiju.registers"
    label = "registers"
    verbose_name = "台账导入"
    default_auto_field = "django.db.models.BigAutoField"
