"""
Fills a database with invented cases, many at a time, always the same for the same number.

A few cases are taken through the one door to every stop of the process; the rest are copies of their rows, moved in
time, with units, people, numbers and chain of their own, written past the ORM. Five cases share a unit: four attempts
that were released and one that went on. A stopped fill goes on where it stopped: each batch is a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from django.core.management.color import no_style
from django.db import connection, models, transaction

from guiju.customers.identity import decide
from guiju.customers.models import Customer
from guiju.demo import scenes
from guiju.demo.invented import SURNAMES, Invented, identity, people
from guiju.estate.models import Building, Control, ControlChange, Permit, Project, Unit
from guiju.estate.searching import document
from guiju.kernel import calendar, chain, engine, search
from guiju.kernel.crypto import blind_index
from guiju.kernel.models import Case, CaseLink, ChainHead, Clock, Counter, Event, SearchEntry, Todo
from guiju.kernel.numbering import ZONE
from guiju.ledger.models import Receipt
from guiju.org.seed import seed_demo_people
from guiju.sales.models import BuyerPaper, Deal, DealBuyer, Subscription
from guiju.sop.operations.loading import load_shipped

BATCH: Final = 500
SHARE: Final = 5
UNITS_A_PROJECT: Final = 2000
FREE_UNITS: Final = 4000
FREE_BUILDING: Final = "99号楼"
#: Numbers of copies lie below, those given by the program above.
FIRST_FREE: Final = 100_000
_GIVEN = "安柏晨初丹帆芳歌禾菁可澜沐宁攀清然思恬文夏妍远昭之舟梓瑞"

Say = Callable[[int], object]
Rows = dict[type[models.Model], list[dict[str, Any]]]
Moment = Callable[[datetime], Any]


def prepare(at: datetime) -> None:
    """Make organisation, SOPs, calendar, the first project and one real case for every stop."""
    calendar.seed(range(at.year - 4, at.year + 2))
    load_shipped()
    start = at - timedelta(days=60)
    staff = seed_demo_people(start)
    company = staff["admin"].company
    assert company is not None
    project = scenes.estate(company, staff, start)
    buyers = people(3, 40)
    free = list(
        Unit.objects.select_related("building", "project")
        .filter(project=project, control=Control.AVAILABLE)
        .order_by("pk")
    )
    for place, stop in enumerate(STOPS):
        begun = scenes._working_morning(at - timedelta(days=12), at, place)
        goes_to = "appointed" if stop == "converted" else "locked" if stop == "released" else stop
        scenes._subscribe(
            project, staff, staff["lin"], free[place], buyers[2 * place : 2 * place + 1], begun,
            begun + timedelta(minutes=3) if goes_to == "locked" else at, goes_to, place,
        )  # fmt: skip
        if stop in ("released", "converted"):
            case = Case.objects.get(process="subscription", links__kind="unit", links__key=free[place].pk)
            if stop == "released":
                later = begun + timedelta(minutes=5)
                scenes.take(case.pk, "release", staff["lin"], later, {"reason": "客户改看别的房屋"})
            else:
                signed = begun + timedelta(days=5)
                engine.advance(
                    case.pk, "convert", by=None, at=signed,
                    given={"contract_number": "BENCH-0", "signed_date": f"{signed.astimezone(ZONE).date()}"},
                )  # fmt: skip
    _free_units(project, at)


STOPS: Final = ("released", "converted", "signed", "reviewed", "registered", "paid", "sealed", "appointed")
#: Where work that goes on stands; half of it waits for the director.
GOING_ON: Final = (*STOPS[2:], *["signed"] * 4)


def _free_units(project: Project, at: datetime) -> None:
    building = Building.objects.create(project=project, name=FREE_BUILDING, position=99)
    permit = Permit.objects.filter(project=project, kind="presale").first()
    assert permit is not None
    permit.buildings.add(building)
    Unit.objects.bulk_create(
        [
            Unit(
                project=project, building=building, entrance=str(n // 1000 + 1), floor=n % 1000 // 10 + 1,
                room=f"{n % 1000 // 10 + 1}{n % 10:02d}", area_contract=Decimal("89.40"), unit_price=Decimal(20000),
                list_price=Decimal("1788000.00"), control=Control.AVAILABLE, control_since_at=at,
            )
            for n in range(FREE_UNITS)
        ],
        batch_size=500,
    )  # fmt: skip
    search.index_many(
        [
            document(unit)
            for unit in Unit.objects.filter(building=building).select_related("building", "project")
        ]
    )


@dataclass
class Template:
    """The rows of one real case."""

    case: dict[str, Any]
    rows: Rows
    bought: bool = False


@dataclass
class Filler:
    """Writes copies. ``count`` is how many are there."""

    at: datetime
    templates: dict[str, Template] = field(default_factory=dict)
    count: int = 0
    company: int = 0
    _next: dict[type[models.Model], int] = field(default_factory=dict)

    @classmethod
    def open(cls, at: datetime) -> Filler:
        """Read the templates and how far an earlier fill came."""
        filler = cls(at)
        project = Project.objects.get(code=scenes.CODE)
        filler.company = project.company_id
        originals = Case.objects.filter(scope_id=project.pk, process="subscription").order_by("pk")[
            : len(STOPS)
        ]
        for stop, case in zip(STOPS, originals, strict=True):
            filler.templates[stop] = _template(case)
        filler.count = Counter.objects.filter(series="bench").values_list("value", flat=True).first() or 0
        return filler

    def fill(self, wanted: int, say: Say = lambda count: None) -> None:
        """Write copies until so many are there."""
        while self.count < wanted:
            number = min(BATCH, wanted - self.count)
            with transaction.atomic():
                self._batch(range(self.count, self.count + number))
                Counter.objects.update_or_create(series="bench", defaults={"value": self.count + number})
            self.count += number
            say(number)

    def finish(self) -> None:
        """Let the database number its own rows again, and know what it holds. Others may write from here on."""
        self._next.clear()
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                for statement in connection.ops.sequence_reset_sql(no_style(), list(TABLES)):
                    cursor.execute(statement)
            # Inside a transaction nothing can be vacuumed.
            tidy = "ANALYZE" if connection.in_atomic_block else "VACUUM ANALYZE"
            cursor.execute(tidy if connection.vendor == "postgresql" else "PRAGMA optimize")

    def _take(self, model: type[models.Model], number: int = 1) -> int:
        """Return the first of so many free keys."""
        if model not in self._next:
            last = model._default_manager.order_by("-pk").values_list("pk", flat=True).first()
            self._next[model] = int(last or 0) + 1
        first = self._next[model]
        self._next[model] = first + number
        return first

    def _batch(self, numbers: range) -> None:
        out: dict[type[models.Model], list[dict[str, Any]]] = {model: [] for model in TABLES}
        documents: list[search.Document] = []
        head = ChainHead.objects.select_for_update().get(chain_id=self.company)
        seq, digest = head.seq, head.digest
        for number in numbers:
            seq, digest = self._copy(number, out, documents, seq, digest)
        tokens: list[dict[str, Any]] = [
            {"id": self._take(SearchEntry), "kind": one.kind, "key": one.key, "label": one.label,
             "tokens": search.tokens(one), "rules": search.RULES}
            for one in documents
        ]  # fmt: skip
        out[SearchEntry] = tokens
        for model, rows in out.items():
            write(model, rows)
        search._note_tokens([(row["id"], row["tokens"]) for row in tokens])
        ChainHead.objects.filter(chain_id=self.company).update(seq=seq, digest=digest)

    # --- one copy ----------------------------------------------------------------------------------------------------
    def _copy(
        self, number: int, out: Rows, documents: list[search.Document], seq: int, digest: str
    ) -> tuple[int, str]:
        random = Random(number)
        unit, last = divmod(number, SHARE)
        stop = "released"
        if last == SHARE - 1:
            stop = random.choice(GOING_ON) if random.random() < 0.2 else "converted"
        template = self.templates[stop]
        if number % (SHARE * UNITS_A_PROJECT) == 0:
            _project(self.company, unit // UNITS_A_PROJECT, self.at)
        project, building = _place(unit)
        if last == 0:
            self._unit(unit, project, building, out, documents)
        opened: datetime = template.case["opened_at"]
        # Work that goes on began in the last days; the rest is spread over three years.
        back = timedelta(minutes=random.randrange(5 * 1440 if stop in STOPS[2:] else 1095 * 1440))
        delta = self.at - timedelta(days=1) - back - opened
        case_id = self._take(Case)
        unit_id = self._unit_id(unit)
        code = f"B{unit // UNITS_A_PROJECT:03d}"
        year = (opened + delta).astimezone(ZONE).year
        case_number = f"RG-{code}-{year}-{number % (SHARE * UNITS_A_PROJECT) + 1:05d}"
        label = label_of(unit)
        buyer = buyer_of(number) if template.bought else None
        title = f"认购 {label}" + (f" {buyer.name}" if buyer else "")
        keys: dict[type[models.Model], dict[int, int]] = {}
        if buyer is not None:
            customer_id = self._take(Customer)
            keys[Customer] = dict.fromkeys(_pks(template.rows[DealBuyer], "customer_id"), customer_id)
            out[Customer].append(_customer(customer_id, self.company, buyer, opened + delta))
            documents.append(
                search.Document(
                    "customer",
                    str(customer_id),
                    buyer.name,
                    (project,),
                    (),
                    [buyer.name, buyer.phone, buyer.identity],
                )
            )
        documents.append(
            search.Document(
                "case",
                case_number,
                title,
                (project,),
                [case_number, label],
                [buyer.name, buyer.phone] if buyer else [],
            )
        )
        for named in (Deal, Subscription):
            for row in template.rows[named]:
                keys.setdefault(named, {})[row["id"]] = self._take(named)
        fixed: dict[str, Any] = {
            "case_id": case_id,
            "unit_id": unit_id,
            "project_id": project,
            "scope_id": project,
        }
        out[Case].append(
            _moved(template.case, delta)
            | {"id": case_id, "number": case_number, "title": title[:200], "scope_id": project}
        )
        link_keys = {"unit": {}, "deal": keys.get(Deal, {}), "customer": keys.get(Customer, {})}
        for row in template.rows[CaseLink]:
            key = unit_id if row["kind"] == "unit" else link_keys[row["kind"]][row["key"]]
            out[CaseLink].append(
                {"id": self._take(CaseLink), "case_id": case_id, "kind": row["kind"], "key": key}
            )
        for model in (Clock, Todo, ControlChange, Receipt, Subscription, BuyerPaper, Deal, DealBuyer):
            for row in template.rows[model]:
                new = _moved(row, delta)
                new |= {name: value for name, value in fixed.items() if name in new}
                for name, kind in (
                    ("deal_id", Deal),
                    ("subscription_id", Subscription),
                    ("customer_id", Customer),
                ):
                    if new.get(name) is not None:
                        new[name] = keys[kind][row[name]]
                new["id"] = keys[model][row["id"]] if model in keys else self._take(model)
                if model is Receipt:
                    # Copies of a subscription have no book of their own; the first one's is not theirs.
                    new |= {"number": f"SJ-{number}-{new['id']}", "voucher": f"V{new['id']}", "book_id": None}
                elif model is Subscription:
                    new["number"] = f"RGS-{number}" if row["number"] else ""
                elif model is Deal and row["contract_number"]:
                    new["contract_number"] = f"{code}-{number}"
                out[model].append(new)
        before = ""
        for row in template.rows[Event]:
            seq += 1
            new = _moved(row, delta) | {
                "id": self._take(Event), "case_id": case_id, "seq": seq, "previous": digest, "case_previous": before,
            }  # fmt: skip
            before = digest = new["digest"] = chain.digest_of(
                chain_id=self.company, seq=seq, previous=digest, case=case_number, case_seq=row["case_seq"],
                case_previous=before, step=row["step"], from_state=row["from_state"], to_state=row["to_state"],
                actor_id=row["actor_id"], behalf_id=row["behalf_id"], post=row["post"],
                happened_at=new["happened_at"], recorded_at=new["recorded_at"], key=None,
                body_digest=row["body_digest"],
            )  # fmt: skip
            out[Event].append(new)
        return seq, digest

    def _unit_id(self, unit: int) -> int:
        if not hasattr(self, "_first_unit"):
            self._first_unit: int = (
                Unit.objects.filter(building__name=FREE_BUILDING)
                .order_by("-pk")
                .values_list("pk", flat=True)[0]
                + 1
            )
        return self._first_unit + unit

    def _unit(
        self, unit: int, project: int, building: int, out: Rows, documents: list[search.Document]
    ) -> None:
        stop_number = unit * SHARE + SHARE - 1
        random = Random(stop_number)
        going_on = random.random() < 0.2
        key = self._unit_id(unit)
        assert key == self._take(Unit), "units and cases are out of step"
        _, entrance, floor, room = address_of(unit)
        row = Unit(
            id=key, project_id=project, building_id=building, entrance=entrance, floor=floor, room=room, layout="B",
            layout_name="两室两厅", area_contract=Decimal("89.40"), inner_area=Decimal("70.11"),
            unit_price=Decimal(20000), list_price=Decimal("1788000.00"),
            control=Control.SUBSCRIBED if going_on else Control.SIGNED, control_since_at=self.at,
        )  # fmt: skip
        out[Unit].append(_row(row))
        label, short = label_of(unit), f"{address_of(unit)[0]}-{entrance}-{room}"
        documents.append(search.Document("unit", str(key), label, (project,), [label, short]))


def _pks(rows: Iterable[Mapping[str, Any]], name: str) -> list[int]:
    return [row[name] for row in rows]


def _template(case: Case) -> Template:
    rows: Rows = {}
    for model in (CaseLink, Event, Clock, Todo, ControlChange, Receipt, Subscription):
        rows[model] = _values(model._default_manager.filter(case_id=case.pk))
    deals = _pks(rows[Subscription], "deal_id")
    deals = [deal for deal in deals if deal is not None]
    rows[Deal] = _values(Deal.objects.filter(pk__in=deals))
    rows[DealBuyer] = _values(DealBuyer.objects.filter(deal_id__in=deals))
    rows[BuyerPaper] = _values(BuyerPaper.objects.filter(subscription_id__in=_pks(rows[Subscription], "id")))
    (head,) = _values(Case.objects.filter(pk=case.pk))
    return Template(head, rows, bool(rows[DealBuyer]))


def _values(rows: models.QuerySet[Any, Any]) -> list[dict[str, Any]]:
    return list(rows.order_by("pk").values())


def _moved(row: Mapping[str, Any], delta: timedelta) -> dict[str, Any]:
    """Return the row so much later; days move by whole days."""
    days = timedelta(days=delta.days)
    return {
        name: value + delta
        if isinstance(value, datetime)
        else value + days
        if isinstance(value, date)
        else value
        for name, value in row.items()
    }


# --- the invented estate -------------------------------------------------------------------------------------------------
_projects: dict[int, tuple[int, list[int]]] = {}


def _project(company: int, number: int, at: datetime) -> None:
    project = Project.objects.create(
        code=f"B{number:03d}", name=f"测量 {number} 期", company_id=company, city="示范市"
    )
    buildings = [
        Building.objects.create(project=project, name=f"{n}号楼", position=n).pk for n in range(1, 5)
    ]
    _projects[number] = (project.pk, buildings)
    year = at.year
    for series in (f"RG-{project.code}-{year}", f"RG-{project.code}-{year + 1}"):
        Counter.objects.create(series=series, value=FIRST_FREE)


def _place(unit: int) -> tuple[int, int]:
    number = unit // UNITS_A_PROJECT
    if number not in _projects:
        project = Project.objects.get(code=f"B{number:03d}")
        buildings = project.buildings.order_by("position").values_list("pk", flat=True)
        _projects[number] = (project.pk, list(buildings))
    project_id, building_ids = _projects[number]
    return project_id, building_ids[unit % UNITS_A_PROJECT // 500]


def address_of(unit: int) -> tuple[int, str, int, str]:
    """Return building, entrance, floor and room of a unit: four buildings of 500, two entrances of 25 floors."""
    building, rest = divmod(unit % UNITS_A_PROJECT, 500)
    entrance, rest = divmod(rest, 250)
    floor, place = divmod(rest, 10)
    return building + 1, str(entrance + 1), floor + 1, f"{floor + 1}{place + 1:02d}"


def label_of(unit: int) -> str:
    """Return a unit as people say it."""
    building, entrance, _, room = address_of(unit)
    return f"{building}号楼 {entrance}单元 {room}"


def buyer_of(number: int) -> Invented:
    """Return the buyer of a case. Born before 1901 (people of the demo later), phones 1990000xxxx: nobody."""
    random = Random(number ^ 0x5EED)
    name = random.choice(SURNAMES) + "".join(random.choices(_GIVEN, k=random.choice((1, 2, 2, 2))))
    born = date(1894, 1, 1) + timedelta(days=number // SHARE // 1000 % 2400)
    return Invented(
        name, identity(born, number // SHARE % 1000), f"1990000{random.randrange(10_000):04d}", "示范市"
    )


def _row(one: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(one, field.attname) for field in one._meta.concrete_fields}


def _customer(key: int, company: int, buyer: Invented, at: datetime) -> dict[str, Any]:
    decided = decide(buyer.identity)
    row = Customer(
        id=key, company_id=company, name=buyer.name, identity_kind=decided.kind.value, identity_number=decided.number,
        identity_index=blind_index("identity", decided.number), phone=buyer.phone,
        phone_index=blind_index("phone", buyer.phone), address=buyer.address, recorded_at=at,
    )  # fmt: skip
    return _row(row)


# --- writing -----------------------------------------------------------------------------------------------------------
#: In the order in which they must be written.
TABLES: Final[tuple[type[models.Model], ...]] = (
    Unit, Customer, Case, CaseLink, Event, Clock, Todo, ControlChange, Receipt, Deal, DealBuyer, Subscription,
    BuyerPaper, SearchEntry,
)  # fmt: skip
_PLAIN = (models.CharField, models.TextField, models.IntegerField, models.BooleanField, models.ForeignKey)


def write(model: type[models.Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows with their keys, past the ORM: COPY on PostgreSQL, one prepared statement on SQLite."""
    if not rows:
        return
    quote = connection.ops.quote_name
    fields = model._meta.concrete_fields
    columns = ", ".join(quote(str(one.column)) for one in fields)
    table = quote(model._meta.db_table)
    postgresql = connection.vendor == "postgresql"
    adapters: list[Callable[[Any], Any] | None] = []
    for one in fields:
        if type(one) in (models.DateTimeField, models.DateField) and postgresql:
            adapters.append(None)
        elif type(one) is models.DateTimeField:
            adapters.append(_text_of)
        elif isinstance(one, _PLAIN) and type(one).__module__.startswith("django."):
            adapters.append(None)
        else:
            adapters.append(lambda value, one=one: one.get_db_prep_save(value, connection))  # type: ignore[misc]
    names = [one.attname for one in fields]
    values = (
        [
            value if adapt is None or value is None else adapt(value)
            for value, adapt in zip((row[name] for name in names), adapters, strict=True)
        ]
        for row in rows
    )
    with connection.cursor() as cursor:
        if postgresql:
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in values:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", list(values))


def _text_of(at: datetime) -> str:
    """Return a moment as Django keeps it on SQLite."""
    return str(at.astimezone(UTC).replace(tzinfo=None))


# --- many open clocks -----------------------------------------------------------------------------------------------------
def open_clocks(filler: Filler, number: int, say: Say = lambda count: None) -> None:
    """Write so many lean cases that wait for signing, each with a running clock, nothing of it due for days."""
    # Others have written since the fill.
    filler._next.clear()
    template = filler.templates["sealed"]
    project = Project.objects.get(code=scenes.CODE)
    clock = next(row for row in template.rows[Clock] if row["name"] == "sign")
    todo, facts = template.rows[Todo][0], template.rows[Subscription][0]
    for start in range(0, number, 2000):
        out: Rows = {Case: [], Event: [], Clock: [], Todo: [], Subscription: []}
        with transaction.atomic():
            head = ChainHead.objects.select_for_update().get(chain_id=filler.company)
            seq, digest = head.seq, head.digest
            for n in range(start, min(start + 2000, number)):
                due = filler.at + timedelta(days=6, minutes=n % 1440)
                case_id = filler._take(Case)
                case_number = f"RG-SW-{filler.at.year}-{n:06d}"
                out[Case].append(
                    template.case
                    | {"id": case_id, "number": case_number, "due_at": due, "events": 1, "scope_id": project.pk,
                       "opened_at": filler.at - timedelta(days=1)}
                )  # fmt: skip
                # One event only, the one that brought the case to where it stands.
                row = template.rows[Event][-1] | {"case_seq": 1, "from_state": ""}
                seq += 1
                new = row | {
                    "id": filler._take(Event), "case_id": case_id, "seq": seq, "previous": digest, "case_previous": "",
                }  # fmt: skip
                digest = new["digest"] = chain.digest_of(
                    chain_id=filler.company, seq=seq, previous=digest, case=case_number, case_seq=1, case_previous="",
                    step=row["step"], from_state=row["from_state"], to_state=row["to_state"], actor_id=row["actor_id"],
                    behalf_id=None, post=row["post"], happened_at=row["happened_at"],
                    recorded_at=row["recorded_at"], key=None, body_digest=row["body_digest"],
                )  # fmt: skip
                out[Event].append(new)
                out[Clock].append(
                    clock
                    | {"id": filler._take(Clock), "case_id": case_id, "started_at": filler.at - timedelta(days=1),
                       "due_at": due, "limit": "", "alarm": 0, "alarm_at": filler.at + timedelta(days=3, minutes=n % 1440)}
                )  # fmt: skip
                out[Subscription].append(
                    facts | {"id": filler._take(Subscription), "case_id": case_id, "number": f"SW-{n:06d}"}
                )
                out[Todo].append(
                    todo
                    | {"id": filler._take(Todo), "case_id": case_id, "due_at": due, "person_id": None,
                       "post": "signing_supervisor", "act": "set_signing_date", "scope_id": project.pk}
                )  # fmt: skip
            for model, rows in out.items():
                write(model, rows)
            ChainHead.objects.filter(chain_id=filler.company).update(seq=seq, digest=digest)
        say(min(2000, number - start))
