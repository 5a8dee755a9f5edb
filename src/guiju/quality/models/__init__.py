"""Rows of quality: complaints and what follows from them, call-backs, satisfaction, observation."""

from guiju.quality.models.callback import Callback, CallbackAttempt
from guiju.quality.models.compensation import Compensation, ContractorWork
from guiju.quality.models.complaint import Complaint, ComplaintClerk
from guiju.quality.models.corrective import CorrectiveAction
from guiju.quality.models.dispute import Dispute
from guiju.quality.models.memo import Memo
from guiju.quality.models.observation import Observation, ProductDuty, Training
from guiju.quality.models.record import RecordEntry
from guiju.quality.models.safety import (
    Emergency,
    EmergencyStep,
    Equipment,
    Maintenance,
    SafetyIncident,
)
from guiju.quality.models.survey import Feedback, Rating

__all__ = [
    "Callback",
    "CallbackAttempt",
    "Compensation",
    "Complaint",
    "ComplaintClerk",
    "ContractorWork",
    "CorrectiveAction",
    "Dispute",
    "Emergency",
    "EmergencyStep",
    "Equipment",
    "Feedback",
    "Maintenance",
    "Memo",
    "Observation",
    "ProductDuty",
    "Rating",
    "RecordEntry",
    "SafetyIncident",
    "Training",
]
