"""What customers hear by themselves: every change of state of an after-sales case, and the result with channel and time."""

import pytest

from guiju.kernel import reactions
from guiju.kernel.process import process_of, processes


def followed(process):
    """The steps of a process after which the customer is told."""
    return {
        step
        for (name, step), runs in reactions._by_step.items()
        if name == process and any(run.startswith("notify.progress.") for run in runs)
    }


@pytest.mark.clause("E-4.3-a", "F-2.4-d")
def test_every_change_of_state_of_an_after_sales_case_is_told_to_the_customer():
    process = process_of("after_sales")
    moving = {step.name for step in process.steps if step.to is not None}

    assert moving - followed("after_sales") == set()


@pytest.mark.clause("E-2.5-a")
def test_the_result_of_a_repair_is_told_by_a_template_of_its_own():
    for step in ("finish", "visit_finished"):
        assert "notify.progress.after_sales.after_sales.result" in reactions.names_for("after_sales", step)


@pytest.mark.parametrize("process", sorted(processes()))
def test_news_follow_only_steps_that_exist(process):
    assert followed(process) - {step.name for step in process_of(process).steps} == set()
