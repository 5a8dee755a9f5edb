"""For every model somebody has decided whether its rows may change; history may not."""

import re

from django.apps import apps

from tests.house.layout import APPS, SOURCE, modules

# Rows that are written once. A correction is another row.
IMMUTABLE = {
    "kernel.Event", "kernel.Vote",
    "org.FunctionMove", "org.Look", "org.PlanVersion", "org.TaskCheck",
    "sop.Edition", "sop.Reading", "sop.Slip",
    "papers.AttachmentUse", "papers.Reprint", "papers.Signature", "papers.SealHandover", "papers.SealUse",
    "notify.Attempt",
    "estate.ControlChange", "estate.PriceChange",
    "ledger.Allocation", "ledger.BankLine", "ledger.BankMatch", "ledger.BankStatement", "ledger.Book", "ledger.BookDeal",
    "ledger.CollectionTarget",
    "ledger.DayCheck", "ledger.DayClosing", "ledger.Invoice", "ledger.InvoiceRequest", "ledger.PaidCheck", "ledger.PaymentSlip", "ledger.Payout", "ledger.PenaltyTerm",
    "ledger.PenaltyWaiver", "ledger.Receipt", "ledger.ReceiptCheck", "ledger.Receivable", "ledger.ReceivableEntry",
    "ledger.Refund", "ledger.ReturnConsent", "ledger.ReturnOrder",
    "quality.RecordEntry",
    "knowledge.ArticleUse",
    "quality.CallbackAttempt", "quality.Maintenance", "quality.Observation", "quality.Rating", "quality.SafetyIncident",
    "reports.Adjustment", "reports.Snapshot", "reports.Target",
    "customers.ContactRecord", "customers.CustomerFact", "customers.MailingList", "desk.AreaCheck", "desk.ServiceEntry",
    "sales.TextCount", "sales.TextEntry", "sales.BuildingRegime", "sales.Milestone",
}  # fmt: skip

MUTABLE = {
    "api.Token",
    "reports.KpiLine", "reports.KpiMark", "reports.KpiSum",
    "kernel.ApprovalRequest", "kernel.CalendarDay", "kernel.CalendarEdition", "kernel.Case", "kernel.CaseLink",
    "kernel.ChainHead", "kernel.Clock", "kernel.ClockPause", "kernel.Counter", "kernel.Deviation", "kernel.Reaction", "kernel.Reply",
    "kernel.SearchEntry", "kernel.Tick", "kernel.Todo", "kernel.WorkHours",
    "org.Centre", "org.Certificate", "org.Company", "org.CompanyDuty", "org.Contact", "org.Delegation",
    "org.Department", "org.DescribedDuty", "org.Establishment", "org.ExportRequest", "org.Function", "org.Goal",
    "org.Group", "org.Holding", "org.JobDescription", "org.Person", "org.Post", "org.Task", "org.Team",
    "org.WorkPlan",
    "sop.Document", "sop.ScopeValue", "sop.Stamp", "sop.Suggestion", "sop.Version",
    "papers.Attachment", "papers.Paper", "papers.Seal", "papers.SealLoan",
    "notify.Channel", "notify.Letter", "notify.Link", "notify.Manner", "notify.Message", "notify.Reach",
    "notify.SmsFiling", "notify.Wording",
    "estate.Building", "estate.ControlOrder", "estate.DailyControl", "estate.Permit", "estate.Project", "estate.Unit",
    "customers.Activity", "customers.ActivityGuest", "customers.Mailing",
    "customers.AuthorityLetter", "customers.CareContact", "customers.Consent", "customers.Contact", "customers.Customer", "customers.Merge",
    "ledger.Till",
    "sales.Referral", "sales.ReturnPayee", "sales.ReturnRelease", "sales.RoomReturn",
    "sales.BuyerPaper", "sales.ChangeApplication", "sales.DealChange", "sales.LoanArrears", "sales.MissingList", "sales.Mortgage", "sales.MortgagePaper",
    "sales.MortgageProblem", "sales.Deal", "sales.DealBuyer", "sales.Subscription",
    "sales.ContractApproval", "sales.Filing",
    "sales.AddedClause", "sales.Contract", "sales.ContractTemplate", "sales.ContractText", "sales.NegotiationPoint",
    "sales.PreparedDocument", "sales.Signing", "sales.SigningPaper",
    "desk.AfterSales", "desk.Coordination", "desk.ListEntry", "desk.Material", "desk.OwnerChange", "desk.Skill",
    "desk.Solution", "desk.Visit", "desk.VisitMaterial", "desk.WarrantyStart", "desk.WarrantyTerm",
    "desk.FitoutChoice", "desk.FitoutSelection", "desk.FollowUp", "desk.HeldCall", "desk.Incoming", "desk.Letter", "desk.Mailbox", "desk.Matter", "desk.Promise",
    "desk.Reception", "desk.Recording", "desk.ShiftCheck", "desk.Transfer",
    "knowledge.Article", "knowledge.ArticleVersion", "knowledge.Term",
    "quality.Callback", "quality.Feedback", "quality.ProductDuty", "quality.Training",
    "quality.Compensation", "quality.Complaint", "quality.ComplaintClerk", "quality.ContractorWork",
    "quality.CorrectiveAction", "quality.Dispute", "quality.Emergency", "quality.EmergencyStep", "quality.Equipment",
    "quality.Memo",
    "registers.Doubt", "registers.Import", "registers.ImportedFact", "registers.Layout",
}  # fmt: skip


def test_every_model_is_in_exactly_one_of_the_lists():
    ours = {m._meta.label for app in APPS for m in apps.get_app_config(app).get_models()}

    assert MUTABLE & IMMUTABLE == set()
    assert MUTABLE | IMMUTABLE == ours


def test_no_code_changes_or_deletes_rows_of_history():
    names = "|".join(sorted(label.partition(".")[2] for label in IMMUTABLE))
    change = re.compile(rf"\b({names})\.objects\b[^\n]*\.(update|bulk_update|update_or_create|delete)\(")
    found = []
    for file in modules():
        # Erasing what an event says, by law and with an event that says so, is the one exception (DECISIONS 11).
        if file == SOURCE / "kernel" / "erasing.py":
            continue
        text = file.read_text(encoding="utf-8")
        found += [f"{file.relative_to(SOURCE)}: {m.group()}" for m in change.finditer(text)]

    assert found == []
