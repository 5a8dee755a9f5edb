"""The forms of the house: which there are, and what each of them wants to know.

A form is a frozen dataclass of plain values (texts, ``Decimal`` yuan and ㎡, dates, moments). ``print_form`` writes
them as people read them (大写, 年月日, thousands) and sets them with the form's template. Empty values leave room to
write by hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, get_args, get_type_hints

from guiju.papers import typesetting, writing
from guiju.papers.typesetting import BATCH, UnableToPrint

DEPARTMENT = "客户服务部"

_NOUGHT = Decimal(0)


#: An amount in yuan; the template also gets ``<name>_words`` in capitals (大写).
Yuan = Annotated[Decimal, "yuan"]
#: An area in ㎡.
SquareMetres = Annotated[Decimal, "square metres"]


# --- what several forms share ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Stamp:
    """Who printed this copy, when, and as what: the part of a paper that differs from print to print.

    ``qr`` is what the code says (the address of the paper); ``number`` is the paper's document number in the foot;
    ``copy`` names the part (第一联 买受人); ``reprint`` counts prints after the first; ``mark`` lies behind the text
    (作废, 样张).
    """

    by: str = ""
    at: datetime | None = None
    qr: str = ""
    number: str = ""
    copy: str = ""
    reprint: int = 0
    mark: str = ""


@dataclass(frozen=True)
class Signed:
    """A signature that exists: by whom, on which day; ``strokes`` is the drawing as SVG, if signed on screen."""

    name: str
    on: date
    strokes: str = ""


@dataclass(frozen=True)
class Sealed:
    """An impression that is in the seal register."""

    kind: str
    number: str
    on: date
    keeper: str


@dataclass(frozen=True)
class Desk:
    """A post that signs inside the house, and what it confirms by that."""

    post: str
    words: str = ""
    signed: Signed | None = None


@dataclass(frozen=True)
class Tick:
    """Something to tick, ticked or not."""

    label: str
    ticked: bool = False


# --- 房产认购书 ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Seller:
    """出卖人. ``agency`` names the company that sells on its behalf (城市房地产开发经营管理条例 28)."""

    name: str
    address: str = ""
    licence: str = ""
    qualification: str = ""
    legal_representative: str = ""
    phone: str = ""
    agency: str = ""


@dataclass(frozen=True)
class Agent:
    """Who acts for a buyer: 委托代理人 or 监护人, and by which authority (民法典 165, 19 to 23)."""

    name: str
    capacity: str = "委托代理人"
    id_kind: str = "居民身份证"
    id_number: str = ""
    phone: str = ""
    authority: str = ""


@dataclass(frozen=True)
class Buyer:
    """认购人. For a company ``id_kind`` is 统一社会信用代码 and ``legal_representative`` is filled."""

    name: str
    id_kind: str = "居民身份证"
    id_number: str = ""
    sex: str = ""
    born: date | None = None
    nationality: str = "中国"
    phone: str = ""
    address: str = ""
    email: str = ""
    share: str = ""
    relation: str = ""
    legal_representative: str = ""
    agent: Agent | None = None
    signed: Signed | None = None


@dataclass(frozen=True)
class Home:
    """The unit on paper. ``area_basis`` is 预测 or 实测."""

    label: str
    use: str = ""
    layout: str = ""
    orientation: str = ""
    floor: str = ""
    area_basis: str = "预测"
    gross_area: SquareMetres | None = None
    inner_area: SquareMetres | None = None
    shared_area: SquareMetres | None = None


@dataclass(frozen=True)
class Discount:
    """One reduction of the list price, in yuan (a positive amount)."""

    reason: str
    amount: Yuan
    code: str = ""


@dataclass(frozen=True)
class Instalment:
    """One line of the payment plan; ``due`` is a day as text or a condition (竣工备案后放款)."""

    number: str
    title: str
    due: str
    amount: Yuan


@dataclass(frozen=True)
class Loan:
    """The loan a buyer wants: kind 商业, 公积金 or 组合; the bank may still be open (I-5.1-5a)."""

    kind: str
    bank: str = ""
    lawyer_at: datetime | None = None


@dataclass(frozen=True)
class Account:
    """Where money is to be paid."""

    holder: str = ""
    bank: str = ""
    number: str = ""


PRICING_BASES = ("按建筑面积", "按套内建筑面积", "按套")
PAYMENT_METHODS = ("一次性付款", "分期付款", "贷款付款", "其他")
DISCLOSURES = (
    "商品房销售许可文件",
    "一房一价公示",
    "房屋及土地抵押、查封情况",
    "项目及周边不利因素",
    "《商品房买卖合同》文本及补充协议",
    "临时管理规约",
    "前期物业服务合同",
    "个人信息处理告知",
)
SUBSCRIPTION_DESKS = (
    Desk("置业顾问", "已查验证件和购房资格，已向认购人说明本书条款。"),
    Desk("销售总监", "已审核，同意认购。"),
    Desk("客户服务", "已核对销控、单价、付款方式，已登记。"),
    Desk("财务收款员", "已确认定金到账。"),
)
EXTENSION = (
    "乙方因故需要延期签约的，应在签约期限届满前书面申请；经甲方书面同意，可以延长一次，延长不超过十五日。"
)


@dataclass(frozen=True)
class SubscriptionForm:
    """房产认购书 (I-5.1-7, I-6-1): a preliminary contract with a deposit (民法典 495, 586 to 588)."""

    project: str
    number: str
    seller: Seller
    buyers: tuple[Buyer, ...]
    unit: Home
    permit: str
    total: Yuan
    deposit: Yuan
    plan: tuple[Instalment, ...] = ()
    permit_kind: str = "预售许可证号"
    pricing_basis: str = PRICING_BASES[0]
    list_unit_price: Yuan | None = None
    list_total: Yuan | None = None
    discounts: tuple[Discount, ...] = ()
    unit_price: Yuan | None = None
    fitout: str = ""
    payment_method: str = ""
    loan: Loan | None = None
    deposit_due: date | None = None
    receipt: str = ""
    account: Account = Account()
    sign_from: date | None = None
    sign_until: date | None = None
    sign_place: str = ""
    extension: str = EXTENSION
    refund_days: int = 15
    disclosures: tuple[Tick, ...] = tuple(Tick(label) for label in DISCLOSURES)
    extra_terms: tuple[str, ...] = ()
    copies: str = "四"
    copies_for: str = "甲方执三份（财务、客户服务、销售各一份），乙方执一份"
    seal: Sealed | None = None
    sealed_on: date | None = None
    desks: tuple[Desk, ...] = SUBSCRIPTION_DESKS


# --- 签约预约及所需提供资料表 ---------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Required:
    """One paper to bring: who brings it, how many originals and copies, whether we have it already.

    ``promised`` is the day by which the customer promised it; ``note`` says what to watch (an expiring permit).
    """

    title: str
    whose: str = ""
    originals: str = ""
    copies: str = ""
    got: bool = False
    valid_until: date | None = None
    promised: date | None = None
    note: str = ""


@dataclass(frozen=True)
class RequiredSet:
    """Papers that belong together: 身份资料, 贷款资料, 代理资料."""

    title: str
    papers: tuple[Required, ...]


@dataclass(frozen=True)
class AppointmentForm:
    """签约预约及所需提供资料表 (I-5.1-4c, I-5.3-3d, I-6-2)."""

    project: str
    number: str
    subscription: str
    buyers: str
    unit: str
    phone: str = ""
    signing_at: datetime | None = None
    sign_until: date | None = None
    place: str = ""
    consultant: str = ""
    clerk: str = ""
    clerk_phone: str = ""
    payment_method: str = ""
    bring: Yuan | None = None
    bring_for: str = "首期款"
    account: Account = Account()
    bank: str = ""
    lawyer_at: datetime | None = None
    sets: tuple[RequiredSet, ...] = ()
    remarks: tuple[str, ...] = ()
    told_by: Signed | None = None
    received: Signed | None = None
    copies: str = "两"


# --- 日销控表 --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class StateLine:
    """One state of unit control over the day; opening + came − went must be closing."""

    state: str
    opening: int
    came: int
    went: int
    closing: int
    closing_area: SquareMetres | None = None
    closing_amount: Yuan | None = None

    @property
    def adds_up(self) -> bool:
        """Whether opening + came − went is closing."""
        return self.opening + self.came - self.went == self.closing


@dataclass(frozen=True)
class Movement:
    """One unit that changed its state during the day."""

    at: datetime
    unit: str
    left: str
    entered: str
    case: str = ""
    by: str = ""
    amount: Yuan | None = None
    note: str = ""


@dataclass(frozen=True)
class DailyControlForm:
    """日销控表 (I-2.1-c, I-5.1-2e): opening + in − out = closing per state, and every movement."""

    project: str
    day: date
    lines: tuple[StateLine, ...]
    movements: tuple[Movement, ...] = ()
    closed_at: datetime | None = None
    differences: tuple[str, ...] = ()
    remarks: str = ""
    desks: tuple[Desk, ...] = (Desk("销控专员"), Desk("销售总监"), Desk("财务"))


# --- 定金收据 --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class DepositReceiptForm:
    """定金收据: who paid how much, when, into which account, and for which subscription."""

    project: str
    number: str
    received_on: date
    payer: str
    buyers: str
    unit: str
    subscription: str
    amount: Yuan
    way: str = "转账"
    account: Account = Account()
    voucher: str = ""
    title: str = "认购定金"
    third_party: str = ""
    note: str = ""
    seller: str = ""
    cashier: Signed | None = None
    seal: Sealed | None = None


RECEIPT_WAYS = ("转账", "POS 刷卡", "支票", "其他")


# --- 作业标准书 ------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SopClause:
    """A clause with the number people know; ``level`` indents it."""

    number: str
    text: str
    level: int = 0


@dataclass(frozen=True)
class SopStep:
    """A step of the running definition with what the SOP says about it."""

    name: str
    post: str
    number: str = ""
    words: str = ""
    limit: str = ""
    points: tuple[str, ...] = ()
    documents: str = ""


@dataclass(frozen=True)
class SopRevision:
    """A line of the revision log."""

    version: str
    on: date | None
    text: str
    by: str = ""


@dataclass(frozen=True)
class SopForm:
    """An SOP document with its control block (编制, 审核, 批准, 实施日期; I-0-a to I-0-d)."""

    code: str
    version: str
    title: str
    compiled_by: Signed | None = None
    reviewed_by: Signed | None = None
    approved_by: Signed | None = None
    effective_on: date | None = None
    state: str = ""
    purpose: str = ""
    scope: str = ""
    clauses: tuple[SopClause, ...] = ()
    steps: tuple[SopStep, ...] = ()
    chart: str = ""
    documents: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    kpis: tuple[str, ...] = ()
    revisions: tuple[SopRevision, ...] = ()


# --- 登记表 ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Column:
    """A column of a register: its head, its share of the width, and where its text stands (left, centre, right)."""

    head: str
    share: float = 1.0
    align: str = "left"


@dataclass(frozen=True)
class RegisterForm:
    """A list of the house as people file it: 认购登记表, 用印登记表, 合同领用登记表 …"""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    project: str = ""
    period: str = ""
    totals: tuple[str, ...] = ()
    landscape: bool = True
    remarks: str = ""
    desks: tuple[Desk, ...] = ()
    code: str = ""


# --- 通知书 ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class LetterForm:
    """A written notice (催签通知书, 解除认购通知书) with a receipt to be signed on delivery."""

    title: str
    number: str
    to: str
    paragraphs: tuple[str, ...]
    company: str
    written_on: date | None = None
    facts: tuple[tuple[str, str], ...] = ()
    contact: str = ""
    phone: str = ""
    address: str = ""
    attachments: tuple[str, ...] = ()
    delivery: str = ""
    with_receipt: bool = True
    seal: Sealed | None = None
    code: str = ""


# --- the registry ----------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class FormKind:
    """A form of the form library: its name in code, its number and version on paper, its template and data."""

    code: str
    number: str
    version: str
    title: str
    template: str
    data: type
    own_title: bool = False


FORMS: dict[str, FormKind] = {
    kind.code: kind
    for kind in (
        FormKind("subscription", "KF-BD-01", "A/0", "房产认购书", "subscription", SubscriptionForm),
        FormKind(
            "appointment", "KF-BD-02", "A/0", "签约预约及所需提供资料表", "appointment", AppointmentForm
        ),
        FormKind("daily_control", "KF-BD-03", "A/0", "日销控表", "daily_control", DailyControlForm),
        FormKind("deposit_receipt", "KF-BD-04", "A/0", "定金收据", "deposit_receipt", DepositReceiptForm),
        FormKind("letter", "KF-BD-05", "A/0", "通知书", "letter", LetterForm, True),
        FormKind("register", "KF-BD-06", "A/0", "登记表", "register", RegisterForm, True),
        FormKind("sop", "KF-BD-07", "A/0", "作业标准书", "sop", SopForm, True),
    )
}


def form_kind(code: str) -> FormKind:
    """
    Return the form by its name in code or its number on paper.

    :raises UnableToPrint: there is no such form.
    """
    for kind in FORMS.values():
        if code in (kind.code, kind.number):
            return kind
    raise UnableToPrint(f"表单库里没有「{code}」。")


@cache
def _units(kind: type) -> tuple[tuple[str, str | None], ...]:
    """Return each field of a form with its unit, if it is money or an area."""
    hints = get_type_hints(kind, include_extras=True)
    found = []
    for part in fields(kind):
        parts = (hints[part.name], *get_args(hints[part.name]))
        marks = [inner.__metadata__[0] for inner in parts if hasattr(inner, "__metadata__")]
        found.append((part.name, marks[0] if marks else None))
    return tuple(found)


def written(value: Any) -> Any:
    """Return a value as the template shows it: texts, numbers, lists and dictionaries only."""
    if value is None:
        return None
    if is_dataclass(value) and not isinstance(value, type):
        made: dict[str, Any] = {}
        for name, unit in _units(type(value)):
            inner = getattr(value, name)
            if unit is None:
                made[name] = written(inner)
            elif unit == "yuan":
                made[name] = "" if inner is None else writing.money(inner)
                made[f"{name}_words"] = "" if inner is None else writing.money_words(inner)
            else:
                made[name] = "" if inner is None else writing.area(inner)
        if isinstance(value, StateLine):
            made["adds_up"] = value.adds_up
        if isinstance(value, DailyControlForm):
            made["closing_area"] = writing.area(
                sum((line.closing_area or _NOUGHT for line in value.lines), _NOUGHT)
            )
            amount = sum((line.closing_amount or _NOUGHT for line in value.lines), _NOUGHT)
            made["closing_amount"] = writing.money(amount)
        return made
    if isinstance(value, datetime):
        return writing.moment(value)
    if isinstance(value, date):
        return writing.day(value)
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, (list, tuple)):
        return [written(inner) for inner in value]
    return value


def number_of(kind: FormKind, data: Any) -> str:
    """Return the form's number on paper; a register or letter may carry its own."""
    return str(getattr(data, "code", "") or kind.number)


def title_of(kind: FormKind, data: Any) -> str:
    """Return what the paper is called; a register, letter or SOP has a title of its own."""
    return str(getattr(data, "title", "") or kind.title) if kind.own_title else kind.title


def _document(
    kind: FormKind, content: dict[str, Any], stamp: Stamp, company: str, version: str = ""
) -> dict[str, Any]:
    return {
        "company": company or content.get("seller", {}).get("name", ""),
        "department": DEPARTMENT,
        "form": {
            "code": content.get("code") or kind.number,
            "version": version or kind.version,
            "title": content["title"] if kind.own_title else kind.title,
        },
        "stamp": {
            "by": stamp.by,
            "at": writing.short_moment(stamp.at) if stamp.at else "",
            "qr": writing.qr_svg(stamp.qr) if stamp.qr else "",
            "number": stamp.number,
            "copy": stamp.copy,
            "reprint": stamp.reprint,
            "mark": stamp.mark,
        },
        "data": content,
    }


def _content(kind: FormKind, data: Any) -> dict[str, Any]:
    if not isinstance(data, kind.data):
        raise UnableToPrint(f"「{kind.title}」的内容不对，应为 {kind.data.__name__}。")
    content: dict[str, Any] = written(data)
    return content


def document_of(
    code: str, content: dict[str, Any], *, stamp: Stamp, company: str, version: str = ""
) -> dict[str, Any]:
    """
    Return what ``written`` made of a form's data as one document of a print run (``typesetting.render_many``).

    :raises UnableToPrint: there is no such form.
    """
    return _document(form_kind(code), content, stamp, company, version)


def print_form(code: str, data: Any, *, stamp: Stamp | None = None, company: str = "") -> bytes:
    """
    Print one form and return the PDF; ``company`` heads the page (the seller, if the form has one and it is empty).

    :raises UnableToPrint: there is no such form, or the data is not of its kind.
    """
    return print_written(code, _content(form_kind(code), data), stamp=stamp or Stamp(), company=company)


def print_written(
    code: str, content: dict[str, Any], *, stamp: Stamp, company: str, version: str = ""
) -> bytes:
    """
    Print what ``written`` made of a form's data, now or years ago.

    :raises UnableToPrint: there is no such form, or it no longer fits the content.
    """
    kind = form_kind(code)
    return typesetting.render(kind.template, _document(kind, content, stamp, company, version), at=stamp.at)


def preview_form(
    code: str, data: Any, *, stamp: Stamp | None = None, company: str = "", ppi: int = 110
) -> list[bytes]:
    """
    Return the pages of one form as PNG, to look at on a phone.

    :raises UnableToPrint: as ``print_form``.
    """
    kind = form_kind(code)
    stamp = stamp or Stamp()
    document = _document(kind, _content(kind, data), stamp, company)
    return typesetting.pictures(kind.template, document, ppi=ppi, at=stamp.at)


def print_batch(
    code: str, items: Iterable[tuple[Any, Stamp]], *, company: str = "", at: datetime | None = None
) -> Iterator[bytes]:
    """
    Print many forms of one kind: yields PDFs of up to ``BATCH`` forms, each form counting its own pages.

    :raises UnableToPrint: as ``print_form``.
    """
    kind = form_kind(code)
    waiting: list[dict[str, Any]] = []
    for data, stamp in items:
        waiting.append(_document(kind, _content(kind, data), stamp, company))
        if len(waiting) == BATCH:
            yield typesetting.render_many(kind.template, waiting, at=at)
            waiting = []
    if waiting:
        yield typesetting.render_many(kind.template, waiting, at=at)


def missing_in(data: Any) -> list[str]:
    """Return the characters of a form's data that no font has; they print as their code points."""
    return typesetting.missing_glyphs("".join(_texts(written(data))))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
