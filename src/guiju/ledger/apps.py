from django.apps import AppConfig


class LedgerConfig(AppConfig):
    name = "guiju.ledger"
    label = "ledger"
    verbose_name = "账目"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.ledger import jobs  # noqa: F401 - what the worker does
