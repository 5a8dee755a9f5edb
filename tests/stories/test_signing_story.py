"""Signing from appointment to archive: a cash buyer, a married couple with one agent, a company."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from guiju.estate.models import Permit
from guiju.kernel import engine
from guiju.kernel.models import Case, Clock, Event
from guiju.kernel.refusals import NotYourPost
from guiju.ledger.models import PenaltyTerm
from guiju.ledger.queries import book_of_deal, statement
from guiju.ledger.verify import problems
from guiju.papers.offers import print_case
from guiju.reports import signings
from guiju.sales.contracts import contract_of
from guiju.sales.models import (
    Contract,
    ContractText,
    DealChange,
    PreparedDocument,
    Signing,
    SigningPaper,
    TextEntry,
)
from guiju.sales.operations import signing_stock as stock
from guiju.sales.signing_facts import SigningFacts
from guiju.web import casepage
from guiju.web.prefill import prefill
from tests.stories.conftest import WEDNESDAY, House, beijing
from tests.stories.signing_desk import SIGNING_DAY, TERMS, Desk, work

D = Decimal
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house).stocked()


@pytest.mark.clause(
    "I-5.3-0", "I-2.1-b", "I-2.1-n", "I-5.3-3a", "I-5.3-3b", "I-5.3-3d", "I-5.3-4a", "I-5.3-4b", "I-5.3-4c",
    "I-5.3-6a", "J-2.1-a", "J-2.1-b", "J-2.1-c", "I-2.1-j", "I-2.1-k",
)  # fmt: skip
def test_a_cash_buyer_signs_once_everything_is_in_order_and_all_moves_in_one_piece(desk: Desk):
    house = desk.house
    case = desk.booked()
    subscription = desk.row(case).subscription.case
    assert (case.process, case.state, case.number[:2]) == ("signing", "booked", "QY")

    # Nobody converts by hand, and nothing is signed before it is ready: each refusal in the words of the SOP.
    with pytest.raises(NotYourPost):
        given = {"contract_number": "HT-1", "signed_date": "2026-11-24"}
        engine.advance(subscription, "convert", by=house.deng, at=SIGNING_DAY, given=given)
    before = SIGNING_DAY - 4 * DAY
    desk.take(case, "give_list", "ma", before, how="当面交付", receiver="苏清越")
    with desk.refused("请按清单逐项核对", "I-5.3-1"):
        desk.take(case, "prepare", "wu", before)
    desk.take(case, "prepare", "wu", before, complete=True)
    # Twelve documents, the five certificates one by one; the two for loans are not asked of who pays cash.
    kept = desk.row(case).prepared
    assert len(kept) == 16
    assert [line["state"] for line in kept if line["kind"] in ("loan", "mortgage")] == ["not_needed"] * 2
    assert {line["state"] for line in kept if line["kind"] not in ("loan", "mortgage")} == {"ready"}
    desk.take(case, "draft", "deng", before + HOUR)

    reasons = {
        reason.text: reason.clause for reason in house.option(case, "sign", "deng", SIGNING_DAY).reasons
    }
    assert reasons["销售还没有领取合同文本，并在合同领用登记表上签字"] == "I-5.3-3a"
    assert reasons["客户提交的资料还没有核对"] == "I-5.3-4c"
    assert reasons["已交付的款费还没有核对"] == "I-5.3-4b"
    assert reasons["客户的签字还没有审查"] == "I-5.3-4a"

    # A missing paper is listed with the day promised; without it there is no signing.
    rows = desk.papers(case, without="户口簿")
    with desk.refused("请填客户答应补交的日期", "I-5.3-4c"):
        desk.take(case, "check_papers", "wu", before, papers=[{"paper": rows[0]["paper"]}])
    desk.take(case, "check_papers", "wu", before, papers=rows)
    missing = SigningFacts(desk.row(case)).papers_missing
    assert [(paper.name, paper.customer.name, paper.promised_date) for paper in missing] == [
        ("户口簿", "苏清越", date(2026, 11, 23))
    ]

    # The text is fetched the day before by sales, who signs for it; only they do.
    with pytest.raises(NotYourPost, match="置业顾问"):
        desk.take(case, "collect_text", "deng", SIGNING_DAY - DAY, signature=house.scan)
    desk.take(case, "collect_text", "lin", SIGNING_DAY - DAY, signature=house.scan)
    entry = TextEntry.objects.get(act=TextEntry.OUT)
    assert (entry.text.serial, entry.person.name, entry.late, entry.signature) == (
        "HTW-0001",
        "林晓雯",
        False,
        house.scan,
    )

    # 1,960,000 less the deposit of 50,000 is due by signing.
    with desk.refused("签约时应付 ¥1,960,000.00，实收 ¥50,000.00，还差 ¥1,910,000.00，不能签约", "I-5.3-4b"):
        desk.take(case, "check_money", "he", SIGNING_DAY, agreed=True)
    desk.pay(case, "1910000.00", SIGNING_DAY - 20 * HOUR)
    desk.take(case, "check_money", "he", SIGNING_DAY, agreed=True)
    with desk.refused("签字还没有逐页核对", "I-5.3-4a"):
        desk.signatures(case, {"buyer": 1})
    desk.signatures(case)
    with desk.refused("客户资料不齐，还缺：苏清越的户口簿", "I-5.3-4c"):
        desk.sign(case)
    assert (house.control(), Contract.objects.count(), subscription.state) == ("subscribed", 0, "sealed")
    desk.take(case, "check_papers", "wu", SIGNING_DAY, papers=desk.papers(case))
    with desk.refused("签约日期不能晚于今天", "I-5.3-0"):
        desk.sign(case, signed_date="2026-11-25")

    event = desk.sign(case, city_number="示网签 2026 第 0001 号")

    subscription.refresh_from_db()
    row = desk.row(case)
    contract = contract_of(row.deal_id)
    assert contract is not None
    assert (case.state, subscription.state, house.control()) == ("signed", "converted", "signed")
    assert (contract.number, contract.city_number) == ("HT-YQ1-2026-0001", "示网签 2026 第 0001 号")
    assert (contract.total_price, contract.unit_price) == (D("1960000.00"), D("19600.00"))
    assert contract.text.state == ContractText.USED
    assert (row.deal.stage, row.deal.contract_number, row.deal.terms_version) == (
        "signed",
        contract.number,
        2,
    )
    # One transaction: the conversion and the signature carry the same moment and stand side by side in the record.
    other = Event.objects.get(case=subscription, step="convert")
    assert (other.recorded_at, abs(other.pk - event.pk)) == (event.recorded_at, 1)
    # The books: the deposit is set off, all is paid, the contract's rate of 2 per 10,000 a day is written down.
    book = book_of_deal(row.deal_id)
    said = statement(book)
    assert (said.owed, said.open, said.over) == (D("1960000.00"), D("0.00"), D("0.00"))
    term = PenaltyTerm.objects.get(book=book)
    assert (term.millionths, term.limit_days) == (200, 60)
    assert list(problems()) == []

    # Reviewed by another, handed over with both names and time, archived with its place after the seal.
    later = SIGNING_DAY + 2 * HOUR
    with desk.refused("签约经办人和销售不能复核自己的合同", "I-2.1-b"):
        desk.take(case, "review", "deng", later, signatures_ok=True, annexes_ok=True, copies_ok=True)
    seen = {
        who: next(
            act for act in casepage.load(case, by=house.people[who], at=later).acts if act.name == "review"
        )
        for who in ("deng", "zhou")
    }
    assert (seen["deng"].option.mine, seen["deng"].barred, seen["zhou"].barred) == (True, True, False)
    with desk.refused("合同不齐：附件", "I-2.1-n"):
        desk.take(case, "review", "zhou", later, signatures_ok=True, copies_ok=True)
    desk.take(
        case, "review", "zhou", later, signatures_ok=True, annexes_ok=True, copies_ok=True, opinion="齐全"
    )
    row = desk.row(case)
    assert (row.reviewed_by, row.review["result"], row.review["opinion"]) == (house.zhou.pk, "通过", "齐全")
    work(later + HOUR)
    # The seal takes the four copies that the review found, not the form's usual five.
    approval = Case.objects.get(process="contract_approval")
    assert prefill(approval, "seal") == {"copies": "4"}
    desk.take(case, "take_over", "wu", later + DAY)
    contract = contract_of(row.deal_id)
    assert (contract.handed_over_by.name, contract.taken_over_by.name, contract.taken_over_at) == (
        "林晓雯",
        "吴敏",
        later + DAY,
    )
    assert contract.register_number == "HTD-YQ1-2026-0001"
    with desk.refused("合同还没有审批盖章，盖章后再归档", "J-2.1-c"):
        desk.take(case, "archive", "xu", later + DAY, place="A 区 3 柜 2 层", complete=True)
    Contract.objects.filter(pk=contract.pk).update(sealed_at=later + DAY)
    with desk.refused("入客户档案后再归档", "I-5.3-6a"):
        desk.take(case, "archive", "xu", later + 2 * DAY, place="A 区 3 柜 2 层")
    desk.take(case, "archive", "xu", later + 2 * DAY, place="A 区 3 柜 2 层", complete=True)
    contract = contract_of(row.deal_id)
    assert (case.state, contract.place, contract.archived_at) == (
        "archived",
        "A 区 3 柜 2 层",
        later + 2 * DAY,
    )
    for name in ("appointment", "preparation", "filling", "take_over"):
        assert print_case(case, name, by=house.wu, at=later + 2 * DAY).pk
    works = print_case(case, "works_change", by=house.wu, at=later + 2 * DAY)
    assert (works.form_number, works.content["contract"], works.content["buyers"]) == (
        "KF-BD-39", contract.number, "苏清越",
    )  # fmt: skip
    assert works.token
    assert not any(option.open for option in engine.options(case, by=house.deng, at=later + 3 * DAY))


@pytest.mark.clause("I-5.3-4a", "I-2.1-q")
def test_a_married_couple_signs_with_one_agent_whose_authority_covers_it(desk: Desk):
    house = desk.house
    case = desk.booked(buyers=[house.buyer("苏清越"), house.buyer("顾行舟", relation="配偶")])
    desk.ready(case)
    # Each of the two brings papers of their own.
    names = set(SigningPaper.objects.filter(signing__case=case).values_list("customer__name", flat=True))
    assert {"苏清越", "顾行舟"} <= names
    agent: dict[str, Any] = {
        "name": "温如言", "identity": house.buyer()["identity"], "matters": "代为签订商品房买卖合同", "attachment": house.scan,
    }  # fmt: skip

    first = {"buyer": 1, "every_page": True}
    with desk.refused("买受人顾行舟没有签字，全体买受人到场或者委托后才能签约", "I-5.3-4a"):
        desk.signatures(case, first)
    with desk.refused("委托他人签约的，授权委托书须公证"):
        desk.signatures(case, first, {"buyer": 2, "every_page": True, "agent": agent})
    with desk.refused("授权事项是「办理认购手续」，没有包括签订买卖合同"):
        desk.signatures(
            case, first, {"buyer": 2, "every_page": True, "agent": agent | {"matters": "办理认购手续"}}
        )
    with desk.refused("授权已于 2026-11-20 到期"):
        expired = agent | {"notarised": True, "valid_until": "2026-11-20"}
        desk.signatures(case, first, {"buyer": 2, "every_page": True, "agent": expired})
    desk.signatures(case, first, {"buyer": 2, "every_page": True, "agent": agent | {"notarised": True}})
    desk.sign(case)

    row = desk.row(case)
    assert [line["signer"] for line in row.signatures] == ["苏清越", "温如言"]
    assert row.signatures[1]["letter"] is not None
    assert (row.signatures_checked_by, case.state) == (house.wu.pk, "signed")


@pytest.mark.clause("I-5.3-4a", "I-5.3-6b", "I-5.3-6c")
def test_a_company_signs_by_its_representative_and_the_register_and_report_say_so(desk: Desk):
    house = desk.house
    agent = {
        "kind": "representative", "name": "温如言", "identity": house.buyer()["identity"],
        "matters": "办理购房、签订买卖合同", "attachment": house.scan,
    }  # fmt: skip
    company = house.buyer("示范贸易有限公司", identity="91110105MA0000000Y", agent=agent)
    case = desk.booked(payer="示范贸易有限公司", buyers=[company])
    names = set(SigningPaper.objects.filter(signing__case=case).values_list("name", flat=True))
    assert {"营业执照副本", "法定代表人证明、授权委托书"} <= names
    desk.ready(case, payer="示范贸易有限公司")

    with desk.refused("是单位，由经办人持授权委托书签字"):
        desk.signatures(case)
    desk.signatures(case, {"buyer": 1, "every_page": True, "by_agent": True})
    desk.sign(case)

    assert desk.row(case).signatures[0]["signer"] == "温如言"
    # Signed is entered: a line of the register of November, none of December's; and the report adds it up.
    first, last = date(2026, 11, 1), date(2026, 11, 30)
    lines = signings.rows(signings.signed(Contract.objects.all(), begin=first, end=last))
    entered = signings.register(lines, project="云栖里一期", begin=first, end=last).rows
    assert [row[:8] for row in entered] == [
        (
            "HT-YQ1-2026-0001", date(2026, 11, 24), "1号楼 1单元 1501", "示范贸易有限公司", D("100.00"), D("19600.00"),
            D("1960000.00"), "一次性付款",
        )
    ]  # fmt: skip
    assert not signings.signed(
        Contract.objects.all(), begin=date(2026, 12, 1), end=date(2026, 12, 31)
    ).exists()
    report = signings.report(lines, project="云栖里一期", begin=first, end=last)
    assert [(row[0], row[1], row[2], row[4]) for row in report.rows] == [
        ("楼栋", "1号楼", 1, D("1960000.00")),
        ("付款方式", "一次性付款", 1, D("1960000.00")),
    ]
    assert contract_of(desk.row(case).deal_id).total_price == D("1960000.00")


@pytest.mark.clause(
    "I-5.3-1", "I-5.3-1a", "I-5.3-1b", "I-5.3-1c", "I-5.3-1d", "I-5.3-1e", "I-5.3-1f", "I-5.3-1g", "I-5.3-1h",
    "I-5.3-1i", "I-5.3-1j", "I-5.3-1k", "I-5.3-1l",
)  # fmt: skip
def test_a_document_that_is_missing_or_expired_stops_the_signing(desk: Desk):
    house = desk.house
    case = desk.booked(payment="mortgage", down_payment="600000", bank="建设银行")
    facts = SigningFacts(desk.row(case))
    lines = facts.prepared(facts.day)
    # In the order of the SOP: licence, authority, five certificates, areas … loan papers and mortgage list.
    assert [line.title for line in lines] == [
        "公司营业执照副本", "法人授权委托书", "不动产权证（土地）", "建设用地规划许可证", "建设工程规划许可证", "建筑工程施工许可证",
        "商品房预售许可证", "面积表", "价格表", "公摊说明", "户型图", "设备及装修标准", "付款条款", "合同文本", "银行贷款资料及收费清单",
        "按揭所需资料及费用清单",
    ]  # fmt: skip
    assert {line.label for line in lines} == {"已备好"}
    assert (lines[0].version, lines[0].owner, lines[13].version) == ("2026-1", "邓宇", "2026-1")
    assert lines[6].number == "示房售证字（2026）第 007 号"

    PreparedDocument.objects.filter(kind="licence").update(valid_until=date(2026, 11, 23))
    with desk.refused("签约准备文件已过期：公司营业执照副本（至 2026-11-23），更新后再签约", "I-5.3-1"):
        desk.take(case, "prepare", "wu", SIGNING_DAY - 3 * DAY, complete=True)
    PreparedDocument.objects.filter(kind="licence").update(valid_until=None)
    Permit.objects.filter(kind="construction").update(valid_until=date(2026, 11, 1))
    with desk.refused("建筑工程施工许可证（至 2026-11-01）"):
        desk.take(case, "prepare", "wu", SIGNING_DAY - 3 * DAY, complete=True)
    Permit.objects.filter(kind="construction").update(valid_until=date(2027, 11, 1))
    PreparedDocument.objects.filter(kind="mortgage").update(live=False)
    with desk.refused("签约准备文件不齐，还缺：按揭所需资料及费用清单"):
        desk.take(case, "prepare", "wu", SIGNING_DAY - 3 * DAY, complete=True)
    assert desk.row(case).prepared == []
    PreparedDocument.objects.filter(kind="mortgage").update(live=True)
    desk.take(case, "prepare", "wu", SIGNING_DAY - 3 * DAY, complete=True)
    assert desk.row(case).prepared_by == house.wu.pk


@pytest.mark.clause("I-5.3-2a", "I-5.3-2b", "I-2.1-l", "I-2.1-m", "K-3.1-a", "K-3.1-b")
def test_what_differs_from_the_model_contract_is_marked_and_nothing_unreleased_is_written_in(desk: Desk):
    house = desk.house
    case = desk.booked()
    at = SIGNING_DAY - 4 * DAY
    desk.take(case, "note_point", "lin", at, subject="逾期付款", buyer="希望宽限", seller="按范本")
    desk.take(case, "propose_clause", "lin", at, kind="clause", title="车位", words="车位另行签约。")
    desk.take(
        case,
        "propose_clause",
        "wu",
        at,
        kind="service",
        title="代办装修验收",
        words="交付后 30 日内免费代为验收。",
    )

    with desk.refused("还没有评审放行：补充条款「车位」、服务内容「代办装修验收」", "I-2.1-m"):
        desk.take(case, "draft", "deng", at)
    # A clause is released by the manager, a service is reviewed by sales; nobody decides on their own words.
    with desk.refused("服务内容由销售按合同评审程序评审"):
        desk.take(case, "release_clause", "zhou", at, number=2, decision="release")
    desk.take(case, "release_clause", "zhou", at, number=1, decision="release", opinion="可以")
    desk.take(case, "review_service", "lin", at, number=2, decision="release", opinion="由售后服务部办理")
    with desk.refused("逾期交付的违约金比例不能低于逾期付款的", "I-5.3-2a"):
        desk.take(case, "draft", "deng", at, late_pay_rate="3")
    with desk.refused("范本没有第 99 条"):
        desk.take(
            case, "draft", "deng", at, changed=[{"clause": "99", "words": "不同", "reason": "客户要求"}]
        )
    with desk.refused("附件还没有备好：平面图"):
        desk.take(case, "draft", "deng", at, annexes=[{"name": "平面图", "ready": False}])
    desk.take(
        case, "draft", "deng", at, late_pay_rate="1", rescind_after_days=60,
        changed=[{"clause": "8", "words": "宽限 10 日。", "reason": "谈判结果"}], due=[{"line": 2, "due_date": "2026-11-30"}],
    )  # fmt: skip

    draft = desk.row(case).draft
    assert [(one["what"], one["standard"], one["here"]) for one in draft["deviations"]] == [
        ("逾期付款违约金（万分之／日）", "2", "1"),
        ("第 8 条", "按本条约定承担责任。", "宽限 10 日。"),
        ("补充条款：车位", "", "车位另行签约。"),
        ("服务内容：代办装修验收", "", "交付后 30 日内免费代为验收。"),
    ]
    assert [one["name"] for one in draft["annexes"]] == ["房屋平面图", "装修和设备标准"]
    assert draft["plan"][1]["due_date"] == "2026-11-30"

    # The negotiation is checked by somebody else before anything is signed.
    reasons = [reason.text for reason in house.option(case, "sign", "deng", SIGNING_DAY).reasons]
    assert "谈判结果还没有审核：逾期付款" in reasons
    with desk.refused("还没有谈判结果：逾期付款", "I-2.1-l"):
        desk.take(case, "check_points", "gao", at + HOUR, agreed=True)
    desk.take(case, "note_point", "lin", at + HOUR, subject="逾期付款", result="宽限 10 日")
    with desk.refused("不在授权范围内"):
        desk.take(case, "check_points", "gao", at + HOUR)
    desk.take(case, "check_points", "gao", at + HOUR, agreed=True, opinion="在授权内")
    point = desk.row(case).points.get()
    assert (point.buyer, point.result, point.checked_by) == ("希望宽限", "宽限 10 日", house.gao.pk)

    # A service agreed on after the contract was filled in has to be written into it.
    desk.take(
        case, "propose_clause", "wu", at + HOUR, kind="service", title="入住陪同", words="陪同办理入住。"
    )
    desk.take(case, "review_service", "gao", at + HOUR, number=3, decision="release")
    reasons = [reason.text for reason in house.option(case, "sign", "deng", SIGNING_DAY).reasons]
    assert "已同意的内容还没有写进合同：入住陪同，请重新填制" in reasons
    desk.take(case, "redraft", "deng", at + 2 * HOUR)
    assert [one["title"] for one in desk.row(case).draft["added"]] == ["车位", "代办装修验收", "入住陪同"]


def test_nothing_is_signed_while_a_change_is_open_and_a_changed_deal_is_filled_in_anew(desk: Desk):
    case = desk.booked()
    desk.ready(case)
    desk.signatures(case)
    row = desk.row(case)
    deal = row.deal
    change = DealChange.objects.create(
        case=row.subscription.case, deal=deal, kind="price", opened_at=WEDNESDAY, opened_version=1
    )
    with desk.refused("有变更或退房 RG-YQ1-2026-0001 在办", "2.0"):
        desk.sign(case)
    change.open = False
    change.save()
    deal.terms_version = 2
    deal.save()

    with desk.refused("填制合同以后成交条件变更过，请重新填制", "I-5.3-2a"):
        desk.sign(case)
    desk.take(case, "redraft", "deng", SIGNING_DAY)

    # A new version of the model contract comes into force that very day: neither draft nor set of the old one will do.
    text = stock.TemplateText(name="甲", version="2026-9", terms=TERMS, valid_from=date(2026, 11, 24))
    drawn = stock.draw_template(project=desk.house.project, text=text, by=desk.house.deng, at=SIGNING_DAY)
    stock.release_template(template=drawn, by=desk.house.zhou, at=SIGNING_DAY)
    with desk.refused("填制合同以后范本换了版本，请用现行范本重新填制", "I-5.3-2a"):
        desk.sign(case)
    desk.take(case, "redraft", "deng", SIGNING_DAY)
    with desk.refused(
        "领取的合同文本 HTW-0001 是商品房买卖合同（预售） 2026-1 版，与填制的范本不同，请退回换领", "I-5.3-3a"
    ):
        desk.sign(case)
    assert Contract.objects.count() == 0


@pytest.mark.clause("I-5.3-0", "I-5.3-3a")
def test_an_appointment_moves_with_the_subscription_and_ends_with_it(desk: Desk):
    house = desk.house
    case = desk.booked()
    subscription = desk.row(case).subscription.case
    with desk.refused(f"已有签约事项 {case.number}", "I-5.3-0"):
        engine.open_case(
            "signing", by=house.deng, at=WEDNESDAY + 4 * HOUR, given={"signing_at": SIGNING_DAY},
            chain_id=house.project.company_id, scope_id=house.project.pk, links=[("unit", house.units[0].pk)],
        )  # fmt: skip
    # The text is due the evening before the appointment, the signing by the evening of it.
    assert due(case, "collect") == beijing("2026-11-24 00:00")
    assert due(case, "appointment") == beijing("2026-11-25 00:00")

    moved = SIGNING_DAY + DAY
    house.take(subscription, "set_signing_date", "deng", WEDNESDAY + DAY, signing_at=moved)
    work(WEDNESDAY + DAY)
    assert desk.row(case).signing_at == moved
    assert due(case, "collect") == beijing("2026-11-25 00:00")
    with desk.refused("签约期限是 2026-11-25，约定时间超过了，请先办延期"):
        desk.take(case, "reappoint", "deng", WEDNESDAY + DAY, signing_at=SIGNING_DAY + 9 * DAY)

    desk.take(case, "collect_text", "lin", WEDNESDAY + DAY, signature=house.scan)
    house.take(
        subscription, "cancel", "zhou", WEDNESDAY + 2 * DAY, cause="no_agreement", reason="双方协商一致"
    )
    house.approve(subscription, WEDNESDAY + 2 * DAY)
    work(WEDNESDAY + 2 * DAY + HOUR)

    case.refresh_from_db()
    assert (case.state, Signing.objects.get().open) == ("cancelled", False)
    assert ContractText.objects.get(serial="HTW-0001").state == ContractText.STOCK


def due(case: Case, clock: str) -> Any:
    return (
        Clock.objects.filter(case=case, name=clock).order_by("-pk").values_list("due_at", flat=True).first()
    )
