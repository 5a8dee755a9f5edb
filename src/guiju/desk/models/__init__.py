"""What the desk keeps, by the work it belongs to."""

from guiju.desk.models.reception import (
    NATURES,
    AreaCheck,
    Channel,
    FollowUp,
    HeldCall,
    Incoming,
    Kind,
    Letter,
    Mailbox,
    Matter,
    Promise,
    Reception,
    Recording,
    ShiftCheck,
    Transfer,
)

__all__ = [
    "NATURES", "AreaCheck", "Channel", "FollowUp", "HeldCall", "Incoming", "Kind", "Letter", "Mailbox", "Matter",
    "Promise", "Reception", "Recording", "ShiftCheck", "Transfer",
]  # fmt: skip
