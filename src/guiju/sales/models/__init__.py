"""Models of sales: deals with their subscriptions, and what follows them up to the paid price."""

from guiju.sales.models.changing import ChangeApplication, DealChange
from guiju.sales.models.deals import BuyerPaper, Deal, DealBuyer, Payment, Subscription
from guiju.sales.models.filing import BuildingRegime, ContractApproval, Filing, Milestone
from guiju.sales.models.mortgage import LoanArrears, MissingList, Mortgage, MortgagePaper, MortgageProblem
from guiju.sales.models.referral import Referral
from guiju.sales.models.refund import ReturnPayee, ReturnRelease, RoomReturn
from guiju.sales.models.signing import (
    AddedClause,
    Contract,
    ContractTemplate,
    ContractText,
    NegotiationPoint,
    PreparedDocument,
    Signing,
    SigningPaper,
    TextCount,
    TextEntry,
)

__all__ = [
    "AddedClause",
    "BuildingRegime",
    "BuyerPaper",
    "ChangeApplication",
    "Contract",
    "ContractApproval",
    "ContractTemplate",
    "ContractText",
    "Deal",
    "DealBuyer",
    "DealChange",
    "Filing",
    "LoanArrears",
    "Milestone",
    "MissingList",
    "Mortgage",
    "MortgagePaper",
    "MortgageProblem",
    "NegotiationPoint",
    "Payment",
    "PreparedDocument",
    "Referral",
    "ReturnPayee",
    "ReturnRelease",
    "RoomReturn",
    "Signing",
    "SigningPaper",
    "Subscription",
    "TextCount",
    "TextEntry",
]
