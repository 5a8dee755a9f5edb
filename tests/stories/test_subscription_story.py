"""认购: Lin sells, Gao directs, Wu checks and registers, He keeps the till, Fang the seal, Deng arranges the signing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from guiju.customers.models import Customer
from guiju.estate.models import Control, ControlChange
from guiju.kernel import audit, clocks, engine
from guiju.kernel.chain import open_body
from guiju.kernel.models import Case, Event, Todo
from guiju.kernel.refusals import BadlyFilled, NotReady, NotYourPost, SomebodyWasFaster
from guiju.ledger.models import Receipt
from guiju.papers.models import SealUse
from guiju.papers.offers import NotYetPrintable, offers_of, print_case
from guiju.sales.models import BuyerPaper, Deal, Subscription
from tests.stories.conftest import WEDNESDAY, House, beijing

MINUTE = timedelta(minutes=1)


def story(case: Case) -> list[tuple[str, str, str]]:
    return list(
        Event.objects.filter(case=case).order_by("case_seq").values_list("step", "from_state", "to_state")
    )


def todos(case: Case) -> set[tuple[str, str]]:
    return set(Todo.objects.filter(case=case).values_list("post", "act"))


@pytest.mark.clause("I-5.1-0")
@pytest.mark.clause("I-2.1-a")
@pytest.mark.clause("I-5.1-3b")
def test_a_cash_buyer_comes_from_an_available_flat_to_the_sealed_subscription(house: House):
    case = house.sealed()

    assert story(case) == [
        ("lock", "", "locked"),
        ("hand_in", "locked", "signed"),
        ("director_sign", "signed", "reviewed"),
        ("check_and_register", "reviewed", "registered"),
        ("confirm_deposit", "registered", "paid"),
        ("seal", "paid", "sealed"),
    ]
    facts = house.facts(case)
    assert facts.registered_by == house.wu.pk
    assert facts.registered_at == WEDNESDAY + 50 * MINUTE
    assert (facts.deal.stage, facts.deal.total_price) == (Deal.SUBSCRIBED, Decimal("1960000.00"))
    assert facts.deal.unit_price == Decimal("19600.00")
    assert audit.verify().ok


@pytest.mark.clause("I-5.1-1a")
def test_only_a_flat_that_sales_control_shows_as_available_is_sold(house: House):
    unit = house.units[0]
    for state in (Control.NOT_RELEASED, Control.HELD, Control.RESTRICTED, Control.COOLING, Control.SIGNED):
        unit.control = state
        unit.save()
        with pytest.raises(NotReady, match=f"现在是「{state.label}」，不能认购"):
            house.lock()

    assert Case.objects.filter(process="subscription").count() == 0


@pytest.mark.clause("I-5.1-1a")
def test_a_flat_in_doubt_is_not_sold_and_the_refusal_names_the_register(house: House):
    unit = house.units[0]
    unit.unverified, unit.unverified_reason = True, "客户台账.xlsx「客户台账」第 9 行：身份证校验位不对"
    unit.save()

    with pytest.raises(NotReady, match="待核实：客户台账.xlsx「客户台账」第 9 行"):
        house.lock()


def test_without_a_valid_presale_permit_nothing_is_sold(house: House):
    permit = house.project.permits.get(kind="presale")
    permit.valid_until = beijing("2026-11-17 00:00").date()
    permit.save()

    with pytest.raises(NotReady, match="没有有效的商品房预售许可证"):
        house.lock()


@pytest.mark.clause("I-5.1-1a")
def test_only_sales_signs_with_the_customer(house: House):
    case = house.lock()

    with pytest.raises(NotYourPost, match="须由置业顾问办理"):
        engine.advance(case, "hand_in", by=house.wu, at=WEDNESDAY, given=house.paper())
    with pytest.raises(NotReady, match="认购书要与客户签署"):
        engine.advance(case, "hand_in", by=house.lin, at=WEDNESDAY, given=house.paper(signed=[]))

    assert story(case) == [("lock", "", "locked")]


@pytest.mark.clause("I-5.1-1b")
def test_the_director_reviews_and_signs_but_never_an_own_sale(house: House):
    case = house.handed_in()
    assert todos(case) == {("sales_director", "director_sign")}
    assert house.option(case, "check_and_register", "wu").open is False

    Subscription.objects.filter(case=case).update(sold_by=house.gao)
    with pytest.raises(NotReady, match="不能审核自己经手的认购书"):
        house.take(case, "director_sign", "gao", WEDNESDAY + 30 * MINUTE)
    Subscription.objects.filter(case=case).update(sold_by=house.lin)
    house.take(case, "director_sign", "gao", WEDNESDAY + 30 * MINUTE)

    facts = house.facts(case)
    assert (facts.director_id, facts.director_signed_at) == (house.gao.pk, WEDNESDAY + 30 * MINUTE)


@pytest.mark.clause("I-5.1-2a")
@pytest.mark.clause("I-5.1-2b")
@pytest.mark.clause("I-5.1-2c")
def test_customer_service_checks_control_price_and_payment_each_with_its_result(house: House):
    case = house.handed_in()
    house.take(case, "director_sign", "gao", WEDNESDAY + 30 * MINUTE)

    with pytest.raises(NotReady, match="还没有核对：单价、付款方式"):
        house.take(case, "check_and_register", "wu", WEDNESDAY + 40 * MINUTE, control_ok=True)
    house.take(
        case,
        "check_and_register",
        "wu",
        WEDNESDAY + 50 * MINUTE,
        control_ok=True,
        price_ok=True,
        payment_ok=True,
    )

    assert house.facts(case).checked == {"control": True, "price": True, "payment": True, "deviations": ""}


@pytest.mark.clause("I-5.1-2a")
def test_a_subscription_that_disagrees_with_sales_control_is_not_registered(house: House):
    case = house.handed_in()
    house.take(case, "director_sign", "gao", WEDNESDAY + 30 * MINUTE)
    unit = house.units[0]
    unit.refresh_from_db()
    unit.holder_case_id = None
    unit.save()

    option = house.option(case, "check_and_register", "wu")

    assert [r.text for r in option.reasons if r.kind == "need"] == [
        "与销控不符：1号楼 1单元 1501不在本认购名下"
    ]


@pytest.mark.clause("I-5.1-2b")
def test_a_price_off_by_a_cent_is_refused_with_the_right_one(house: House):
    case = house.lock()

    with pytest.raises(NotReady, match="成交总价应为 ¥1,960,000.00"):
        house.take(case, "hand_in", "lin", WEDNESDAY, **house.paper(total_price="1960000.01"))


@pytest.mark.clause("I-5.1-2d")
@pytest.mark.clause("I-5.1-2e")
def test_registering_gives_number_and_date_and_updates_sales_control(house: House):
    case = house.registered()

    facts = house.facts(case)
    assert (facts.number, facts.registered_at) == ("RGS-YQ1-2026-0001", WEDNESDAY + 50 * MINUTE)
    assert house.control() == Control.SUBSCRIBED
    assert list(ControlChange.objects.order_by("id").values_list("before", "after", "case_id")) == [
        ("available", "locked", case.pk),
        ("locked", "subscribed", case.pk),
    ]


@pytest.mark.clause("I-5.1-3a")
def test_the_cashier_confirms_the_deposit_and_less_than_it_is_not_enough(house: House):
    case = house.registered()

    with pytest.raises(NotYourPost, match="须由财务收款员办理"):
        house.take(case, "confirm_deposit", "wu", WEDNESDAY + 60 * MINUTE, **house.money())
    with pytest.raises(NotReady, match=r"实收合计 ¥30,000.00，不足定金 ¥50,000.00"):
        house.take(case, "confirm_deposit", "he", WEDNESDAY + 60 * MINUTE, **house.money("30000"))
    house.take(case, "part_deposit", "he", WEDNESDAY + 60 * MINUTE, **house.money("30000"))
    house.take(case, "confirm_deposit", "he", WEDNESDAY + 70 * MINUTE, **house.money("20000"))

    assert case.state == "paid"
    assert house.facts(case).deposit_confirmed_by == house.he.pk
    assert [r.amount for r in Receipt.objects.order_by("id")] == [Decimal("30000.00"), Decimal("20000.00")]


def test_a_third_party_payer_states_the_relation(house: House):
    case = house.registered()

    with pytest.raises(NotReady, match="付款人章海宁不是买受人，请填与买受人的关系"):
        house.take(case, "confirm_deposit", "he", WEDNESDAY, **house.money(payer="章海宁"))
    house.take(
        case, "confirm_deposit", "he", WEDNESDAY + 60 * MINUTE, **house.money(payer="章海宁", relation="姐姐")
    )

    assert Receipt.objects.get().third_party is True


def test_a_bounced_payment_is_reversed_by_a_new_row_and_does_not_count(house: House):
    case = house.paid()

    house.take(case, "bounce_deposit", "he", WEDNESDAY + 80 * MINUTE, reason="POS 退单")

    assert case.state == "registered"
    assert [r.amount for r in Receipt.objects.order_by("id")] == [Decimal("50000.00"), Decimal("-50000.00")]
    with pytest.raises(NotReady, match="现在是「待确认定金」，到「待盖章」时才能办理"):
        house.take(case, "seal", "fang", WEDNESDAY + 90 * MINUTE, copies=4)


@pytest.mark.clause("I-5.1-3b")
def test_the_seal_comes_only_after_the_cashier_and_is_entered_in_the_seal_register(house: House):
    case = house.registered()
    assert house.option(case, "seal", "fang").open is False

    house.take(case, "confirm_deposit", "he", WEDNESDAY + 70 * MINUTE, **house.money())
    house.take(case, "seal", "fang", WEDNESDAY + 90 * MINUTE, copies=4)

    use = SealUse.objects.get()
    assert (use.copies, use.used_by, use.title) == (4, house.fang, "房产认购书 RGS-YQ1-2026-0001")


@pytest.mark.clause("I-5.1-3b")
def test_whoever_sold_cannot_seal(house: House):
    case = house.paid()
    Subscription.objects.filter(case=case).update(sold_by=house.fang)

    option = house.option(case, "seal", "fang")

    assert "合同章保管人不能同时是销售、审核或收款的人" in [r.text for r in option.reasons]


@pytest.mark.clause("I-5.1-4a")
def test_identity_papers_are_collected_from_every_buyer(house: House):
    case = house.registered(buyers=[house.buyer(), house.buyer("章海宁", relation="配偶")])
    assert ("cs_clerk", "collect_papers") in todos(case)

    house.take(case, "collect_papers", "wu", WEDNESDAY + 60 * MINUTE, buyer=1, attachment=house.scan)
    assert ("cs_clerk", "collect_papers") in todos(case)
    house.take(case, "collect_papers", "wu", WEDNESDAY + 61 * MINUTE, buyer=2, attachment=house.scan)

    assert ("cs_clerk", "collect_papers") not in todos(case)
    assert BuyerPaper.objects.filter(kind="identity", received_at=None).count() == 0


@pytest.mark.clause("I-5.1-4b")
def test_a_buyer_without_residence_permit_is_marked_and_reminded_until_it_is_there(house: House):
    case = house.registered(buyers=[house.buyer(residence="missing")])
    house.take(case, "collect_papers", "wu", WEDNESDAY + 60 * MINUTE, buyer=1, attachment=house.scan)
    assert ("cs_clerk", "remind_residence") in todos(case)

    house.take(case, "remind_residence", "wu", WEDNESDAY + 70 * MINUTE, how="电话")
    house.take(case, "remind_residence", "wu", WEDNESDAY + 80 * MINUTE, how="电话")
    paper = BuyerPaper.objects.get(kind="residence_permit")
    assert (paper.reminders, paper.reminded_at) == (2, WEDNESDAY + 80 * MINUTE)
    assert ("cs_clerk", "remind_residence") in todos(case)
    house.take(case, "residence_permit", "wu", WEDNESDAY + 90 * MINUTE, buyer=1, attachment=house.scan)

    assert ("cs_clerk", "remind_residence") not in todos(case)
    with pytest.raises(NotReady, match="没有缺暂住证"):
        house.take(case, "remind_residence", "wu", WEDNESDAY + 95 * MINUTE, how="电话")


@pytest.mark.clause("I-5.1-4c")
def test_the_list_of_papers_is_printed_and_that_the_customer_was_told_is_recorded(house: House):
    case = house.sealed()

    paper = print_case(case, "appointment", by=house.wu, at=WEDNESDAY + 95 * MINUTE)
    house.take(case, "hand_out_list", "wu", WEDNESDAY + 100 * MINUTE, how="当面交付", receiver="苏清越")

    assert paper.form_number == "KF-BD-02"
    assert paper.file.read()[:5] == b"%PDF-"
    facts = house.facts(case)
    assert (facts.list_given_at, facts.list_given_how) == (WEDNESDAY + 100 * MINUTE, "当面交付")


@pytest.mark.clause("I-5.1-5a")
def test_a_mortgage_buyer_is_asked_for_the_bank_but_no_bank_does_not_block(house: House):
    case = house.handed_in(payment="mortgage", down_payment="588000")
    house.take(case, "director_sign", "gao", WEDNESDAY + 30 * MINUTE)

    with pytest.raises(NotReady, match="请填银行，或写暂未选定的原因"):
        house.take(case, "choose_bank", "lin", WEDNESDAY + 35 * MINUTE)
    house.take(case, "choose_bank", "lin", WEDNESDAY + 36 * MINUTE, undecided="在比较利率")
    house.take(case, "choose_bank", "wu", WEDNESDAY + 38 * MINUTE, bank="中国工商银行")

    assert house.facts(case).deal.bank == "中国工商银行"
    cash = house.handed_in(unit=1)
    with pytest.raises(NotReady, match="付款方式不是贷款"):
        house.take(cash, "choose_bank", "lin", WEDNESDAY + 40 * MINUTE, bank="中国工商银行")


@pytest.mark.clause("I-5.1-5b")
def test_the_lawyer_joins_the_signing_appointment_once_a_bank_is_chosen(house: House):
    case = house.sealed(payment="mortgage", down_payment="588000")
    when = "2026-11-24T10:00:00+08:00"

    with pytest.raises(NotReady, match="还没有选定银行，不能同时约律师"):
        house.take(case, "set_signing_date", "deng", WEDNESDAY + 100 * MINUTE, signing_at=when, lawyer=True)
    house.take(case, "choose_bank", "wu", WEDNESDAY + 101 * MINUTE, bank="招商银行")
    house.take(case, "set_signing_date", "deng", WEDNESDAY + 102 * MINUTE, signing_at=when, lawyer=True)

    facts = house.facts(case)
    assert (facts.lawyer_at_signing, facts.signing_at) == (True, beijing("2026-11-24 10:00"))


@pytest.mark.clause("I-5.1-7")
@pytest.mark.clause("I-6-1")
def test_the_subscription_form_prints_from_the_case(house: House):
    case = house.sealed()

    paper = print_case(case, "subscription", by=house.wu, at=WEDNESDAY + 2 * 60 * MINUTE)

    assert (paper.form_number, paper.number) == ("KF-BD-01", "RGS-YQ1-2026-0001")
    assert paper.content["total_words"] == "人民币壹佰玖拾陆万元整"
    assert paper.content["buyers"][0]["name"] == "苏清越"
    assert paper.file.read()[:5] == b"%PDF-"


@pytest.mark.clause("I-6-2")
def test_the_appointment_form_lists_what_a_mortgage_buyer_brings(house: House):
    case = house.sealed(payment="mortgage", down_payment="588000")

    paper = print_case(case, "appointment", by=house.wu, at=WEDNESDAY + 2 * 60 * MINUTE)

    titles = [group["title"] for group in paper.content["sets"]]
    assert titles == ["身份与资格资料", "认购与付款凭证", "贷款资料"]
    assert paper.content["bring"] == "538,000.00"


def test_saturdays_subscription_typed_on_monday_keeps_both_times_and_its_clocks_run_from_saturday(
    house: House,
):
    saturday, monday = "2026-11-21T15:30:00+08:00", beijing("2026-11-23 09:10")

    case = house.lock(at=monday, happened_at=saturday)
    house.take(
        case, "hand_in", "lin", monday + 3 * MINUTE, **house.paper(), happened_at="2026-11-21T15:40:00+08:00"
    )

    event = Event.objects.get(case=case, step="hand_in")
    assert (event.happened_at, event.recorded_at) == (beijing("2026-11-21 15:40"), monday + 3 * MINUTE)
    facts = house.facts(case)
    assert facts.deal.subscribed_date == beijing("2026-11-21 00:00").date()
    assert facts.signing_due_date == beijing("2026-11-28 00:00").date()
    due = {clock.name: clock.due_at for clock in case.clocks.filter(state="running")}
    assert due["deposit"] == beijing("2026-11-22 15:40")
    # 7 days from Saturday the 21st end on Saturday the 28th; the last day is off and rolls to Monday 24:00.
    assert due["sign"] == beijing("2026-12-01 00:00")


def test_an_expired_lock_is_free_for_the_next_and_the_first_seller_is_told(house: House):
    first = house.lock()
    second = house.lock(by="luo", at=WEDNESDAY + 16 * MINUTE)

    with pytest.raises(NotReady, match="锁定已过期，房源已放开或被别人锁定"):
        house.take(first, "hand_in", "lin", WEDNESDAY + 17 * MINUTE, **house.paper())

    assert house.facts(second).unit.holder_case_id == second.pk


def test_a_second_lock_on_a_locked_flat_is_refused(house: House):
    house.lock()

    with pytest.raises(SomebodyWasFaster, match="已被别人锁定"):
        house.lock(by="luo", at=WEDNESDAY + MINUTE)


def test_a_minor_needs_a_guardian_and_a_company_its_representative(house: House):
    case = house.lock()
    child = house.buyer("明轩", identity="110105201505070014")
    company = house.buyer("示范贸易有限公司", identity="91110105MA00000009")

    with pytest.raises(NotReady, match="第 1 位买受人明轩"):
        house.take(case, "hand_in", "lin", WEDNESDAY, **house.paper(buyers=[child]))
    with pytest.raises(NotReady, match="第 1 位买受人示范贸易有限公司"):
        house.take(case, "hand_in", "lin", WEDNESDAY, **house.paper(buyers=[company]))

    assert Customer.objects.count() == 0


def test_a_wrong_check_digit_is_refused_in_the_field_and_nothing_is_half_saved(house: House):
    case = house.lock()

    with pytest.raises(NotReady, match="第 1 位买受人苏清越"):
        house.take(
            case,
            "hand_in",
            "lin",
            WEDNESDAY,
            **house.paper(buyers=[house.buyer(identity="110105190305070010")]),
        )

    assert (Deal.objects.count(), Customer.objects.count()) == (0, 0)


def test_a_discount_above_the_limit_goes_through_the_chain_and_is_signed_as_the_seller(house: House):
    case = house.lock()
    house.take(
        case, "hand_in", "lin", WEDNESDAY + 5 * MINUTE,
        **house.paper(discounts=[{"name": "特批", "percent": "5"}], total_price="1900000.00"),
    )  # fmt: skip
    assert (case.state, case.pending_request_id is not None) == ("locked", True)

    house.approve(case, WEDNESDAY + 6 * MINUTE)

    assert case.state == "signed"
    assert Event.objects.get(case=case, step="hand_in").actor_id == house.lin.pk


def test_wrong_data_is_voided_and_reissued_under_a_new_number_with_the_money(house: House):
    case = house.paid()

    house.take(case, "reissue", "deng", WEDNESDAY + 80 * MINUTE, reason="姓名写错")

    new = Subscription.objects.get(replaces__case=case)
    assert (case.state, new.case.state) == ("voided", "locked")
    assert house.facts(case).unit.holder_case_id == new.case_id
    house.take(new.case, "hand_in", "lin", WEDNESDAY + 85 * MINUTE, **house.paper())
    house.take(new.case, "director_sign", "gao", WEDNESDAY + 90 * MINUTE)
    house.take(
        new.case,
        "check_and_register",
        "wu",
        WEDNESDAY + 95 * MINUTE,
        control_ok=True,
        price_ok=True,
        payment_ok=True,
    )
    house.take(new.case, "confirm_deposit", "he", WEDNESDAY + 99 * MINUTE, amount="0")
    assert new.case.state == "paid"
    assert Subscription.objects.get(case=new.case).number == "RGS-YQ1-2026-0002"


def test_a_default_is_decided_by_a_person_after_a_delivered_notice_and_the_effective_part_is_forfeited(
    house: House,
):
    case = house.sealed(deposit="450000")
    late = WEDNESDAY + timedelta(days=9)

    with pytest.raises(NotReady, match="还没有送达催签通知"):
        house.take(case, "decide_default", "zhou", late, reason="逾期不签，电话不接")
    house.take(
        case,
        "deliver_notice",
        "deng",
        WEDNESDAY + timedelta(days=8),
        how="EMS",
        proof="119",
        delivered_date="2026-11-26",
    )
    house.take(case, "decide_default", "zhou", late, reason="逾期不签，电话不接")
    house.approve(case, late + MINUTE)

    assert case.state == "defaulted"
    # 20 % of 1,960,000 = 392,000 is effective; of the 450,000 paid the rest of 58,000 goes back.
    outcome = house.facts(case).outcome
    assert (outcome["effective"], outcome["forfeited"], outcome["refund"]) == (
        "392000.00",
        "392000.00",
        "58000.00",
    )
    assert house.control() == Control.COOLING
    letter = offered(case, "rescission", late)
    said = dict(letter.facts)
    assert (letter.title, letter.number, letter.to) == ("解除认购通知书", f"JRG-{case.number}", "苏清越")
    assert said["不予退还的定金"] == "392,000.00 元（人民币叁拾玖万贰仟元整）"
    assert said["应退款项"] == "58,000.00 元（人民币伍万捌仟元整）"
    with pytest.raises(NotYetPrintable, match="批准违约处理后"):
        offered(house.sealed(unit=1), "rescission", late)


def offered(case, name, at):
    return next(one for one in offers_of(case.process) if one.name == name).build(case, at)


def test_after_a_buyers_death_only_cancelling_goes_on_and_the_deposit_goes_back(house: House):
    case = house.sealed()

    house.take(case, "record_death", "wu", WEDNESDAY + timedelta(days=1), buyer=1, deceased_date="2026-11-18")
    with pytest.raises(NotReady, match="买受人苏清越已去世"):
        house.take(
            case,
            "set_signing_date",
            "deng",
            WEDNESDAY + timedelta(days=2),
            signing_at=WEDNESDAY + timedelta(days=4),
        )
    house.take(
        case, "cancel", "zhou", WEDNESDAY + timedelta(days=2), cause="death", reason="继承人书面不继续"
    )
    house.approve(case, WEDNESDAY + timedelta(days=2, minutes=1))

    assert case.state == "cancelled"
    assert house.facts(case).outcome["refund"] == "50000.00"


def test_a_sweep_releases_an_expired_lock_and_leaves_everything_else(house: House):

    case = house.lock()
    other = house.handed_in(unit=1)

    clocks.sweep(WEDNESDAY + 16 * MINUTE)

    case.refresh_from_db()
    other.refresh_from_db()
    assert (case.state, house.control(0)) == ("released", Control.AVAILABLE)
    assert (other.state, house.control(1)) == ("signed", Control.LOCKED)
    assert Event.objects.get(case=case, step="expire_lock").actor_id is None


def test_a_form_that_is_not_filled_says_each_field_in_chinese(house: House):
    case = house.lock()

    with pytest.raises(BadlyFilled) as refused:
        engine.advance(
            case, "hand_in", by=house.lin, at=WEDNESDAY, given={"buyers": [{"name": ""}], "payment": "现付"}
        )

    assert refused.value.errors == {
        "buyers.0.name": "买受人 1 姓名或单位名称：不能少于 1 个字",
        "buyers.0.identity": "买受人 1 证件号码：必填",
        "buyers.0.phone": "买受人 1 联系电话：必填",
        "payment": "付款方式：请从所列的选项中选",
        "total_price": "成交总价：必填",
        "deposit": "定金：必填",
    }


@pytest.mark.clause("E-3.5-b")
@pytest.mark.clause("G-4.3-b")
def test_a_correction_keeps_old_and_new_value_and_a_name_needs_the_managers_yes(house: House):
    case = house.registered()

    house.take(
        case, "correct", "wu", WEDNESDAY + 60 * MINUTE, what="phone", value="19900002222", reason="少写一位"
    )
    event = Event.objects.get(case=case, step="correct")
    said = open_body(event.body)["said"]
    assert (said["field"], said["old"], said["new"]) == ("联系电话", "19900001111", "19900002222")
    house.take(
        case, "correct", "wu", WEDNESDAY + 61 * MINUTE, what="name", value="苏青越", reason="同音字写错"
    )
    assert Customer.objects.get().name == "苏清越"
    house.approve(case, WEDNESDAY + 62 * MINUTE)

    assert Customer.objects.get().name == "苏青越"
    with pytest.raises(BadlyFilled, match="更正内容：请从所列的选项中选"):
        house.take(case, "correct", "wu", WEDNESDAY + 63 * MINUTE, what="price", value="1", reason="试试")


def test_the_ladder_reminds_before_the_deadline_then_notice_then_the_manager_decides(house: House):
    case = house.sealed()
    house.take(
        case, "set_signing_date", "deng", WEDNESDAY + 2 * 60 * MINUTE, signing_at="2026-11-25T10:00:00+08:00"
    )  # fmt: skip
    # Signed on Wednesday 18 November, due Wednesday 25 November 24:00. Reminders at the opening of work.
    assert clocks.sweep(beijing("2026-11-22 12:00")) > 0
    assert ("signing_supervisor", "remind_signing") in todos(case)
    house.take(case, "remind_signing", "deng", beijing("2026-11-23 10:00"), how="电话", answer="一定来")
    assert ("signing_supervisor", "remind_signing") not in todos(case)

    clocks.sweep(beijing("2026-11-24 09:30"))
    assert ("signing_supervisor", "remind_signing") in todos(case)
    clocks.sweep(beijing("2026-11-26 09:30"))
    assert ("signing_supervisor", "deliver_notice") in todos(case)
    assert ("sales_director", "escalate:sign") in todos(case)
    house.take(
        case,
        "deliver_notice",
        "deng",
        beijing("2026-11-26 11:00"),
        how="EMS",
        proof="119",
        delivered_date="2026-11-26",
    )
    clocks.sweep(beijing("2026-12-02 09:30"))

    assert ("cs_manager", "decide_default") in todos(case)
    case.refresh_from_db()
    assert case.state == "sealed"
