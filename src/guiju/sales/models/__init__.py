"""Models of sales: deals with their subscriptions, and what follows them up to the paid price."""

from guiju.sales.models.deals import BuyerPaper, Deal, DealBuyer, Payment, Subscription
from guiju.sales.models.mortgage import LoanArrears, MissingList, Mortgage, MortgagePaper, MortgageProblem
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
    "BuyerPaper",
    "Contract",
    "ContractTemplate",
    "ContractText",
    "Deal",
    "DealBuyer",
    "LoanArrears",
    "MissingList",
    "Mortgage",
    "MortgagePaper",
    "MortgageProblem",
    "NegotiationPoint",
    "Payment",
    "PreparedDocument",
    "Signing",
    "SigningPaper",
    "Subscription",
    "TextCount",
    "TextEntry",
]
