"""What the steps of a mortgage ask for (document I, process 六; domain 2.7)."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from guiju.kernel.forms import Day, Form, LongText, Moment, Money, Sha256, Text, field
from guiju.sales.forms import Labelled, Line, Reason, Short, Voucher

Plain = Annotated[str, Field(min_length=2, max_length=400, json_schema_extra={"widget": "longtext"})]
Place = Annotated[int, Field(ge=1, le=10)]
Number = Annotated[str, Field(min_length=1, max_length=60)]
Tracking = Annotated[str, Field(min_length=4, max_length=40)]


class Part(Labelled):
    """Which loan of the deal it is."""

    COMMERCIAL = "commercial", "商业贷款"
    FUND = "fund", "公积金贷款"


class PaperKind(Labelled):
    """A paper that a bank or the fund wants (domain 1.11)."""

    IDENTITY = "identity", "身份证"
    HOUSEHOLD = "household", "户口本"
    MARRIAGE = "marriage", "婚姻证明"
    INCOME = "income", "收入证明"
    FLOW = "flow", "银行流水"
    CREDIT = "credit", "征信授权"
    FUND = "fund", "公积金缴存证明"
    CONTRACT = "contract", "备案合同"
    RECEIPT = "receipt", "首付款票据"
    SLIP = "slip", "首付转账凭证"
    CARD = "card", "还款卡"
    HOMES = "homes", "住房查询结果"
    RELATION = "relation", "付款关系说明"
    BUSINESS = "business", "营业执照和税票"
    AUTHORITY = "authority", "公证委托书"
    OTHER = "other", "其他资料"


class PaperState(Labelled):
    """How a paper is there."""

    ORIGINAL = "original", "有"
    COPY = "copy", "复印件"
    MISSING = "missing", "缺"
    EXPIRED = "expired", "过期"


class Way(Labelled):
    """How somebody was told."""

    MESSAGE = "message", "发短信"
    CALL = "call", "打电话"
    MEET = "meet", "当面"


class Cause(Labelled):
    """Whose doing a refusal is (domain 2.7)."""

    BUYER = "buyer", "客户原因（征信、收入、材料不实）"
    NEITHER = "neither", "双方都没有过错（政策、额度）"


class Heard(Labelled):
    """Who said what to whom."""

    TO = "to", "我方发出"
    FROM = "from", "对方来的"


class BeginForm(Form):
    """开办按揭。"""

    part: Part = field("贷款种类", default=Part.COMMERCIAL)
    amount: Money | None = field("贷款金额", default=None, gt=0, help="不填即付款计划里这一笔贷款的金额")
    bank: Short = field("贷款银行", default="", help="不填即认购时选定的银行")


class AmountForm(Form):
    """调整贷款金额。"""

    amount: Money = field("贷款金额", gt=0)
    reason: Reason = field("理由")


class BankForm(Form):
    """选定贷款银行。"""

    bank: Annotated[str, Field(min_length=2, max_length=60)] = field("贷款银行")


class SwitchForm(Form):
    """更换贷款银行。"""

    bank: Annotated[str, Field(min_length=2, max_length=60)] = field("改到哪家银行")
    reason: Reason = field("原因")


class LawyerForm(Form):
    """登记按揭律师。"""

    lawyer: Annotated[str, Field(min_length=2, max_length=60)] = field("律师")
    firm: Line = field("律师事务所", default="")
    phone: Text = field("联系电话", default="", widget="phone")
    fee_in_table: bool = field("律师费已列入银行的综合融资成本表", default=False)


class ExchangeForm(Form):
    """和律师往来。"""

    heard: Heard = field("方向", default=Heard.TO)
    words: Plain = field("内容")
    papers: Annotated[list[Sha256], Field(max_length=20)] = field(
        "交接的资料", default_factory=list, widget="attachments"
    )


class PaperForm(Form):
    """一项资料。"""

    kind: PaperKind = field("资料")
    buyer: Place = field("谁的", default=1, help="共用的资料不用管这一项")
    state: PaperState = field("情况", default=PaperState.ORIGINAL)
    valid_until: Day | None = field("有效期至", default=None)
    promised_date: Day | None = field("答应交来日期", default=None)
    attachment: Sha256 | None = field("扫描件", default=None)
    source: Annotated[str, Field(max_length=200)] = field("来自", default="", help="如收据号、备案号")


class PapersForm(Form):
    """登记资料。"""

    items: Annotated[list[PaperForm], Field(min_length=1, max_length=40)] = field("资料")
    both: bool = field("另一笔贷款也用同一份", default=True)


class RequireForm(Form):
    """增加或取消资料要求。"""

    kind: PaperKind = field("资料")
    buyer: Annotated[int, Field(ge=0, le=10)] = field("谁的", default=0)
    name: Short = field("名称", default="", help="其他资料写明名称")
    needed: bool = field("需要", default=True)
    needs_original: bool = field("要原件", default=False)
    reason: Reason = field("谁要求的，为什么")


class ChaseForm(Form):
    """催交资料。"""

    way: Way = field("方式", default=Way.MESSAGE)
    answer: LongText = field("客户答复", default="")
    promised_date: Day | None = field("答应交来日期", default=None)


class AnswerForm(Form):
    """登记客户答复。"""

    words: Plain = field("客户答复")
    promised_date: Day | None = field("答应交来日期", default=None)


class PostForm(Form):
    """寄发催办按揭通知书。"""

    tracking: Tracking = field("EMS 单号")
    scan: Sha256 | None = field("函件和面单照片", default=None)


class DeliveredForm(Form):
    """登记送达。"""

    delivered_date: Day = field("签收日期")
    receiver: Annotated[str, Field(min_length=1, max_length=60)] = field("签收人")
    proof: Sha256 = field("签收回执")


class LateForm(Form):
    """按逾期付款处理。"""

    due_date: Day = field("按这一天作为应付日期")
    reason: Reason = field("合同依据和事实")


class InterviewPlanForm(Form):
    """预约面签。"""

    interview_at: Moment = field("面签时间")
    place: Line = field("地点", default="")


class InterviewForm(Form):
    """面签。"""

    everybody: bool = field("借款人和共有人都到场（或视频面谈）", default=False)
    consent: Sha256 | None = field("未到场共有人的书面同意", default=None)
    note: LongText = field("说明", default="")


class SubmitForm(Form):
    """报银行审批。"""

    acceptance_number: Number = field("银行受理编号")
    receiver: Text = field("银行经办人", default="")


class ApproveForm(Form):
    """登记批贷。"""

    amount: Money = field("批准金额", gt=0)
    approval_number: Short = field("批复编号", default="")
    until_date: Day = field("批复有效期至")


class SupplementForm(Form):
    """登记补件要求。"""

    wanted: Plain = field("银行要求补充什么")
    kinds: Annotated[list[PaperKind], Field(max_length=10)] = field("退回重交的资料", default_factory=list)


class SuppliedForm(Form):
    """补件已交银行。"""

    note: Plain = field("交了什么")


class RefuseForm(Form):
    """登记拒贷。"""

    cause: Cause = field("原因归属")
    reason: Reason = field("银行的理由")


class TopUpForm(Form):
    """客户同意补足。"""

    due_date: Day = field("补足款应付日期")
    everybody: bool = field("全体买受人已签补充协议", default=False)
    agreement: Sha256 = field("补充协议扫描件")


class LoanForm(Form):
    """签订借款合同。"""

    loan_number: Number = field("借款合同编号")
    loan_date: Day = field("签订日期")


class RegistrationForm(Form):
    """办妥预抵押登记。"""

    registration_number: Number = field("预告登记证明号")
    registered_date: Day = field("登记日期")


class AskForm(Form):
    """申请放款。"""

    account: Line = field("收款账户", help="应为预售资金监管账户")
    to: Text = field("银行经办人", default="")


class PressForm(Form):
    """催银行。"""

    who: Annotated[str, Field(min_length=1, max_length=60)] = field("银行经办人")
    way: Way = field("方式", default=Way.CALL)
    answer: Plain = field("银行答复")
    promised_date: Day | None = field("答应办妥日期", default=None)


class PayoutForm(Form):
    """登记放款。"""

    amount: Money = field("到账金额", gt=0)
    received_date: Day = field("到账日期")
    voucher: Annotated[str, Field(min_length=1, max_length=80)] = field("银行流水号")
    account: Line = field("收款账户", default="", help="不填即监管账户")


class SplitForm(Form):
    """组合贷款分成两笔。"""

    fund_amount: Money = field("其中公积金贷款", gt=0)
    fund_bank: Short = field("公积金经办行", default="")
    basis: Reason = field("依据", help="如贷款审批表、付款方式确认单")


class TakeUpForm(Form):
    """接办台账里的贷款：从收资料办起。"""

    bank: Short = field("贷款银行", default="", help="不填即台账里的银行")
    basis: Reason = field("依据", help="如银行贷款清单、客户经理核对记录")


class TakeUpSubmittedForm(SubmitForm):
    """接办银行审批中的贷款。"""

    submitted_date: Day = field("银行受理日期")
    bank: Short = field("贷款银行", default="", help="不填即台账里的银行")
    basis: Reason = field("依据", help="如银行受理回执")


class TakeUpApprovedForm(ApproveForm):
    """接办已批贷的贷款。"""

    decided_date: Day = field("批复日期")
    bank: Short = field("贷款银行", default="", help="不填即台账里的银行")
    basis: Reason = field("依据", help="如银行批复")


class TakeUpPaidForm(PayoutForm):
    """接办已放款的贷款，款项入账。"""

    bank: Short = field("贷款银行", default="", help="不填即台账里的银行")
    basis: Reason = field("依据", help="如监管账户流水、放款通知书")


class RepaymentForm(Form):
    """登记还款日。"""

    day: Annotated[int, Field(ge=1, le=31)] = field("每月还款日", unit="日")
    first_date: Day = field("首次还款日期")


class ArrearsForm(Form):
    """登记银行的逾期通知。"""

    due_date: Day = field("哪一期（应还日期）")
    amount: Money = field("逾期金额", gt=0)
    how: Line = field("银行通知的方式和编号", default="")


class ChaseRepaymentForm(Form):
    """催还贷款。"""

    way: Way = field("方式", default=Way.CALL)
    answer: LongText = field("客户答复", default="")
    promised_date: Day | None = field("答应还款日期", default=None)


class SettledForm(Form):
    """登记逾期已还。"""

    due_date: Day = field("哪一期（应还日期）")
    note: Voucher = field("凭证", default="")


class AskToPayForm(Form):
    """申请代偿。"""

    due_date: Day = field("哪一期（应还日期）")
    amount: Money = field("代偿金额", gt=0, help="照银行的代偿通知填写，和登记的逾期金额一致")
    account: Annotated[str, Field(min_length=1, max_length=100)] = field(
        "银行收款账号", help="照银行的代偿通知填写"
    )
    reason: Plain = field("为什么由公司代偿", help="催了几次，客户怎么说，不付的后果")
    proof: Sha256 = field("银行的代偿通知")


class PayForBuyerForm(Form):
    """代偿付款。"""

    due_date: Day = field("哪一期（应还日期）")
    note: Annotated[str, Field(min_length=1, max_length=80)] = field("付款凭证号")
    paid_date: Day = field("付款日期")


class CheckPaidForm(Form):
    """复核代偿付款。"""

    note: Annotated[str, Field(max_length=200)] = field("复核意见", default="回单、账号、金额与银行通知一致")


class RecoveredForm(Form):
    """登记代偿款已追回。"""

    due_date: Day = field("哪一期（应还日期）")
    note: Voucher = field("凭证", default="")


class ReleaseForm(Form):
    """解除阶段性担保。"""

    number: Number = field("抵押登记证明号")
    released_date: Day = field("正式抵押登记日期")


class PayoffForm(Form):
    """登记银行结清金额。"""

    amount: Money = field("结清金额", gt=0)
    on_date: Day = field("计算到")
    proof: Sha256 | None = field("银行出具的结清通知", default=None)


class PaidOffForm(Form):
    """登记贷款已结清。"""

    voucher: Voucher = field("付款流水号", default="")
    proof: Sha256 | None = field("结清证明", default=None)


class ProblemForm(Form):
    """登记问题。"""

    text: Plain = field("什么问题")
    owner: Annotated[str, Field(min_length=1, max_length=60)] = field("负责人", help="姓名或登录名")
    action: Annotated[str, Field(max_length=400)] = field("怎么处理", default="")
    due_date: Day | None = field("何时处理完", default=None)


class SolvedForm(Form):
    """问题已处理。"""

    result: Plain = field("处理结果")
    action: Annotated[str, Field(max_length=400)] = field("实际采取的措施", default="")
