from django.apps import AppConfig


class EstateConfig(AppConfig):
    name = "guiju.estate"
    label = "estate"
    verbose_name = "项目与房屋"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.estate import answers, searching  # noqa: F401 - answers; registers what can be found
        from guiju.estate.places import ProjectScopes
        from guiju.estate.processes import unit_control  # noqa: F401 - registers the process
        from guiju.kernel.ports import register_scopes

        register_scopes(ProjectScopes())
