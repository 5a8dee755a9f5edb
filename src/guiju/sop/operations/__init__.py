"""Acts on SOPs, by subject."""

from guiju.sop.operations.cases import UnableToMove, move_case
from guiju.sop.operations.loading import UnableToLoad, load_shipped
from guiju.sop.operations.publishing import UnableToPublish, publish, retire
from guiju.sop.operations.readings import UnableToRecord, note_reading, train
from guiju.sop.operations.revising import UnableToRevise, approve, draft_from, edit, review, send_back, submit
from guiju.sop.operations.suggestions import UnableToDecide, UnableToSuggest, decide_suggestion, suggest
from guiju.sop.operations.values import UnableToSetValue, approve_value, propose_value

__all__ = [
    "UnableToDecide",
    "UnableToLoad",
    "UnableToMove",
    "UnableToPublish",
    "UnableToRecord",
    "UnableToRevise",
    "UnableToSetValue",
    "UnableToSuggest",
    "approve",
    "approve_value",
    "decide_suggestion",
    "draft_from",
    "edit",
    "load_shipped",
    "move_case",
    "note_reading",
    "propose_value",
    "publish",
    "retire",
    "review",
    "send_back",
    "submit",
    "suggest",
    "train",
]
