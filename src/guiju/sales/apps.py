from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "guiju.sales"
    label = "sales"
    verbose_name = "销售流程"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from guiju.sales import (  # noqa: F401 - answers, offers papers, follows cases, can be found
            amounts,
            answers,
            changing_following,
            changing_papers,
            changing_searching,
            dunning,
            dunning_papers,
            filing_following,
            filing_papers,
            filing_searching,
            milestones,
            mortgage_jobs,
            mortgage_notices,
            mortgage_papers,
            papers,
            receivables,
            referral_papers,
            refund_following,
            refund_papers,
            searching,
            signing,
            signing_papers,
            signing_searching,
        )
        from guiju.sales.processes import (  # noqa: F401 - registers the processes
            contract_approval,
            contract_change,
            presale_filing,
            subscription,
            subscription_change,
        )
        from guiju.sales.processes import dunning as _dunning  # noqa: F401 - registers the process
        from guiju.sales.processes import mortgage as _mortgage  # noqa: F401 - registers the process
        from guiju.sales.processes import referral as _referral  # noqa: F401 - registers the process
        from guiju.sales.processes import refund as _refund  # noqa: F401 - registers the process
        from guiju.sales.processes import signing as _signing  # noqa: F401 - registers the process
