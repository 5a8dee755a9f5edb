"""
The papers of a signing: 签约预约及所需提供资料表, 签约准备文件清单, 合同填制单, 合同移交登记表; and the 合同领用登记表
of a project.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby

from guiju.estate.models import Project
from guiju.kernel.calendar import local_date
from guiju.kernel.models import Case
from guiju.kernel.money import ZERO, yuan
from guiju.kernel.numbering import ZONE
from guiju.org.models import Person
from guiju.papers import forms as paper
from guiju.papers.offers import NotYetPrintable, offer
from guiju.papers.works import WorksChangeForm
from guiju.papers.writing import day, money
from guiju.sales.blanks import works_change_of
from guiju.sales.models import Contract, Payment, Signing, SigningPaper, TextEntry
from guiju.sales.papers import account_of
from guiju.sales.signing_facts import SigningFacts

TERMS = (
    ("late_pay_rate", "逾期付款违约金", "万分之 {}／日"),
    ("late_handover_rate", "逾期交付违约金", "万分之 {}／日"),
    ("rescind_after_days", "逾期多少日可解除", "{} 日"),
    ("rescind_percent", "解除时的违约金", "{}%"),
    ("handover_date", "交付日期", "{}"),
)


def _whose(facts: SigningFacts) -> str:
    return f"{facts.unit.project.name} {facts.unit.label} {'、'.join(facts.buyer_names)}"


def _facts(case: Case) -> SigningFacts:
    rows = Signing.objects.select_related(
        "unit__building", "unit__project__company", "deal", "subscription", "template", "sold_by"
    )
    return SigningFacts(rows.get(case_id=case.pk))


def _signed(person_id: int | None, at: datetime | None) -> paper.Signed | None:
    if person_id is None or at is None:
        return None
    return paper.Signed(Person.objects.values_list("name", flat=True).get(pk=person_id), local_date(at))


def _required(row: SigningPaper) -> paper.Required:
    return paper.Required(
        row.name, row.customer.name if row.customer is not None else "", "原件", str(row.copies or ""),
        got=row.received_at is not None, valid_until=row.valid_until, promised=row.promised_date,
        note="不需要" if not row.needed else row.note,
    )  # fmt: skip


def _sets(rows: Iterable[SigningPaper]) -> tuple[paper.RequiredSet, ...]:
    parts = groupby(rows, key=lambda row: row.for_loan)
    return tuple(
        paper.RequiredSet("贷款资料" if loan else "签约资料", tuple(_required(row) for row in part))
        for loan, part in parts
    )


@offer("signing", "appointment", "appointment", "签约预约及所需提供资料表")
def appointment_form(case: Case, at: datetime) -> paper.AppointmentForm:
    """Build the 签约预约及所需提供资料表 with what is here, what is missing and the day promised (I-5.3-3e, I-6-2)."""
    facts = _facts(case)
    row, deal = facts.row, facts.deal
    payment = Payment(deal.payment) if deal.payment else Payment.OTHER
    return paper.AppointmentForm(
        project=row.unit.project.name, number=case.number,
        subscription=row.subscription.number if row.subscription is not None else "",
        buyers="、".join(facts.buyer_names), unit=row.unit.label,
        phone=facts.buyers[0].customer.phone if facts.buyers else "", signing_at=row.signing_at,
        sign_until=row.subscription.signing_due_date if row.subscription is not None else None, place=row.place,
        consultant=row.sold_by.name if row.sold_by is not None else "", payment_method=payment.label,
        bring=max(facts.due(facts.day) - facts.received, ZERO), bring_for="签约时应付（扣除已交）",
        account=account_of(row.unit), bank=deal.bank, lawyer_at=row.signing_at if row.lawyer else None,
        sets=_sets(facts.papers),
    )  # fmt: skip


@offer("signing", "preparation", "register", "签约准备文件清单")
def preparation_form(case: Case, at: datetime) -> paper.RegisterForm:
    """Build the preparation list of one signing: each document with version, number, owner, validity (I-5.3-1)."""
    facts = _facts(case)
    row = facts.row
    lines = row.prepared or [line.kept() for line in facts.prepared(facts.day)]
    done = sum(1 for line in lines if line["state"] in ("ready", "not_needed"))
    words = {"ready": "已备好", "missing": "缺", "expired": "已过期", "not_needed": "不适用"}
    return paper.RegisterForm(
        title="签约准备文件清单",
        project=_whose(facts),
        period=f"签约 {day(facts.day)}",
        columns=(
            paper.Column("文件", 2.2), paper.Column("版本", 0.8),
            paper.Column("编号或名称", 2.0), paper.Column("责任人或发证机关", 1.4), paper.Column("有效期至", 1.0),
            paper.Column("状态", 0.8),
        ),
        rows=tuple(
            (
                line["title"], line["version"], line["number"], line["owner"], line["valid_until"],
                words[line["state"]],
            )
            for line in lines
        ),
        remarks=f"齐备 {done}／{len(lines)} 项",
        desks=(paper.Desk("签约主管", "已逐项核对，整理成套", _signed(row.prepared_by, row.prepared_at)),),
    )  # fmt: skip


@offer("signing", "filling", "register", "合同填制单")
def filling_form(case: Case, at: datetime) -> paper.RegisterForm:
    """
    Build the sheet of the contract: terms, plan, annexes, and each deviation from the model contract (I-5.3-2a, 2b).

    :raises NotYetPrintable: the contract is not filled in.
    """
    facts = _facts(case)
    row = facts.row
    if row.drafted_at is None or row.template is None:
        raise NotYetPrintable("合同还没有填制")
    terms, usual = facts.terms, row.template.terms
    lines: list[tuple[str, ...]] = [
        ("条款", words, shape.format(usual[name]) if usual.get(name) else "", shape.format(terms[name]), "")
        for name, words, shape in TERMS
    ]
    for place, line in enumerate(facts.plan):
        when = line.get("due_date") or (
            "按放款条件" if line.get("loan") else "认购时" if not place else "签约时"
        )
        lines.append(("付款", str(line["name"]), "", f"{money(yuan(str(line['amount'])))} 元", str(when)))
    lines += [
        ("附件", str(one["name"]), "", f"{one['copies']} 份", "") for one in row.draft.get("annexes", [])
    ]
    lines += [
        ("与范本不同", str(one["what"]), str(one["standard"]), str(one["here"]), str(one["reason"]))
        for one in row.draft.get("deviations", [])
    ]
    return paper.RegisterForm(
        title="合同填制单",
        project=_whose(facts),
        period=f"填制 {day(local_date(row.drafted_at))}",
        columns=(
            paper.Column("类别", 0.8), paper.Column("项目", 1.6), paper.Column("范本", 2.0), paper.Column("本合同", 2.4),
            paper.Column("说明", 1.6),
        ),
        rows=tuple(lines),
        remarks=f"范本：{row.template}　成交总价 {money(row.deal.total_price or ZERO)} 元",
        desks=(paper.Desk("填制人", "按范本填制，不同处已标明", _signed(row.drafted_by, row.drafted_at)),),
    )  # fmt: skip


@offer("signing", "take_over", "register", "合同移交登记表")
def take_over_form(case: Case, at: datetime) -> paper.RegisterForm:
    """
    Build the take-over of the contract with both names, time and register number (J-2.1-a, 2.1-b).

    :raises NotYetPrintable: it has not been taken over.
    """
    facts = _facts(case)
    contract = (
        Contract.objects.select_related("handed_over_by", "taken_over_by", "text")
        .filter(case_id=case.pk)
        .first()
    )
    if contract is None or contract.taken_over_at is None:
        raise NotYetPrintable("合同还没有移交")
    when = contract.taken_over_at.astimezone(ZONE)
    return paper.RegisterForm(
        title="合同移交登记表",
        project=facts.unit.project.name,
        columns=tuple(
            paper.Column(*one)
            for one in (
                ("登记号", 1.7), ("合同编号", 1.6), ("文本编号", 1.1), ("房号", 1.3), ("买受人", 1.1), ("签约日期", 1.1),
                ("移交人", 0.8), ("接收人", 0.8), ("时间", 1.5), ("存放位置", 1.1),
            )
        ),
        rows=(
            (
                contract.register_number, contract.number, contract.text.serial if contract.text is not None else "",
                facts.unit.label, "、".join(facts.buyer_names), f"{contract.signed_date}",
                contract.handed_over_by.name if contract.handed_over_by is not None else "",
                contract.taken_over_by.name if contract.taken_over_by is not None else "", f"{when:%Y-%m-%d %H:%M}",
                contract.place,
            ),
        ),
    )  # fmt: skip


@offer("signing", "works_change", "works_change", "工程变更申请单")
def works_change(case: Case, at: datetime) -> WorksChangeForm:
    """
    Build the 工程变更申请单 with unit, buyers and contract filled in; the wish and the opinions are written by hand (I-6-4).

    :raises NotYetPrintable: the contract is not signed.
    """
    facts = _facts(case)
    if facts.row.signed_at is None:
        raise NotYetPrintable("签约以后才有工程变更")
    return works_change_of(facts.unit)


def issue_register(
    project: Project, first: date, last: date, entries: Iterable[TextEntry]
) -> paper.RegisterForm:
    """Build the 合同领用登记表 of a period from its entries (I-5.3-3c, form 25)."""
    return paper.RegisterForm(
        title="合同领用登记表",
        project=project.name,
        period=f"{day(first)} 至 {day(last)}",
        columns=(
            paper.Column("日期", 1.2), paper.Column("文本编号", 1.2), paper.Column("范本版本", 1.2), paper.Column("事项", 0.7),
            paper.Column("用于", 1.4), paper.Column("签约日", 1.0), paper.Column("领用人", 0.9), paper.Column("签字", 0.8),
            paper.Column("备注", 1.4),
        ),
        rows=tuple(entry_row(entry) for entry in entries),
        remarks="签约前一日领取；当日及以后领取的记「迟领」。",
    )  # fmt: skip


def entry_row(entry: TextEntry) -> tuple[str, ...]:
    """Return a line of the 合同领用登记表 as people read it."""
    return (
        f"{entry.happened_at.astimezone(ZONE):%Y-%m-%d %H:%M}",
        entry.text.serial,
        str(entry.text.template),
        str(entry.get_act_display()),
        entry.unit.label if entry.unit is not None else "",
        f"{entry.needed_date}" if entry.needed_date else "",
        entry.person.name if entry.person is not None else "",
        "已签" if entry.signature else "",
        "；".join(part for part in ("迟领" if entry.late else "", entry.note) if part),
    )
