"""
What must be true of any database of the program, whatever happened to it: read by plain SQL, without the program.

Digests, encryption and the tables of states are written here a second time, by hand, so that a mistake of the program
is not repeated by its own proof.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

Row = dict[str, Any]
Ask = Callable[[str], list[Row]]

# The subscription: state → what its unit must look like, and who must have what to do (I-5.1, DECISIONS 2 and 26).
HOLDING = {"locked": "locked", "signed": "locked", "reviewed": "locked"}
HOLDING |= {"registered": "subscribed", "paid": "subscribed", "sealed": "subscribed"}
NEXT = {
    "locked": ("hand_in", "sales"), "signed": ("director_sign", "sales_director"),
    "reviewed": ("check_and_register", "cs_clerk"), "registered": ("confirm_deposit", "cashier"),
    "paid": ("seal", "seal_keeper"),
}  # fmt: skip
ENDS = {"converted", "released", "voided", "defaulted", "swapped", "cancelled"}
PAID = {"paid", "sealed", "converted"}


class Book:
    """One reading of the tables, with the keys to look things up by."""

    def __init__(self, ask: Ask, key: str) -> None:
        self.ask = ask
        derived = HKDF(SHA256(), 32, salt=b"guiju", info=b"encrypt").derive(key.encode())
        self.cipher = AESGCM(derived)
        self.cases = {row["id"]: row for row in ask("SELECT * FROM kernel_case ORDER BY id")}
        self.events = ask("SELECT * FROM kernel_event ORDER BY chain_id, seq, id")
        self.units = {row["id"]: row for row in ask("SELECT * FROM estate_unit ORDER BY id")}
        self.deals = {row["id"]: row for row in ask("SELECT * FROM sales_deal ORDER BY id")}
        self.subscriptions = {
            row["case_id"]: row for row in ask("SELECT * FROM sales_subscription ORDER BY id")
        }
        self.receipts = ask("SELECT * FROM ledger_receipt ORDER BY id")
        self.todos = ask("SELECT * FROM kernel_todo ORDER BY id")
        self.clocks = ask("SELECT * FROM kernel_clock ORDER BY id")
        self.requests = ask("SELECT * FROM kernel_approvalrequest ORDER BY id")
        self.of_case: dict[int, list[Row]] = defaultdict(list)
        for event in self.events:
            if event["case_id"] is not None:
                self.of_case[event["case_id"]].append(event)
        for story in self.of_case.values():
            story.sort(key=lambda event: event["case_seq"])

    def content(self, event: Row) -> dict[str, Any]:
        """What an event says, decrypted with the installation's key."""
        return json.loads(self.plain(event)[32:])

    def plain(self, event: Row) -> str:
        stored = bytes(event["body"])
        return self.cipher.decrypt(stored[1:13], stored[13:], b"kernel_event.body").decode()

    def chain_of(self, case_id: int) -> list[int]:
        """A subscription and those whose 认购书 it replaced."""
        found, row = [case_id], self.subscriptions[case_id]
        by_id = {one["id"]: one for one in self.subscriptions.values()}
        while row["replaces_id"] is not None:
            row = by_id[row["replaces_id"]]
            found.append(row["case_id"])
        return found

    def balance(self, case_ids: list[int]) -> int:
        """Money booked less reversed, in fen."""
        return sum(row["amount"] for row in self.receipts if row["case_id"] in case_ids)


def broken(ask: Ask, key: str) -> list[str]:
    """Every sentence about the database that is not true; empty when all is well."""
    book = Book(ask, key)
    found: list[str] = []
    for check in (
        chain,
        stories,
        units,
        control_register,
        deals,
        subscriptions,
        money,
        numbers,
        waiting,
        requests,
    ):
        found += check(book)
    return found


def chain(book: Book) -> list[str]:
    """The events of each company follow each other, each with the digest of what it says and of its predecessors."""
    found = []
    heads = {row["chain_id"]: row for row in book.ask("SELECT * FROM kernel_chainhead")}
    last: dict[int, tuple[int, str]] = defaultdict(lambda: (0, ""))
    case_last: dict[int, str] = {}
    for event in book.events:
        chain_id, at = event["chain_id"], f"event {event['id']}"
        seq, digest = last[chain_id]
        if event["seq"] != seq + 1 or event["previous"] != digest:
            found.append(f"{at} does not follow event {seq} of chain {chain_id}")
        if event["case_id"] is not None and event["case_previous"] != case_last.get(event["case_id"], ""):
            found.append(f"{at} does not follow the one before it in its case")
        if hashlib.sha256(book.plain(event).encode()).hexdigest() != event["body_digest"]:
            found.append(f"{at} says something else than its digest")
        if digest_of(book, event) != event["digest"]:
            found.append(f"{at} has the wrong digest")
        last[chain_id] = (event["seq"], event["digest"])
        if event["case_id"] is not None:
            case_last[event["case_id"]] = event["digest"]
    for chain_id, end in last.items():
        head = heads.get(chain_id)
        if head is None or (head["seq"], head["digest"]) != end:
            found.append(f"the head of chain {chain_id} is not its last event")
    return found


def digest_of(book: Book, event: Row) -> str:
    case = book.cases.get(event["case_id"] or 0)
    said = [
        event["chain_id"], event["seq"], event["previous"], case["number"] if case else "", event["case_seq"],
        event["case_previous"], event["step"], event["from_state"], event["to_state"], event["actor_id"],
        event["behalf_id"], event["post"], _moment(event["happened_at"]), _moment(event["recorded_at"]),
        _uuid(event["key"]), event["body_digest"],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def when(value: Any) -> datetime:
    """A moment as SQLite (text) or PostgreSQL gives it."""
    at = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _moment(value: Any) -> str:
    return when(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _uuid(value: Any) -> str:
    text = str(value or "")
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}" if len(text) == 32 else text


def stories(book: Book) -> list[str]:
    """The events of a case, in order, lead from nothing to the state in which it stands."""
    found = []
    for case in book.cases.values():
        story = book.of_case[case["id"]]
        if [event["case_seq"] for event in story] != list(range(1, case["events"] + 1)):
            found.append(f"case {case['number']} has {case['events']} events, not {len(story)}")
        state = ""
        for event in story:
            beside = ":" in event["step"] or event["step"] in (
                "note",
                "tick",
                "override",
                "pause",
                "resume",
                "move",
            )
            if not beside and event["from_state"] != state:
                found.append(
                    f"event {event['id']} starts from {event['from_state']!r}, the case stood in {state!r}"
                )
            state = event["to_state"]
        if state != case["state"]:
            found.append(f"case {case['number']} is {case['state']}, its story ends in {state}")
    keys = [event["key"] for event in book.events if event["key"] is not None]
    if len(keys) != len(set(keys)):
        found.append("a client's key stands on two events")
    return found


def units(book: Book) -> list[str]:
    """A unit is locked or subscribed exactly when one open case holds it, and in the state that this case is in."""
    found = []
    links = {(r["case_id"], r["key"]) for r in book.ask("SELECT * FROM kernel_caselink WHERE kind = 'unit'")}
    live = {deal["unit_id"]: deal for deal in book.deals.values() if deal["live"]}
    for unit in book.units.values():
        name, control, holder = f"unit {unit['room']}", unit["control"], unit["holder_case_id"]
        if holder is None:
            if control == "locked" or (control == "subscribed" and unit["id"] not in live):
                found.append(f"{name} is {control} and nobody holds it")
        else:
            case = book.cases.get(holder)
            if case is None or case["closed_at"] is not None:
                found.append(f"{name} is held by a case that is closed or not there")
            elif (holder, unit["id"]) not in links:
                found.append(f"{name} is held by {case['number']}, which is about another unit")
            elif case["process"] == "subscription" and HOLDING.get(case["state"]) != control:
                found.append(f"{name} is {control}, its case {case['number']} is {case['state']}")
            elif control not in ("locked", "subscribed", "held", "restricted"):
                found.append(f"{name} is {control} and still held by {case['number']}")
        if (unit["lock_until_at"] is not None) != (control == "locked"):
            found.append(f"{name} is {control} with a lock until {unit['lock_until_at']}")
    for case_id, row in book.subscriptions.items():
        case = book.cases[case_id]
        unit = book.units[row["unit_id"]]
        if case["state"] in ("registered", "paid", "sealed") and unit["holder_case_id"] != case_id:
            found.append(f"{case['number']} is {case['state']} and does not hold its unit")
    return found


def control_register(book: Book) -> list[str]:
    """The sales-control register has no gap: each change begins where the one before it ended, up to now."""
    found, last = [], {}
    for row in book.ask("SELECT * FROM estate_controlchange ORDER BY id"):
        before = last.get(row["unit_id"])
        if before is not None and row["before"] != before:
            found.append(f"control change {row['id']} starts from {row['before']}, the unit was {before}")
        last[row["unit_id"]] = row["after"]
    for unit_id, after in last.items():
        if book.units[unit_id]["control"] != after:
            found.append(
                f"unit {book.units[unit_id]['room']} is {book.units[unit_id]['control']}, the register says {after}"
            )
    return found


def deals(book: Book) -> list[str]:
    """At most one live deal a unit; a signed one on a unit that is signed."""
    found = []
    live: dict[int, list[Row]] = defaultdict(list)
    for deal in book.deals.values():
        if deal["live"]:
            live[deal["unit_id"]].append(deal)
        if deal["live"] != (deal["stage"] != "closed"):
            found.append(f"deal {deal['id']} is {deal['stage']} and live is {deal['live']}")
    for unit_id, several in live.items():
        unit = book.units[unit_id]
        if len(several) > 1:
            found.append(f"unit {unit['room']} has {len(several)} live deals")
        if (
            unit["control"] in ("available", "not_released", "cooling")
            and several[0]["stage"] != "subscribing"
        ):
            found.append(
                f"unit {unit['room']} is {unit['control']} and has a live deal ({several[0]['stage']})"
            )
    return found


def subscriptions(book: Book) -> list[str]:
    """The row of a subscription says what its case says."""
    found = []
    uses: dict[int, int] = defaultdict(int)
    for row in book.ask("SELECT case_id FROM papers_sealuse WHERE case_id IS NOT NULL"):
        uses[row["case_id"]] += 1
    replaced = {row["replaces_id"] for row in book.subscriptions.values()}
    for case_id, row in book.subscriptions.items():
        case = book.cases[case_id]
        steps = [event["step"] for event in book.of_case[case_id]]
        state, deal, name = case["state"], book.deals.get(row["deal_id"] or 0), case["number"]
        facts = {
            "a number": (bool(row["number"]), bool({"check_and_register", "take_up"} & set(steps))),
            "a seal": (
                row["sealed_at"] is not None,
                [s for s in steps if s in ("seal", "renew")][-1:] == ["seal"],
            ),
            "a deal": (deal is not None, bool({"hand_in", "take_up"} & set(steps))),
            "a use of the seal": (uses[case_id], steps.count("seal")),
            "the closing moment": (case["closed_at"] is not None, state in ENDS),
        }
        found += [
            f"{name} ({state}): {what} is {is_}, its story says {said}"
            for what, (is_, said) in facts.items()
            if is_ != said
        ]
        if state in ("registered", "paid", "sealed") and not (deal and deal["live"]):
            found.append(f"{name} is {state} without a live deal")
        if state in ENDS - {"converted"} and deal and deal["live"]:
            found.append(f"{name} is {state} and its deal is still live")
        # A contract that was ended closes the deal; the subscription it came from stays converted.
        if state == "converted" and (deal is None or deal["stage"] not in ("signed", "closed")):
            found.append(f"{name} is converted and its deal {deal and deal['stage']}")
        if state == "swapped" and row["id"] not in replaced:
            found.append(f"{name} is swapped and no other took its place")
    return found


def money(book: Book) -> list[str]:
    """Receipts are what the events said; nobody is sealed without the deposit; no money is left where nobody decides."""
    found = []
    said: dict[str, str] = {}
    for event in book.events:
        # What a case's form was given is somebody's typing; what its act said, and a cashier's event, is the program's.
        part = "said" if event["case_id"] is not None else "given"
        said |= dict.fromkeys(_receipts(book.content(event).get(part) or {}), f"{event['id']}")
    for case_id in book.subscriptions:
        row, case = book.subscriptions[case_id], book.cases[case_id]
        held = book.balance(book.chain_of(case_id))
        if case["state"] in PAID and held < row["deposit"]:
            found.append(f"{case['number']} is {case['state']} with {held} fen of {row['deposit']}")
        if (case["state"] in PAID) != (row["deposit_confirmed_at"] is not None) and case["state"] not in ENDS:
            found.append(
                f"{case['number']} is {case['state']}, deposit confirmed: {row['deposit_confirmed_at']}"
            )
        if case["state"] == "released" and held:
            found.append(f"{case['number']} is released and holds {held} fen")
        if case["state"] == "swapped" and book.balance([case_id]):
            found.append(f"{case['number']} is swapped and holds {book.balance([case_id])} fen")
    booked = {row["number"] for row in book.receipts}
    # What finance books straight to a purchase or into suspense belongs to no case; its own row says who did it.
    of_cases = {row["number"] for row in book.receipts if row["case_id"] is not None}
    found += [f"receipt {number} is in no event" for number in sorted(of_cases - set(said))]
    found += [
        f"event {said[number]} speaks of receipt {number}, which is not booked"
        for number in sorted(set(said) - booked)
    ]
    undone = {row["reverses_id"]: row for row in book.receipts if row["reverses_id"] is not None}
    for row in book.receipts:
        if row["id"] in undone and undone[row["id"]]["amount"] != -row["amount"]:
            found.append(f"receipt {row['number']} is reversed by another amount")
    return found


def _receipts(words: Mapping[str, Any]) -> set[str]:
    """The receipts an event says were booked: deposits, price and loans, reversals, and those that a change moved."""
    found: set[str] = set()
    for name, value in words.items():
        if isinstance(value, str) and (name == "receipt" or name.startswith("reversed_")):
            found.add(value)
        elif name == "receipts" and isinstance(value, list):
            found |= {one for one in value if isinstance(one, str)}
    return found


def numbers(book: Book) -> list[str]:
    """Document numbers run from 1 without a gap, and stand where their counter stands."""
    found = []
    taken: dict[str, list[int]] = defaultdict(list)
    for query in (
        "SELECT number FROM ledger_receipt",
        "SELECT number FROM sales_subscription WHERE number <> ''",
        "SELECT number FROM papers_sealuse",
    ):
        for row in book.ask(query):
            stem, _, last = row["number"].rpartition("-")
            taken[stem].append(int(last))
    counters = {row["series"]: row["value"] for row in book.ask("SELECT * FROM kernel_counter")}
    for stem, values in taken.items():
        if sorted(values) != list(range(1, counters.get(f"doc:{stem}", 0) + 1)):
            found.append(f"the numbers of {stem} have a gap or a double: {sorted(values)}")
    return found


def waiting(book: Book) -> list[str]:
    """Who has what to do follows from the state; what is closed waits for nobody; the case knows its nearest clock."""
    found = []
    theirs: dict[int, set[tuple[str, str]]] = defaultdict(set)
    for todo in book.todos:
        theirs[todo["case_id"]].add((todo["act"], todo["post"]))
    due: dict[int, list[datetime]] = defaultdict(list)
    for clock in book.clocks:
        if clock["state"] == "running":
            due[clock["case_id"]].append(when(clock["due_at"]))
    pending = {row["id"]: row for row in book.requests}
    for case in book.cases.values():
        name, todos = case["number"], theirs[case["id"]]
        open_clocks = [
            c for c in book.clocks if c["case_id"] == case["id"] and c["state"] in ("running", "paused")
        ]
        if case["closed_at"] is not None:
            if todos or open_clocks or case["due_at"] is not None or case["pending_request_id"] is not None:
                found.append(f"{name} is closed, and something still waits: {sorted(todos)}")
            continue
        nearest = min(due[case["id"]], default=None)
        if nearest != (when(case["due_at"]) if case["due_at"] is not None else None):
            found.append(f"{name} is due {case['due_at']}, its nearest clock {nearest}")
        acts = {(act, post) for act, post in todos if not act.startswith("escalate:")}
        if case["pending_request_id"] is not None:
            request = pending.get(case["pending_request_id"])
            wanted = "resubmit" if request and request["state"] == "returned" else "approve:"
            if not acts or not all(act.startswith(wanted) for act, _ in acts):
                found.append(f"{name} waits for approval, its to-dos are {sorted(acts)}")
        elif case["process"] == "subscription":
            wanted_act = NEXT.get(case["state"])
            if wanted_act is not None and wanted_act not in acts:
                found.append(
                    f"{name} is {case['state']} and nobody is told to {wanted_act[0]}: {sorted(acts)}"
                )
            foreign = {act for act, _ in acts} & (
                {act for act, _ in NEXT.values()} - {wanted_act and wanted_act[0]}
            )
            if foreign:
                found.append(f"{name} is {case['state']} and somebody is told to {sorted(foreign)}")
    return found


def requests(book: Book) -> list[str]:
    """An open request is the one its case knows; no seat is decided twice; nobody decides what they asked for."""
    found = []
    waiting_ones: dict[int, list[int]] = defaultdict(list)
    for row in book.requests:
        if row["state"] in ("pending", "returned"):
            waiting_ones[row["case_id"]].append(row["id"])
    for case in book.cases.values():
        known = [case["pending_request_id"]] if case["pending_request_id"] is not None else []
        if waiting_ones[case["id"]] != known:
            found.append(f"{case['number']} knows of requests {known}, open are {waiting_ones[case['id']]}")
    makers = {row["id"]: row["requested_by"] for row in book.requests}
    votes = book.ask("SELECT * FROM kernel_vote")
    seats = [(vote["request_id"], vote["round"], vote["seat"]) for vote in votes]
    if len(seats) != len(set(seats)):
        found.append("a seat was decided twice")
    found += [
        f"vote {vote['id']} is the maker's own"
        for vote in votes
        if makers[vote["request_id"]] == vote["person_id"]
    ]
    return found


def asking(cursor: Any) -> Ask:
    """The `ask` of a database cursor (any driver's)."""

    def ask(query: str) -> list[Row]:
        cursor.execute(query)
        names = [column[0] for column in cursor.description]
        return [_plain(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]

    return ask


def _plain(row: Row) -> Row:
    return {name: bytes(value) if isinstance(value, memoryview) else value for name, value in row.items()}


def picture(ask: Ask, tables: Mapping[str, list[str]] | list[str]) -> dict[str, tuple[int, str]]:
    """Every table by its number of rows and the digest of all of them: two equal pictures, and nothing changed."""
    found = {}
    for table in tables:
        rows = ask(f'SELECT * FROM "{table}"')
        lines = sorted(repr(sorted(row.items())) for row in rows)
        found[table] = (len(rows), hashlib.sha256("\n".join(lines).encode()).hexdigest())
    return found
