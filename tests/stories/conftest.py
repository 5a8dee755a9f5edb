"""The house in which the stories play: the people of the demonstration, one building of four units on sale."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from guiju.demo import scenes
from guiju.demo.invented import identity
from guiju.estate.models import Building, Control, Permit, Project, Unit
from guiju.kernel import calendar, engine
from guiju.kernel.models import Case, Event
from guiju.org.models import Person
from guiju.org.seed import seed_demo_people
from guiju.papers.models import Seal
from guiju.papers.operations.attachments import store
from guiju.papers.operations.seals import add_seal
from guiju.sales.models import Subscription
from guiju.sop import policies
from guiju.sop.models import Version
from guiju.sop.operations.loading import load_shipped
from tests.worlds import world

BEIJING = ZoneInfo("Asia/Shanghai")
PNG = (
    b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x02\x00\x00\x00\x90wS\xde"
    b"\x00\x00\x00\x0cIDATx\x9cc\xf8\xff\xff?\x00\x05\xfe\x02\xfe\xa75\x81\x84\x00\x00\x00\x00IEND\xaeB`\x82"
)


def beijing(text: str) -> datetime:
    """A moment in Beijing: ``2026-11-18 10:00``."""
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


WEDNESDAY = beijing("2026-11-18 10:00")
BORN = datetime(1903, 5, 7)


@dataclass
class House:
    """The people by their sign-in, the project, four units of 100 ㎡ at 2,000,000 yuan."""

    people: dict[str, Person]
    project: Project
    units: list[Unit]
    scan: str
    _buyers: int = field(default=0)

    def __getattr__(self, name: str) -> Person:
        if name.startswith("_"):
            raise AttributeError(name)
        return self.people[name]

    def lock(self, *, unit: int = 0, by: str = "lin", at: datetime = WEDNESDAY, **given: Any) -> Case:
        event = engine.open_case(
            "subscription", by=self.people[by], at=at, given=given, chain_id=self.project.company_id,
            scope_id=self.project.pk, links=[("unit", self.units[unit].pk)],
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    def take(self, case: Case, step: str, by: str, at: datetime, **given: Any) -> Event:
        """Take a step with all control points of the SOP dealt with."""
        points = {p.point.key: self.value(p.point.kind) for p in self.option(case, step, by, at).points}
        event = engine.advance(
            case, step, by=self.people[by], at=at, given={**given, **({"points": points} if points else {})}
        )
        case.refresh_from_db()
        return event

    def value(self, kind: str) -> Any:
        return {"tick": True, "note": "已核", "number": "1"}.get(kind, self.scan)

    def option(self, case: Case, step: str, by: str, at: datetime = WEDNESDAY) -> engine.Option:
        case.refresh_from_db()
        return next(o for o in engine.options(case, by=self.people[by], at=at) if o.name == step)

    def paper(self, **changed: Any) -> dict[str, Any]:
        """What the seller fills in for an ordinary cash buyer of the first unit, 2 % off."""
        return {
            "buyers": [self.buyer()], "payment": "lump_sum", "discounts": [{"name": "开盘优惠", "percent": "2"}],
            "total_price": "1960000.00", "deposit": "50000", "how": "paper", "signed": [self.scan], "disclosed": True,
        } | changed  # fmt: skip

    def buyer(self, name: str = "苏清越", **changed: Any) -> dict[str, Any]:
        self._buyers += 1
        return {
            "name": name, "identity": identity(BORN, self._buyers), "phone": "19900001111", "address": "示范市梧桐巷 3 号",
        } | changed  # fmt: skip

    def handed_in(self, *, at: datetime = WEDNESDAY, unit: int = 0, **changed: Any) -> Case:
        case = self.lock(at=at, unit=unit)
        self.take(case, "hand_in", "lin", at + timedelta(minutes=5), **self.paper(**changed))
        return case

    def registered(self, **changed: Any) -> Case:
        at = changed.get("at", WEDNESDAY)
        case = self.handed_in(**changed)
        self.take(case, "director_sign", "gao", at + timedelta(minutes=30), opinion="同意")
        self.take(
            case, "check_and_register", "wu", at + timedelta(minutes=50), control_ok=True, price_ok=True,
            payment_ok=True,
        )  # fmt: skip
        return case

    def paid(self, **changed: Any) -> Case:
        at = changed.get("at", WEDNESDAY)
        case = self.registered(**changed)
        self.take(
            case,
            "confirm_deposit",
            "he",
            at + timedelta(minutes=70),
            **self.money(changed.get("deposit", "50000")),
        )
        return case

    def sealed(self, **changed: Any) -> Case:
        at = changed.get("at", WEDNESDAY)
        case = self.paid(**changed)
        self.take(case, "seal", "fang", at + timedelta(minutes=90), copies=4)
        return case

    def money(self, amount: str = "50000", **changed: Any) -> dict[str, Any]:
        self._buyers += 1
        return {
            "amount": amount, "account": "预售资金监管账户", "voucher": f"V{self._buyers}", "payer": "苏清越",
        } | changed  # fmt: skip

    def facts(self, case: Case) -> Subscription:
        return Subscription.objects.select_related("unit", "deal").get(case_id=case.pk)

    def control(self, unit: int = 0) -> str:
        return Unit.objects.get(pk=self.units[unit].pk).control

    def approve(self, case: Case, at: datetime) -> None:
        scenes.approve(case.pk, self.people, at)
        case.refresh_from_db()


@world(files=True)
def house() -> House:
    at = WEDNESDAY - timedelta(days=30)
    calendar.seed(range(2025, 2028))
    people = seed_demo_people(at)
    load_shipped()
    company = people["admin"].company
    project = Project.objects.create(
        code="YQ1", name="云栖里一期", company=company, signing_place="营销中心二层签约室", city="示范市",
        seller_address="示范市云杉路 1 号", escrow_bank="建设银行示范支行", escrow_account="4400 0000 0001",
    )  # fmt: skip
    building = Building.objects.create(project=project, name="1号楼", position=1)
    permit = Permit.objects.create(project=project, kind="presale", number="示房售证字（2026）第 007 号")
    permit.buildings.add(building)
    units = [
        Unit.objects.create(
            project=project, building=building, entrance="1", floor=15, room=f"150{n}", layout="A",
            area_contract=Decimal("100.00"), inner_area=Decimal("80.00"), unit_price=Decimal("20000.00"),
            list_price=Decimal("2000000.00"), control=Control.AVAILABLE,
        )
        for n in range(1, 5)
    ]  # fmt: skip
    add_seal(
        company=company,
        kind=Seal.Kind.CONTRACT,
        name="合同专用章",
        keeper=people["fang"],
        by=people["admin"],
        at=at,
    )
    scan = store(file=PNG, name="签字.png", by=people["lin"], at=at).sha256
    return House(people, project, units, scan)


def sop_without(code: str, step: str) -> None:
    """A company left the seats of a step's approval empty in its SOP."""
    for version in Version.objects.filter(document__code=code):
        for one in version.content["steps"]:
            if one["step"] == step:
                one["approval"] = []
        Version.objects.filter(pk=version.pk).update(content=version.content)
    policies.forget()
