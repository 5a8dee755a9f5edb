"""The house of after-sales: people of the desk, two technicians and a foreman, one building with its dates of warranty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from guiju.desk.models import AfterSales, Material, Skill, Visit, WarrantyStart
from guiju.estate.models import Building, Control, Project, Unit
from guiju.kernel import calendar, engine
from guiju.kernel.models import Case, Clock
from guiju.org import people as roster
from guiju.org.models import Certificate, Holding, Person, Post
from guiju.org.seed import seed_demo_people
from guiju.papers.operations.attachments import store
from guiju.sop.operations.loading import load_shipped
from tests.stories.conftest import PNG, House, beijing

# Added to the people of the demonstration: sign-in, name, post, trades, certificate.
MORE = (
    ("shen", "沈一鸣", "after_sales", (), ""),
    ("guo", "郭班", "foreman", (), ""),
    ("duan", "段经理", "service_manager", (), ""),
    ("ling", "凌检", "inspector", (), ""),
    ("du", "杜电", "technician", ("electrician", "plumber"), "低压电工作业证"),
    ("kang", "康水", "onsite", ("waterproof", "plumber"), ""),
)

MORNING = beijing("2025-09-22 09:00")
"""A Monday; the week ends with a make-up Sunday, the holiday begins on 1 October."""


@dataclass
class Service(House):
    """The house with the acts of after-sales."""

    def record(self, at: datetime = MORNING, by: str = "shen", unit: int = 0, **given: Any) -> Case:
        filled = {
            "words": "主卧飘窗下面墙皮起泡，下雨就湿", "contact_name": "苏清越", "contact_phone": "199 0000 1111",
            "need": "修好别再漏", "problem": "飘窗渗水", "service": "repair", "part": "outer_wall", "symptom": "飘窗渗水",
            "unit": self.units[unit].pk,
        } | given  # fmt: skip
        event = engine.open_case(
            "after_sales", by=self.people[by], at=at, given=filled, chain_id=self.project.company_id,
            scope_id=self.project.pk,
        )  # fmt: skip
        return Case.objects.get(pk=event.case_id)

    def row(self, case: Case) -> AfterSales:
        return AfterSales.objects.select_related("owner", "worker", "repeat_of").get(case_id=case.pk)

    def contacted(self, at: datetime = MORNING, **given: Any) -> Case:
        case = self.record(at=at, **given)
        self.take(
            case, "contact", "shen", at + timedelta(minutes=20), how="call", who="苏清越", where="主卧飘窗左下角",
            since="上周下雨后", effect="墙皮起泡、地板发潮", minutes=8,
        )  # fmt: skip
        return case

    def diagnosis(self, **changed: Any) -> dict[str, Any]:
        return {
            "diagnosis": "窗边密封胶老化开裂，雨水渗入", "nature": "leak", "complexity": "medium", "urgency": "ordinary",
            "part": "outer_wall",
        } | changed  # fmt: skip

    def on_site(self, at: datetime = MORNING, **changed: Any) -> Case:
        case = self.contacted(at=at)
        self.take(case, "diagnose_on_site", "shen", at + timedelta(minutes=40), **self.diagnosis(**changed))
        return case

    def remote(self, at: datetime = MORNING, **changed: Any) -> Case:
        case = self.contacted(at=at)
        self.take(case, "diagnose_remote", "shen", at + timedelta(minutes=40), **self.diagnosis(**changed))
        return case

    def offer(self, **changed: Any) -> dict[str, Any]:
        return {
            "kind": "repair", "words": "铲除旧胶，窗框四周补防水两遍，重打耐候胶，约半天", "sent_how": "call",
        } | changed  # fmt: skip

    def agreed(self, at: datetime = MORNING, **changed: Any) -> Case:
        case = self.remote(at=at, **changed)
        self.take(case, "propose", "shen", at + timedelta(minutes=60), **self.offer())
        self.take(case, "consent", "shen", at + timedelta(minutes=90), who="苏清越", how="call", words="同意")
        return case

    def work(self, **changed: Any) -> dict[str, Any]:
        return {
            "words": "铲除旧胶，补防水两遍，重打耐候胶", "cause": "wear", "cause_words": "密封胶老化", "measure": "换用耐候胶并加做防水层",
            "minutes": 150, "material": [{"name": "耐候密封胶", "quantity": "3 支"}],
        } | changed  # fmt: skip

    def done(self, at: datetime = MORNING) -> Case:
        case = self.agreed(at=at)
        self.take(
            case, "arrange", "guo", at + timedelta(minutes=100), way="workshop", worker=self.people["kang"].pk,
            confirmed=True,
        )  # fmt: skip
        self.take(case, "finish", "kang", at + timedelta(hours=6), **self.work())
        return case

    def tested(self, at: datetime = MORNING) -> Case:
        case = self.done(at=at)
        self.take(case, "test", "ling", at + timedelta(hours=7), passed=True, method="淋水 30 分钟，无渗漏")
        return case

    def reviewed(self, case: Case, at: datetime, by: str = "sun") -> None:
        """The head of the department reviews the operation report (G-4.5); after-sales is the deputy's here."""
        self.take(case, "review_report", by, at, complied=True, accurate=True)

    def confirmed(self, at: datetime = MORNING) -> Case:
        case = self.tested(at=at)
        self.reviewed(case, at + timedelta(hours=7, minutes=30))
        self.take(
            case,
            "confirm",
            "shen",
            at + timedelta(hours=8),
            how="call",
            who="苏清越",
            solved=True,
            words="好了，谢谢",
        )
        return case

    def closed(self, at: datetime = MORNING) -> Case:
        case = self.confirmed(at=at)
        self.take(
            case, "rate", "shen", at + timedelta(hours=8, minutes=5), score=5, attitude=5, source="phone"
        )
        self.take(case, "close", "shen", at + timedelta(hours=8, minutes=10), met="full")
        return case

    def visit_of(self, case: Case) -> Visit:
        found = Visit.objects.filter(for_case_id=case.pk).order_by("-id").first()
        assert found is not None
        return found

    def booked(self, at: datetime = MORNING, *, who: str = "kang", hours: int = 5, **changed: Any) -> Visit:
        """A case diagnosed on site whose visit is agreed, so many hours after the first word."""
        case = self.on_site(at=at, **changed)
        visit = self.visit_of(case)
        self.take(
            visit.case, "agree", "guo", at + timedelta(minutes=60), starts_at=at + timedelta(hours=hours),
            ends_at=at + timedelta(hours=hours + 1), technician=self.people[who].pk, who="苏清越", how="call",
        )  # fmt: skip
        visit.refresh_from_db()
        return visit

    def arrived(self, at: datetime = MORNING, *, late: int = 0, **changed: Any) -> Visit:
        visit = self.booked(at=at, **changed)
        there = at + timedelta(hours=5, minutes=late)
        self.take(visit.case, "depart", "kang", there - timedelta(minutes=30))
        self.take(visit.case, "arrive", "kang", there, met="苏清越")
        visit.refresh_from_db()
        return visit

    def working(self, at: datetime = MORNING, **changed: Any) -> Visit:
        visit = self.arrived(at=at, **changed)
        self.take(
            visit.case, "start", "kang", at + timedelta(hours=5, minutes=5), who="苏清越", need="飘窗不再渗水，尽量今天修好",
            before=[self.scan],
        )  # fmt: skip
        visit.refresh_from_db()
        return visit

    def finding(self, **changed: Any) -> dict[str, Any]:
        return {
            "findings": [
                {"item": "窗框密封胶", "ok": False, "words": "左下角开裂 12 厘米", "photo": self.scan},
                {"item": "窗台坡度", "ok": True},
            ],
            "cause": "wear", "cause_words": "密封胶老化", "kind": "repair", "solution": "铲除旧胶，补防水，重打耐候胶",
            "agreed": True, "who": "苏清越",
        } | changed  # fmt: skip

    def inspected(self, at: datetime = MORNING, **changed: Any) -> Visit:
        visit = self.working(at=at)
        self.take(
            visit.case, "inspect", "kang", at + timedelta(hours=5, minutes=20), **self.finding(**changed)
        )
        visit.refresh_from_db()
        return visit

    def finished(self, at: datetime = MORNING) -> Visit:
        visit = self.inspected(at=at)
        self.take(
            visit.case, "use", "kang", at + timedelta(hours=6),
            items=[{"material": "GL-01", "quantity": "3"}, {"material": "FS-02", "quantity": "1.5"}],
        )  # fmt: skip
        self.take(
            visit.case, "finish", "kang", at + timedelta(hours=7), done="铲除旧胶，补防水两遍，重打耐候胶",
            measure="换用耐候胶并加做防水层", test="淋水 30 分钟，无渗漏", after=[self.scan], minutes=115,
        )  # fmt: skip
        visit.refresh_from_db()
        return visit

    def clock(self, case: Case, name: str) -> Clock:
        found = Clock.objects.filter(case=case, name=name).order_by("-id").first()
        assert found is not None
        return found


def build(start: datetime) -> Service:
    """Build the house: everybody has been here since ``start``."""
    calendar.seed(range(2025, 2028))
    people = seed_demo_people(start)
    company = people["admin"].company
    for username, name, post, trades, certificate in MORE:
        person, new = Person.objects.get_or_create(
            username=username, defaults={"name": name, "company": company, "joined_at": start}
        )
        people[username] = person
        if new:
            Holding.objects.create(
                person=person, post=Post.objects.get(code=post), company=company, from_at=start
            )
        for trade in trades:
            Skill.objects.get_or_create(person=person, trade=trade)
        if certificate:
            Certificate.objects.create(
                person=person, name=certificate, number="T-01", expires_date=date(2027, 6, 30)
            )
    roster.forget()
    load_shipped()
    project = Project.objects.create(
        code="YQ1", name="云栖里一期", company=company, city="示范市", service_centre="云栖里服务中心"
    )
    building = Building.objects.create(project=project, name="1号楼", position=1)
    other = Building.objects.create(project=project, name="2号楼", position=2)
    units = [
        Unit.objects.create(
            project=project, building=building if n < 4 else other, entrance="1", floor=15, room=f"150{n}",
            area_contract=Decimal("100.00"), control=Control.SIGNED,
        )
        for n in range(1, 5)
    ]  # fmt: skip
    for where in (building, other):
        WarrantyStart.objects.create(
            building=where, start_date=date(2023, 6, 30), source="竣工验收备案表", recorded_at=start
        )
    for unit in units:
        WarrantyStart.objects.create(
            building=unit.building, unit=unit, start_date=date(2023, 12, 28), source="交付", recorded_at=start
        )
    for code, name, spec, measure, stock in (
        ("GL-01", "耐候密封胶", "590 mL", "支", 1000), ("FS-02", "JS 防水涂料", "", "kg", 500),
        ("WJ-03", "窗执手", "", "个", 0),
    ):  # fmt: skip
        Material.objects.create(
            company=company, code=code, name=name, spec=spec, measure=measure, stock=stock,
            expected=1000 if not stock else 0, expected_date=date(2025, 9, 25) if not stock else None,
        )  # fmt: skip
    scan = store(file=PNG, name="照片.png", by=people["kang"], at=start).sha256
    return Service(people, project, units, scan)
