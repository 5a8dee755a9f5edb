"""The scenes of the demonstration, in order: people, estate, deals of the past, the work of the last days."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from django.db import transaction
from PIL import Image, ImageDraw

from guiju.customers.operations.entries import enter, index_customer
from guiju.demo import money
from guiju.demo.invented import LAYOUTS, Invented, people
from guiju.demo.knowledge import build as service_done
from guiju.estate.models import Building, Control, Permit, PriceChange, Project, Unit
from guiju.estate.operations import control
from guiju.estate.searching import document
from guiju.kernel import audit, engine, search
from guiju.kernel.models import Case
from guiju.kernel.money import half_up
from guiju.kernel.numbering import ZONE
from guiju.org.models import Company, Person
from guiju.org.seed import DEMO_PASSWORD, seed_demo_people, seed_organisation
from guiju.papers.models import Seal
from guiju.papers.operations.attachments import store
from guiju.papers.operations.seals import add_seal
from guiju.sales import pricing
from guiju.sales.forms import DiscountForm
from guiju.sales.models import Deal, DealBuyer, Payment, Subscription

Say = Callable[[str], None]
CODE = "CY1"
STAGES = ("people", "estate", "deals", "work")
BANKS = ["中国工商银行", "中国建设银行", "中国银行", "招商银行"]


def built() -> bool:
    """Return whether the demonstration is in this database."""
    return Project.objects.filter(code=CODE).exists()


def sign_ins() -> str:
    """Return the table of demo sign-ins."""
    rows = Person.objects.filter(is_active=True).exclude(holdings=None).order_by("pk").distinct()
    lines = [f"演示账号（密码都是 {DEMO_PASSWORD}）："]
    for person in rows:
        held = person.holdings.select_related("post").first()
        lines.append(f"  {person.username:<8} {person.name}　{held.post.name if held else ''}")
    return "\n".join(lines)


def build(*, at: datetime, stage: str = "work", say: Say = lambda text: None) -> Project:
    """Build the demonstration up to a stage. Everything done is an event of the people who would do it."""
    wanted = STAGES[: STAGES.index(stage) + 1]
    start = at - timedelta(days=60)
    say("演示：组织和人员")
    seed_organisation(start)
    staff = seed_demo_people(start)
    company = staff["admin"].company
    project = None
    if "estate" in wanted:
        say("演示：澄园一期 216 套房")
        project = estate(company, staff, start)
    if "deals" in wanted:
        assert project is not None
        say("演示：已签约的房屋")
        past_deals(project, staff, at)
        money.signed(project, staff, at)
    if "work" in wanted:
        assert project is not None
        # What service did comes before the subscriptions of these days: the demonstration is written in time's order.
        service_done(project, staff, at=at, take=take, say=say)
        say("演示：前台接待")
        _front_desk(project, staff, at)
        _complaints(project, staff, at, say)
        _after_sales(project, staff, at, say)
        say("演示：安全、设备、选色选材")
        _safety(project, staff, at)
        say("演示：这几天的认购")
        recent_work(project, staff, at, say)
        _signing(project, staff, at, say)
        _changing(project, staff, at)
        money.lately(project, staff, at)
        say("演示：合同审批和预售登记")
        _filing(project, staff, at)
        say("演示：按揭")
        _mortgages(project, staff, at)
        _refunds(project, staff, at)
        say("演示：通知和信函")
        _notices(project, staff, at)
    audit.anchor(at=at)
    if project is None:
        return Project(code=CODE)
    return project


@transaction.atomic
def estate(company: Company, staff: dict[str, Person], at: datetime) -> Project:
    """Make the project with permits, buildings, units and prices; the first two buildings go on sale."""
    project = Project.objects.create(
        code=CODE, name="澄园", company=company, city="示范市", address="示范市云杉路 1 号",
        signing_place="澄园营销中心二层签约室", escrow_bank="中国建设银行示范市分行", escrow_account="4400 0000 0000 0001 预售资金监管",
        service_centre="澄园项目服务中心", seller_address="示范市云杉路 1 号", seller_qualification="示建开企〔2024〕001 号",
        seller_representative="孙达", seller_phone="0100-8600 0001",
    )  # fmt: skip
    day = at.astimezone(ZONE).date()
    buildings = [Building.objects.create(project=project, name=f"{n}号楼", position=n) for n in range(1, 4)]
    for kind, number in (
        ("land", "示（2025）不动产权第 0000017 号"),
        ("land_planning", "地字第 110105202500021 号"),
        ("works_planning", "建字第 110105202500033 号"),
        ("construction", "1101052025032801"),
    ):
        Permit.objects.create(
            project=project,
            kind=kind,
            number=number,
            authority="示范市主管部门",
            issued_date=day - timedelta(days=200),
        )
    for building, number in zip(buildings, ("007", "019", "042"), strict=True):
        permit = Permit.objects.create(
            project=project, kind="presale", number=f"示房售证字（2026）第 {number} 号", authority="示范市住房和城乡建设局",
            issued_date=day - timedelta(days=30),
        )  # fmt: skip
        permit.buildings.add(building)
    units = []
    for building in buildings:
        for entrance in ("1", "2"):
            for floor in range(1, 19):
                for place, (layout, name, gfa, inner) in enumerate(LAYOUTS, 1):
                    price = Decimal(
                        20000
                        + 60 * floor
                        - (400 if floor in (1, 18) else 0)
                        + (200 if entrance == "2" else 0)
                    )
                    units.append(
                        Unit(
                            project=project, building=building, entrance=entrance, floor=floor,
                            room=f"{floor}{place:02d}", layout=layout, layout_name=name, orientation="南北",
                            area_contract=gfa, inner_area=inner, apportioned_area=gfa - inner, unit_price=price,
                            list_price=half_up(gfa * price), control_since_at=at,
                        )
                    )  # fmt: skip
    Unit.objects.bulk_create(units)
    PriceChange.objects.bulk_create(
        PriceChange(
            unit=unit,
            unit_price=unit.unit_price,
            list_price=unit.list_price,
            valid_from_at=at,
            source="一房一价 2026 第 1 版",
            set_by=staff["deng"],
        )
        for unit in units
    )
    search.index_many([document(unit) for unit in units])
    add_seal(
        company=company,
        kind=Seal.Kind.CONTRACT,
        name="合同专用章（澄园）",
        keeper=staff["fang"],
        by=staff["admin"],
        at=at,
    )
    for place, building in enumerate(buildings):
        chosen = Unit.objects.filter(building=building)
        if place == 2:
            chosen = chosen.filter(entrance="1")
        _control(
            project,
            staff,
            at + timedelta(hours=place + 1),
            "release",
            list(chosen.values_list("pk", flat=True)),
            "取得预售许可证，推出销售",
        )
    return project


def _control(
    project: Project,
    staff: dict[str, Person],
    at: datetime,
    kind: str,
    units: list[int],
    reason: str,
    until: datetime | None = None,
) -> None:
    given: dict[str, Any] = {"kind": kind, "units": units, "reason": reason}
    if until is not None:
        given["until_at"] = until
    opened = engine.open_case(
        "unit_control", by=staff["deng"], at=at, given=given, chain_id=project.company_id, scope_id=project.pk
    )
    step = "put_in_force" if until is not None or kind == "restrict" else "execute"
    assert opened.case_id is not None
    take(opened.case_id, step, staff["deng"], at + timedelta(minutes=20), {})
    approve(opened.case_id, staff, at + timedelta(minutes=30))


def take(case_id: int, step: str, by: Person, at: datetime, given: dict[str, Any]) -> None:
    """Take a step with every control point of the SOP dealt with."""
    case = Case.objects.get(pk=case_id)
    option = next(option for option in engine.options(case, by=by, at=at) if option.name == step)
    points: dict[str, Any] = {}
    for state in option.points:
        if state.point.kind == "tick":
            points[state.point.key] = True
        elif state.point.kind in ("note", "number"):
            points[state.point.key] = "已核"
        else:
            points[state.point.key] = signature(by, at)
    engine.advance(case_id, step, by=by, at=at, given={**given, **({"points": points} if points else {})})


def approve(case_id: int, staff: dict[str, Person], at: datetime) -> None:
    """Let the people of the chain say yes, in order."""
    from guiju.kernel import acts, approvals
    from guiju.kernel.models import ApprovalRequest

    by_post = {
        "sales_director": "gao",
        "deputy_gm": "sun",
        "general_manager": "qian",
        "cs_manager": "zhou",
        "cs_assistant_manager": "tang",
        "signing_supervisor": "deng",
        "finance": "he",
    }
    request = ApprovalRequest.objects.filter(case_id=case_id, state=ApprovalRequest.PENDING).first()
    minutes = 0
    while request is not None and (seats := approvals.open_seats(request)):
        minutes += 5
        acts.vote(
            request.pk,
            decision="yes",
            by=staff[by_post[seats[0]["post"]]],
            at=at + timedelta(minutes=minutes),
            reason="同意",
        )
        request = ApprovalRequest.objects.filter(pk=request.pk, state=ApprovalRequest.PENDING).first()


_signatures: dict[int, str] = {}


def signature(by: Person, at: datetime) -> str:
    """Return the hash of a drawn signature, stored as an attachment."""
    image = Image.new("RGB", (320, 120), "white")
    drawing = ImageDraw.Draw(image)
    points = [(20 + 14 * n, 60 + (25 if n % 2 else -22) - (by.pk * 7 + n * 5) % 17) for n in range(20)]
    drawing.line(points, fill=(20, 30, 60), width=4, joint="curve")
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return store(file=buffer.getvalue(), name="签字.png", by=by, at=at).sha256


def past_deals(project: Project, staff: dict[str, Person], at: datetime) -> None:
    """Make the deals that were signed before this program came, as an owners' register would bring them."""
    random = Random(7)
    units = list(
        Unit.objects.select_related("building", "project")
        .filter(project=project, building__name__in=["1号楼", "2号楼"])
        .order_by("building_id", "entrance", "floor", "room")
    )
    sold = [unit for unit in units if random.random() < (0.62 if unit.building.name == "1号楼" else 0.38)]
    buyers = people(1, len(sold))
    with transaction.atomic():
        for place, (unit, buyer) in enumerate(zip(sold, buyers, strict=True)):
            assert unit.list_price is not None
            signed = at - timedelta(days=50 - place * 45 // len(sold))
            day = signed.astimezone(ZONE).date()
            total = half_up(unit.list_price * Decimal("0.98"))
            payment = random.choice(
                [Payment.MORTGAGE, Payment.MORTGAGE, Payment.LUMP_SUM, Payment.COMBINED, Payment.PROVIDENT]
            )
            deal = Deal.objects.create(
                unit=unit, project=project, stage=Deal.SIGNED, payment=payment,
                bank=random.choice(BANKS) if payment.needs_bank else "", list_price=unit.list_price, total_price=total,
                down_payment=half_up(total * Decimal("0.3")) if payment.needs_bank else None,
                subscribed_date=day - timedelta(days=6), signed_date=day, contract_number=f"CY{day:%Y}{place + 1:05d}",
                source="客户台账", opened_at=signed, opened_by=staff["deng"],
            )  # fmt: skip
            customer = enter(
                company_id=project.company_id, name=buyer.name, identity=buyer.identity, phone=buyer.phone,
                address=buyer.address, at=signed, source="客户台账",
            )  # fmt: skip
            DealBuyer.objects.create(deal=deal, customer=customer, position=1)
            index_customer(customer)
            control.move(
                unit_id=unit.pk, to=Control.SIGNED, expected=[Control.AVAILABLE], case_id=None, by_id=staff["deng"].pk,
                at=signed, recorded_at=signed, reason=f"签约 {deal.contract_number}",
            )  # fmt: skip
        engine.record(
            company_id=project.company_id, step="demo.deals", by=staff["admin"], at=at - timedelta(days=11),
            given={"deals": len(sold)},
        )  # fmt: skip


def recent_work(project: Project, staff: dict[str, Person], at: datetime, say: Say) -> None:
    """Take subscriptions of the last days to different steps, through the one door."""
    random = Random(11)
    free = list(
        Unit.objects.select_related("building", "project")
        .filter(project=project, control=Control.AVAILABLE)
        .order_by("building_id", "floor", "room")
    )
    random.shuffle(free)
    buyers = people(2, 60)
    stops = (
        ["sealed"] * 5 + ["appointed"] * 4 + ["paid"] * 2 + ["registered"] * 4 + ["reviewed"] * 3 + ["signed"] * 4
        + ["locked"] * 2 + ["noticed"]
    )  # fmt: skip
    sellers = [staff["lin"], staff["luo"], staff["song"]]
    for place, stop in enumerate(stops):
        days = {"locked": 0, "signed": 0, "reviewed": 0, "registered": 1, "paid": 1, "noticed": 10}.get(
            stop, 2 + place % 5
        )
        begun = _working_morning(at - timedelta(days=days), at, place)
        couple = [buyers[2 * place]] + ([buyers[2 * place + 1]] if place % 3 == 0 else [])
        _subscribe(project, staff, sellers[place % 3], free.pop(), couple, begun, at, stop, place)
    for kind, reason in (("hold", "大客户团购洽谈，保留三日"), ("restrict", "样板间，暂不销售")):
        unit = free.pop()
        _control(
            project,
            staff,
            at - timedelta(hours=20),
            kind,
            [unit.pk],
            reason,
            at + timedelta(days=2) if kind == "hold" else None,
        )


def _front_desk(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import reception  # it takes its steps with the words of this module

    reception.build(project, staff, at)


def _safety(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import safety  # it takes its steps with the words of this module

    safety.build(project, staff, at)


def _notices(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import notices  # it follows what the other modules opened

    notices.build(project, staff, at)


def _filing(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import filing  # it takes its steps with the words of this module

    filing.under_way(project, staff, at)


def _refunds(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import refund  # it takes its steps with the words of this module

    refund.build(project, staff, at)


def _mortgages(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import mortgage  # it takes its steps with the words of this module

    mortgage.build(project, staff, at)


def _complaints(project: Project, staff: dict[str, Person], at: datetime, say: Say) -> None:
    from guiju.demo import complaints  # it takes its steps with the words of this module

    complaints.build(project, staff, at, say=say)


def _changing(project: Project, staff: dict[str, Person], at: datetime) -> None:
    from guiju.demo import changing  # it takes its steps with the words of this module

    changing.build(project, staff, at)


def _signing(project: Project, staff: dict[str, Person], at: datetime, say: Say) -> None:
    from guiju.demo import signing  # it takes its steps with the words of this module

    say("演示：签约")
    signing.build(project, staff, at)


def _after_sales(project: Project, staff: dict[str, Person], at: datetime, say: Say) -> None:
    from guiju.demo import aftersales  # it takes its steps with the words of this module

    aftersales.build(project, staff, at, say=say)


def _working_morning(day: datetime, at: datetime, place: int) -> datetime:
    local = day.astimezone(ZONE).replace(hour=9, minute=(place * 7) % 60, second=0, microsecond=0)
    moment = local + timedelta(minutes=20 * (place % 9))
    latest = at - timedelta(minutes=150)
    if moment > latest:
        moment = latest + timedelta(minutes=place % 40)
    return moment.astimezone(at.tzinfo)


def _subscribe(
    project: Project, staff: dict[str, Person], seller: Person, unit: Unit, couple: list[Invented], begun: datetime,
    now: datetime, stop: str, place: int,
) -> None:  # fmt: skip
    """Take one subscription as far as ``stop``, minute by minute."""
    minute = timedelta(minutes=1)
    if stop == "locked":
        begun = now - (3 + place % 3) * minute
    opened = engine.open_case(
        "subscription", by=seller, at=begun, given={"intent": couple[0].name}, chain_id=project.company_id,
        scope_id=project.pk, links=[("unit", unit.pk)],
    )  # fmt: skip
    case_id = opened.case_id
    assert case_id is not None
    assert unit.list_price is not None
    if stop == "locked":
        return
    payment = [Payment.MORTGAGE, Payment.LUMP_SUM, Payment.COMBINED][place % 3]
    discount = (
        [{"name": "开盘优惠", "percent": "2"}]
        if place % 4
        else [{"name": "开盘优惠", "percent": "1"}, {"name": "按时签约", "amount": "5000"}]
    )
    total = pricing.total(unit.list_price, [DiscountForm.model_validate(line) for line in discount])
    take(
        case_id, "hand_in", seller, begun + 9 * minute,
        {
            "buyers": [
                {
                    "name": person.name, "identity": person.identity, "phone": person.phone, "address": person.address,
                    "residence": "missing" if place % 7 == 3 and number == 0 else "local",
                    "relation": "配偶" if number else "",
                }
                for number, person in enumerate(couple)
            ],
            "payment": payment.value, "bank": BANKS[place % 4] if payment.needs_bank and place % 2 == 0 else "",
            "discounts": discount, "total_price": str(total), "deposit": "50000",
            "down_payment": str(half_up(total * Decimal("0.3"))) if payment.needs_bank else None,
            "how": "paper", "signed": [signature(seller, begun)], "disclosed": True,
        },
    )  # fmt: skip
    approve(case_id, staff, begun + 10 * minute)
    if stop == "signed":
        return
    take(case_id, "director_sign", staff["gao"], begun + 30 * minute, {"opinion": "同意"})
    if stop == "reviewed":
        return
    take(
        case_id,
        "check_and_register",
        staff["wu"],
        begun + 50 * minute,
        {"control_ok": True, "price_ok": True, "payment_ok": True},
    )
    if stop == "registered":
        if place % 2:
            take(
                case_id,
                "part_deposit",
                staff["he"],
                begun + 60 * minute,
                _money("20000", couple[0], place, "A"),
            )
        return
    take(case_id, "confirm_deposit", staff["he"], begun + 70 * minute, _money("50000", couple[0], place, "B"))
    subscription = Subscription.objects.get(case_id=case_id)
    for number in range(1, len(couple) + 1):
        take(
            case_id,
            "collect_papers",
            staff["wu"],
            begun + (75 + number) * minute,
            {"buyer": number, "attachment": signature(staff["wu"], begun)},
        )
    if stop == "paid":
        return
    take(case_id, "seal", staff["fang"], begun + 90 * minute, {"copies": 4})
    if stop == "sealed":
        return
    take(
        case_id,
        "hand_out_list",
        staff["wu"],
        begun + 100 * minute,
        {"how": "当面交付", "receiver": couple[0].name},
    )
    due = subscription.signing_due_date
    if stop == "appointed" and due is not None:
        signing = datetime.combine(due, datetime.min.time(), ZONE) + timedelta(hours=10)
        take(
            case_id,
            "set_signing_date",
            staff["deng"],
            begun + 110 * minute,
            {"signing_at": signing, "place": project.signing_place},
        )
    elif stop == "noticed":
        delivered = begun + timedelta(days=8)
        take(
            case_id, "deliver_notice", staff["deng"], delivered,
            {"how": "EMS", "proof": "1190000000001", "delivered_date": f"{delivered.astimezone(ZONE).date()}"},
        )  # fmt: skip


def _money(amount: str, payer: Invented, place: int, mark: str) -> dict[str, Any]:
    return {
        "amount": amount, "method": "pos", "account": "预售资金监管账户", "voucher": f"POS{place:04d}{mark}",
        "payer": payer.name,
    }  # fmt: skip
