"""Needs of a mortgage: each returns None, or why not, in the words of the SOP (domain 2.7, guards)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from guiju.kernel.calendar import local_date
from guiju.kernel.engine import Context
from guiju.kernel.money import ZERO, money
from guiju.kernel.process import need
from guiju.ledger.models import Kind
from guiju.ledger.queries import book_of_deal, receivables_of
from guiju.org.models import Person
from guiju.sales import mortgage_forms as forms
from guiju.sales.contracts import contract_of
from guiju.sales.filings import filed
from guiju.sales.models import Deal, Mortgage, MortgagePaper, Payment
from guiju.sales.mortgage_facts import KINDS, facts_of
from guiju.sales.regimes import gate_opened, why_closed

LETTER_AFTER, LATE_AFTER = 30, 60
PER_PERSON = frozenset({"identity", "household", "marriage", "income", "flow", "credit", "fund"})


def deal_here(context: Context) -> Deal | None:
    """Return the live deal of the unit or deal that a case is opened for."""
    if "deal" not in context.kept:
        key, unit = context.subject("deal"), context.subject("unit")
        rows = Deal.objects.filter(live=True).select_related("unit__building", "project")
        found = rows.filter(pk=key).first() if key else rows.filter(unit_id=unit or 0).first()
        context.kept["deal"] = found
    deal: Deal | None = context.kept["deal"]
    return deal


def planned_amount(deal: Deal, part: str) -> Decimal:
    """Return what the plan lets this part bring, in yuan: its own loan line, or what other parts leave of the only one."""
    book = book_of_deal(deal.pk)
    lines = [] if book is None else [x for x in receivables_of(book.pk) if Kind(x.receivable.kind).loan]
    mine = [line for line in lines if line.receivable.kind == KINDS[part]]
    others = Mortgage.objects.filter(deal=deal, live=True).exclude(part=part)
    if mine and len(lines) > 1:
        return sum((line.amount for line in mine), ZERO)
    return sum((line.amount for line in lines), ZERO) - sum((loan.amount for loan in others), ZERO)


@need("J-2.2-b")
def deal_is_signed(context: Context) -> str | None:
    """A loan is asked for a signed contract whose payment has a loan."""
    deal = deal_here(context)
    if deal is None or deal.project_id != context.case.scope_id:
        return "这套房没有在办的成交，不能开办按揭"
    if deal.stage != Deal.SIGNED or contract_of(deal.pk) is None:
        return f"{deal.unit.label}还没有签约，签约以后再开办按揭"
    if not Payment(deal.payment or Payment.OTHER).needs_bank:
        return f"合同的付款方式是{deal.get_payment_display() or '其他'}，不用办按揭；要改贷款的先办签约变更"
    return None


@need("J-2.2-b", given=True)
def part_is_free(context: Context) -> str | None:
    """A deal has one loan of each kind, within what its plan leaves to banks."""
    given, deal = context.given, deal_here(context)
    assert isinstance(given, forms.BeginForm)
    if deal is None:
        return None
    part = given.part
    if Mortgage.objects.filter(deal=deal, part=part.value, live=True).exists():
        return f"{deal.unit.label}的{part.label}已经在办"
    if deal.payment == Payment.MORTGAGE and part is forms.Part.FUND:
        return "合同约定的是银行按揭，没有公积金贷款；要改的先办签约变更"
    if deal.payment == Payment.PROVIDENT and part is forms.Part.COMMERCIAL:
        return "合同约定的是公积金贷款，没有商业贷款；要改的先办签约变更"
    most = planned_amount(deal, part.value)
    if most <= 0:
        return "付款计划里的贷款已经由另一笔贷款占满，请先调整那一笔的金额"
    if given.amount is not None and given.amount > most:
        return f"付款计划里留给{part.label}的是 {money(most)}，不能多于它"
    return None


@need("J-2.2-b")
def is_combined(context: Context) -> str | None:
    """Only a combined loan is two; and once it is split it is."""
    facts = facts_of(context)
    if facts.deal.payment != Payment.COMBINED:
        return f"付款方式是{facts.deal.get_payment_display() or '其他'}，不是组合贷款，不用分"
    return "组合贷款已经分成两笔" if len(facts.parts) > 1 else None


@need("J-2.2-b", given=True)
def fund_is_a_part(context: Context) -> str | None:
    """The fund lends a part of the combined loan, not all of it."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.SplitForm)
    return None if given.fund_amount < row.amount else f"公积金贷款应少于组合贷款总额 {money(row.amount)}"


@need("J-2.2-b")
def combined_is_split(context: Context) -> str | None:
    """Each loan of a combined one has its own bank, approval and payout (domain 1.11)."""
    facts = facts_of(context)
    if facts.deal.payment == Payment.COMBINED and len(facts.parts) < 2:
        return "组合贷款先按商业贷款和公积金贷款分成两笔，再逐笔接办"
    return None


@need("J-2.2-b")
def deal_still_lives(context: Context) -> str | None:
    """A loan of a deal that ended is not taken up."""
    facts = facts_of(context)
    return None if facts.deal.live and facts.contract is not None else "这套房没有在办的成交和合同，不能接办"


@need("J-2.2-b", given=True)
def bank_has_done_it(context: Context) -> str | None:
    """What the bank did lies between the signing and today."""
    given = context.given
    assert isinstance(given, forms.TakeUpSubmittedForm | forms.TakeUpApprovedForm)
    day = given.submitted_date if isinstance(given, forms.TakeUpSubmittedForm) else given.decided_date
    if facts_of(context).row.signed_date <= day <= local_date(context.at):
        return None
    return "银行受理、批复的日期应在签约以后，不能晚于今天"


@need("J-2.2-b", given=True)
def bank_is_known(context: Context) -> str | None:
    """What a bank decided or paid is of a bank that has a name."""
    given = getattr(context.given, "bank", "")
    return None if given or facts_of(context).row.bank else "台账没有写贷款银行，请填写"


@need("I-5.6-0", given=True)
def amount_fits(context: Context) -> str | None:
    """The parts together are no more than the plan leaves to banks."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AmountForm)
    planned = sum((line.amount for line in facts.loan_lines), ZERO)
    others = sum((loan.amount for loan in facts.parts if loan.pk != facts.row.pk), ZERO)
    if given.amount + others > planned:
        return f"各笔贷款合计不能超过付款计划里的贷款 {money(planned)}，另一笔已占 {money(others)}"
    return None


@need("I-5.6-0")
def bank_is_chosen(context: Context) -> str | None:
    """Whoever goes to a bank has chosen one."""
    return None if facts_of(context).row.bank else "还没有选定贷款银行"


@need("I-5.6-0", given=True)
def another_bank(context: Context) -> str | None:
    """Switching means another bank."""
    given = context.given
    assert isinstance(given, forms.SwitchForm)
    return "现在就是这家银行" if given.bank == facts_of(context).row.bank else None


@need("金规〔2026〕2号", given=True)
def fee_is_shown(context: Context) -> str | None:
    """A lawyer's fee stands in the bank's one table of cost; nothing is charged beside it (domain 0)."""
    given = context.given
    assert isinstance(given, forms.LawyerForm)
    return None if given.fee_in_table else "律师费须列入银行的综合融资成本表，另外收费的不能办；请核对后勾选"


@need("I-2.2-d", given=True)
def papers_are_wanted(context: Context) -> str | None:
    """Only papers of the list are ticked, and none that is over already as valid."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PapersForm)
    today = local_date(context.at)
    for item in given.items:
        if find_paper(facts.papers, item.kind.value, buyer_id(context, item.buyer)) is None:
            return f"第 {item.buyer} 位买受人的{item.kind.label}不在资料清单里，要收的先增加资料要求"
        there = item.state in (forms.PaperState.ORIGINAL, forms.PaperState.COPY)
        if there and item.valid_until is not None and item.valid_until < today:
            return f"{item.kind.label}的有效期到 {item.valid_until}，已过期，请客户换新的"
    return None


def buyer_id(context: Context, place: int) -> int | None:
    """Return the customer at a place among the buyers."""
    buyers = facts_of(context).buyers
    return buyers[place - 1].customer_id if 1 <= place <= len(buyers) else None


def find_paper(papers: list[MortgagePaper], kind: str, customer_id: int | None) -> MortgagePaper | None:
    """Return the paper of a kind: of this buyer, or the one that all share."""
    mine = [p for p in papers if p.kind == kind]
    return next((p for p in mine if p.customer_id in (None, customer_id)), None)


@need("I-2.2-d")
def papers_are_there(context: Context) -> str | None:
    """The file goes on when every paper is there, in the form wanted, and valid."""
    lacks = facts_of(context).lacking_words(context.at)
    return f"按揭资料不齐，还缺：{lacks}" if lacks else None


@need("I-2.2-d", given=True)
def buyer_is_named(context: Context) -> str | None:
    """A paper of a person names one of the buyers."""
    given = context.given
    assert isinstance(given, forms.RequireForm)
    if given.buyer and buyer_id(context, given.buyer) is None:
        return f"没有第 {given.buyer} 位买受人"
    if given.kind is forms.PaperKind.OTHER and not given.name:
        return "其他资料请写明名称"
    return None


@need("I-2.2-c")
def buyer_lacks_papers(context: Context) -> str | None:
    """Only who owes a paper is chased."""
    owed = facts_of(context).lacking(context.at, MortgagePaper.BUYER)
    return None if owed else "客户要交的资料已齐，不用催"


@need("I-2.2-c", given=True)
def can_be_reached(context: Context) -> str | None:
    """A message needs a phone."""
    given = context.given
    assert isinstance(given, forms.ChaseForm | forms.ChaseRepaymentForm)
    if given.way is not forms.Way.MESSAGE:
        return None
    if any(buyer.customer.phone for buyer in facts_of(context).buyers):
        return None
    return "买受人都没有登记手机号，请打电话问清或寄发催办按揭通知书"


def _days(context: Context) -> int:
    return (local_date(context.at) - facts_of(context).row.signed_date).days


@need("I-5.3-5c")
def a_month_has_passed(context: Context) -> str | None:
    """The written notice goes out when papers are still missing after thirty days."""
    days = _days(context)
    if days <= LETTER_AFTER:
        return f"签约满 {LETTER_AFTER} 日资料仍不齐的才寄发催办按揭通知书，现在是第 {days} 日"
    return None


@need("I-5.3-5c")
def letter_was_sent(context: Context) -> str | None:
    """What was not posted cannot arrive."""
    return None if facts_of(context).row.letter_sent_at is not None else "还没有寄发催办按揭通知书"


@need("I-5.3-5c")
def two_months_have_passed(context: Context) -> str | None:
    """After sixty days, with the notice delivered, the contract's rule on late payment applies (buyer's cause)."""
    days = _days(context)
    if days <= LATE_AFTER:
        return f"签约满 {LATE_AFTER} 日资料仍不齐的才按逾期付款处理，现在是第 {days} 日"
    if facts_of(context).row.letter_delivered_at is None:
        return "催办按揭通知书没有送达凭证，不能按逾期付款处理"
    return None


@need("个人贷款管理办法", given=True)
def borrowers_came(context: Context) -> str | None:
    """The bank speaks to every borrower; a co-owner borrows too or consents in writing (domain 1.11)."""
    given = context.given
    assert isinstance(given, forms.InterviewForm)
    if given.everybody or (given.consent and len(facts_of(context).buyers) > 1):
        return None
    return "借款人和共有人要到场面签（可视频）；共有人不到场的，要有书面同意"


@need("I-5.6-0")
def contract_is_filed(context: Context) -> str | None:
    """The contract is filed before the loan goes to the bank."""
    contract = facts_of(context).contract
    if contract is None:
        return "没有生效的买卖合同，不能报批"
    return None if filed(contract) else f"合同 {contract.number} 还没有完成预售登记，登记以后才能报银行审批"


@need("I-5.6-0")
def down_payment_is_paid(context: Context) -> str | None:
    """Deposit and down payment are in."""
    left = facts_of(context).down_payment_open
    return f"首付款还差 {money(left)}，交清后才能报批" if left > 0 else None


@need("I-5.6-0")
def paid_in_the_buyers_name(context: Context) -> str | None:
    """The bank wants to see the down payment come from the buyer; another payer is explained in writing."""
    facts = facts_of(context)
    others = facts.paid_by_others
    if others <= 0:
        return None
    explained = [p for p in facts.papers if p.kind == forms.PaperKind.RELATION.value and p.received_at]
    return (
        None if explained else f"首付款中有 {money(others)}由他人代付，请补收付款关系说明，再以买受人名义报批"
    )


@need("I-5.6-0")
def amounts_add_up(context: Context) -> str | None:
    """Own money and all loan parts are the price, to the cent."""
    facts = facts_of(context)
    contract = facts.contract
    if contract is None:
        return None
    own = sum((line.amount for line in facts.own_lines), ZERO)
    loans = sum((loan.amount for loan in facts.parts), ZERO)
    if own + loans == contract.total_price:
        return None
    return (
        f"自付 {money(own)} 加贷款 {money(loans)} 是 {money(own + loans)}，"
        f"应等于合同总价 {money(contract.total_price)}，请先调整"
    )


@need("I-5.6-0", given=True)
def approved_in_full(context: Context) -> str | None:
    """Approved means all that was asked for; less is another step."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.ApproveForm)
    if given.amount != row.amount:
        word = "少于" if given.amount < row.amount else "多于"
        return f"批准金额 {money(given.amount)}{word}申请的 {money(row.amount)}，少批的请办「批贷不足」"
    return None


@need("I-5.6-0", given=True)
def approved_less(context: Context) -> str | None:
    """Less than was asked for."""
    given, row = context.given, facts_of(context).row
    assert isinstance(given, forms.ApproveForm)
    return (
        None if given.amount < row.amount else f"批准金额不少于申请的 {money(row.amount)}，请办「登记批贷」"
    )


@need("I-5.6-0", given=True)
def approval_lies_ahead(context: Context) -> str | None:
    """An approval is valid beyond today."""
    given = context.given
    assert isinstance(given, forms.ApproveForm)
    return None if given.until_date >= local_date(context.at) else "批复有效期已经过了"


@need("民法典 543；I-5.6-0", given=True)
def everybody_agrees_to_top_up(context: Context) -> str | None:
    """Every buyer signed that the difference is paid in cash, within the days the SOP allows."""
    given = context.given
    assert isinstance(given, forms.TopUpForm)
    days = int(context.setting("topup_days", 15))
    if not given.everybody:
        return "补足首付要全体买受人签补充协议"
    if given.due_date > local_date(context.at) + timedelta(days=days):
        return f"补足款应在 {days} 日内付清"
    if given.due_date < local_date(context.at):
        return "补足款的应付日期不能早于今天"
    return None


@need("I-5.6-0")
def top_up_is_paid(context: Context) -> str | None:
    """What the bank does not lend is paid before the loan contract."""
    left = facts_of(context).top_up_open
    return f"补足款还差 {money(left)}，交清后才能签借款合同" if left > 0 else None


@need("I-5.6-0")
def approval_is_valid(context: Context) -> str | None:
    """An approval that ran out is asked for again."""
    until = facts_of(context).row.approval_until_date
    if until is not None and until < local_date(context.at):
        return f"银行批复有效期到 {until}，已过期，请更新资料重新报批"
    return None


@need("I-5.6-0")
def approval_has_run_out(context: Context) -> str | None:
    """Only what is over has run out."""
    until = facts_of(context).row.approval_until_date
    return (
        None if until is not None and until < local_date(context.at) else f"批复有效期到 {until}，还没有过期"
    )


@need("个人住房贷款管理办法（试行） 22")
def gate_is_open(context: Context) -> str | None:
    """The building has come as far as the regime of the contract wants (domain 0)."""
    contract = facts_of(context).contract
    if contract is None:
        return "没有生效的买卖合同"
    return None if gate_opened(contract, context.at) is not None else why_closed(contract, context.at)


@need("I-5.6-0")
def nothing_stops_it(context: Context) -> str | None:
    """A borrower who died, divorced or lost the income: no payout before it is cleared with the bank."""
    why = facts_of(context).row.held_reason
    return f"已暂停放款：{why}；和银行核实清楚后恢复" if why else None


@need("I-5.6-0")
def payout_is_stopped(context: Context) -> str | None:
    """Only what is stopped goes on again."""
    return None if facts_of(context).row.held_reason else "没有暂停放款"


@need("城市房地产管理法 45", given=True)
def goes_to_escrow(context: Context) -> str | None:
    """Loan money goes to the escrow account of the presale, nowhere else."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.AskForm | forms.PayoutForm)
    escrow = facts.row.project.escrow_account
    typed = given.account or (escrow if isinstance(given, forms.PayoutForm) else "")
    if not escrow:
        return "项目还没有登记预售资金监管账户"
    if plain_account(typed) != plain_account(escrow):
        return f"放款只能进预售资金监管账户 {escrow}"
    return None


def plain_account(text: str) -> str:
    """Return an account number as banks compare it."""
    return "".join(sign for sign in text if sign.isalnum())


@need("I-5.6-0", given=True)
def arrival_is_past(context: Context) -> str | None:
    """Money that has not come is not booked."""
    given = context.given
    assert isinstance(given, forms.PayoutForm)
    return "到账日期不能晚于今天" if given.received_date > local_date(context.at) else None


@need("I-5.6-0", given=True)
def all_has_come(context: Context) -> str | None:
    """The whole of what was approved; a part is another step."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayoutForm)
    if given.amount < facts.left:
        return f"还应到 {money(facts.left)}，只到一部分的请办「登记部分放款」"
    return _not_more(given.amount, facts.left)


@need("I-5.6-0", given=True)
def part_has_come(context: Context) -> str | None:
    """Less than what is still to come."""
    given, facts = context.given, facts_of(context)
    assert isinstance(given, forms.PayoutForm)
    if given.amount == facts.left:
        return "已经全部到账，请办「登记放款」"
    return _not_more(given.amount, facts.left)


def _not_more(amount: Decimal, left: Decimal) -> str | None:
    return f"到账 {money(amount)} 多于还应放的 {money(left)}，请先和银行核对" if amount > left else None


@need("I-2.2-j")
def guarantee_runs(context: Context) -> str | None:
    """Buyers are reminded of repayment only while the developer answers for it (domain 2.33)."""
    row = facts_of(context).row
    if row.paid_off_at is not None:
        return "这笔贷款已经结清"
    return None if row.guarantee_released_at is None else "阶段性担保已经解除，还款由银行和客户自己处理"


@need("I-2.2-k", given=True)
def reported_once(context: Context) -> str | None:
    """The bank's notice about one repayment is entered once."""
    given = context.given
    assert isinstance(given, forms.ArrearsForm)
    if facts_of(context).row.arrears.filter(due_date=given.due_date).exists():
        return f"{given.due_date} 这一期的逾期已经登记"
    return "还没有到期" if given.due_date > local_date(context.at) else None


@need("I-2.2-k")
def something_is_overdue(context: Context) -> str | None:
    """Who has paid is not dunned."""
    return None if facts_of(context).arrears else "没有未还的逾期"


@need("I-2.2-k", given=True)
def that_is_overdue(context: Context) -> str | None:
    """It is settled what was reported."""
    given = context.given
    assert isinstance(given, forms.SettledForm | forms.AskToPayForm)
    known = {row.due_date for row in facts_of(context).arrears}
    return None if given.due_date in known else f"{given.due_date} 这一期没有登记逾期，或已经还清"


@need("I-2.2-k", given=True)
def that_was_paid_by_us(context: Context) -> str | None:
    """Recourse is for what the company paid."""
    given = context.given
    assert isinstance(given, forms.RecoveredForm)
    known = {row.due_date for row in facts_of(context).claims}
    return None if given.due_date in known else f"{given.due_date} 这一期没有公司代偿"


@need("I-5.6-0")
def nothing_is_owed_to_us(context: Context) -> str | None:
    """The guarantee ends when no repayment is overdue and nothing paid for the buyer is open."""
    facts = facts_of(context)
    if facts.arrears:
        return f"{facts.arrears[0].due_date} 这一期还款逾期，还清后才能解除担保"
    if facts.claims:
        return f"公司代偿的 {money(facts.claims[0].amount)} 还没有追回"
    return None


@need("商品房买卖合同解释 20")
def bank_has_its_money(context: Context) -> str | None:
    """A loan that was paid out ends bank first (domain 1.10)."""
    row = facts_of(context).row
    if row.disbursed_amount > 0 and row.paid_off_at is None:
        return f"{row.bank}已放款 {money(row.disbursed_amount)}，贷款还没有结清；先把银行的钱还清，再取消按揭"
    return None


@need("商品房买卖合同解释 20")
def something_was_paid_out(context: Context) -> str | None:
    """Only a loan that was paid out is paid off."""
    return None if facts_of(context).row.disbursed_amount > 0 else "还没有放款，不用结清"


@need("I-2.2-f", given=True)
def owner_is_known(context: Context) -> str | None:
    """A problem has somebody who sees to it."""
    given = context.given
    assert isinstance(given, forms.ProblemForm)
    return (
        None
        if colleague(context, given.owner) is not None
        else f"没有找到同事「{given.owner}」，请写姓名或登录名"
    )


def colleague(context: Context, text: str) -> Person | None:
    """Return the one colleague of this name or sign-in."""
    people = Person.objects.filter(company_id=context.case.chain_id, is_active=True)
    named = list(people.filter(username=text)[:2]) or list(people.filter(name=text)[:2])
    return named[0] if len(named) == 1 else None


@need("I-2.2-f")
def a_problem_is_open(context: Context) -> str | None:
    """Only an open problem is solved."""
    return None if facts_of(context).row.problems.filter(solved_at=None).exists() else "没有未处理的问题"
