from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "guiju.quality"
    label = "quality"
    verbose_name = "质检"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.quality import (  # noqa: F401 - answers, reactions, templates, can be found
            answers,
            callbacks,
            feedback,
            following,
            merging,
            notices,
            papers,
            papers_survey,
            searching,
            surveys,
        )
        from guiju.quality.processes import (  # noqa: F401 - registers the processes
            callback,
            compensation,
            complaint,
            contractor_work,
            corrective_action,
            dispute,
            internal_memo,
        )

        # After all processes whose closing leads to a call-back.
        callbacks.follow()
        feedback.follow_complaints()
