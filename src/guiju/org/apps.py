from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "guiju.org"
    label = "org"
    verbose_name = "组织与人员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Answer the kernel's questions about people."""
        from guiju.kernel import ports
        from guiju.org.people import ROSTER

        ports.register_people(ROSTER)
