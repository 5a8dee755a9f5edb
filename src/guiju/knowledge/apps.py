from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "guiju.knowledge"
    label = "knowledge"
    verbose_name = "知识库"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.knowledge import notices, searching  # noqa: F401 - templates, what can be found
        from guiju.knowledge.operations import using  # noqa: F401 - tells the group
        from guiju.knowledge.processes import article  # noqa: F401 - registers the process
