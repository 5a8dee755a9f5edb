"""Money is given away only if somebody approves: no company may leave the seats of these steps empty."""

from __future__ import annotations

from guiju.kernel.engine import Context
from guiju.kernel.process import Need


def somebody_approves(clause: str) -> Need:
    """Return the need that the SOP names at least one post that always approves the step."""

    def ask(context: Context) -> str | None:
        seats = context.policy.step(context.step.name).approval
        if any(not seat.condition for seat in seats):
            return None
        return f"{context.step.label}须经审批：请在作业标准书的审批里写上审批岗位"

    return Need(ask, clause)
