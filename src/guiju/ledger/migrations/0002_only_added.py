"""The database refuses to change or remove rows of the books; only ``Till`` moves on."""

from django.db import migrations

from guiju.kernel import only_added

TABLES = (
    "ledger_allocation", "ledger_bankline", "ledger_bankmatch", "ledger_bankstatement", "ledger_book",
    "ledger_bookdeal", "ledger_collectiontarget", "ledger_daycheck", "ledger_dayclosing", "ledger_invoice",
    "ledger_invoicerequest", "ledger_paidcheck", "ledger_paymentslip", "ledger_payout", "ledger_penaltyterm", "ledger_penaltywaiver", "ledger_receipt", "ledger_receiptcheck",
    "ledger_receivable", "ledger_receivableentry", "ledger_refund", "ledger_returnconsent", "ledger_returnorder",
)  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunPython(*only_added.triggers(*TABLES))]
