"""Complaints 投诉: so far those of the past, which registers bring in as history (DECISIONS 22).

They carry no clock, no notice and no KPI. One that is still open can be settled with its result.
"""

from __future__ import annotations

from guiju.kernel.forms import Nothing
from guiju.kernel.process import Process, State, Step, register
from guiju.org.posts import CS_ASSISTANT_MANAGER, CS_CLERK, CS_MANAGER, FRONT_DESK, QUALITY
from guiju.quality.forms.past import SettleForm
from guiju.quality.operations.past import settle_past


class Is(State):
    """Where a complaint of the past stands."""

    OPEN = "open", "历史未结", "hold"
    CLOSED = "closed", "历史已结", "done"


COMPLAINT = register(
    Process(
        "complaint",
        "投诉",
        series="TS",
        sop="",
        starts=Is.OPEN,
        ends=(Is.CLOSED,),
        untimed=(Is.OPEN,),
        steps=(
            Step(
                "import", "历史导入", (), (), "I-2.8-e", to=Is.OPEN, opens=True, form=Nothing, by_clock=True
            ),
            Step(
                "settle",
                "补记办结",
                (Is.OPEN,),
                (CS_CLERK, CS_ASSISTANT_MANAGER, CS_MANAGER, FRONT_DESK, QUALITY),
                "I-2.8-e",
                to=Is.CLOSED,
                form=SettleForm,
                does=(settle_past,),
                main=True,
            ),
        ),
    )
)
