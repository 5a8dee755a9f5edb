"""Models of sales: deals with their subscriptions, and what follows them up to the paid price."""

from guiju.sales.models.deals import BuyerPaper, Deal, DealBuyer, Payment, Subscription

__all__ = ["BuyerPaper", "Deal", "DealBuyer", "Payment", "Subscription"]
