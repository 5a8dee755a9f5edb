"""What the desk keeps, by the work it belongs to."""

from guiju.desk.models.aftersales import (
    AfterSales,
    Complexity,
    Coordination,
    ListEntry,
    Material,
    Met,
    OwnerChange,
    ServiceEntry,
    Skill,
    Solution,
    Urgency,
    Visit,
    VisitMaterial,
    WarrantyStart,
    WarrantyTerm,
)
from guiju.desk.models.fitout import FitoutChoice, FitoutSelection
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
    "NATURES", "AfterSales", "AreaCheck", "Channel", "Complexity", "Coordination", "FitoutChoice",
    "FitoutSelection", "FollowUp", "HeldCall",
    "Incoming", "Kind", "Letter",
    "ListEntry", "Mailbox", "Material", "Matter", "Met", "OwnerChange", "Promise", "Reception", "Recording",
    "ServiceEntry", "ShiftCheck", "Skill", "Solution", "Transfer", "Urgency", "Visit", "VisitMaterial",
    "WarrantyStart", "WarrantyTerm",
]  # fmt: skip
