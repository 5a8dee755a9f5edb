from django.apps import AppConfig


class SopConfig(AppConfig):
    name = "guiju.sop"
    label = "sop"
    verbose_name = "作业标准书"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.kernel import ports
        from guiju.sop.policies import SHELF

        ports.register_policies(SHELF)
