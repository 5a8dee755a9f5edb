"""
The books. Rows are only added, and the database refuses to change or remove them; a correction is a new row that
names the old one. The single exception is ``Till``, which remembers up to which day a project is closed.
"""

from guiju.ledger.models.bank import BankLine, BankMatch, BankStatement
from guiju.ledger.models.books import Book, BookDeal, Till
from guiju.ledger.models.days import DayCheck, DayClosing
from guiju.ledger.models.invoices import Invoice, InvoiceRequest
from guiju.ledger.models.payouts import PaidCheck, Payout
from guiju.ledger.models.receipts import Allocation, Receipt, ReceiptCheck, Refund
from guiju.ledger.models.receivables import Kind, PenaltyTerm, PenaltyWaiver, Receivable, ReceivableEntry
from guiju.ledger.models.returns import ReturnConsent, ReturnOrder
from guiju.ledger.models.slips import PaymentSlip
from guiju.ledger.models.targets import CollectionTarget

__all__ = [
    "Allocation", "BankLine", "BankMatch", "BankStatement", "Book", "BookDeal", "CollectionTarget", "DayCheck", "DayClosing", "Invoice",
    "InvoiceRequest", "Kind", "PaidCheck", "PaymentSlip", "Payout", "PenaltyTerm", "PenaltyWaiver", "Receipt", "ReceiptCheck", "Receivable",
    "ReceivableEntry", "Refund", "ReturnConsent", "ReturnOrder", "Till",
]  # fmt: skip
