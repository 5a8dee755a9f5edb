"""Whoever has the database, the program and its key: any change to what happened is found, and the row is named.

Done by SQL on a filled database, and told by the command `guiju audit verify`, which ends with 1.
"""

import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from guiju.kernel import audit, audit_cli, chain
from guiju.kernel.models import ChainHead, Event
from guiju.papers.models import Attachment
from guiju.sop.models import Version
from tests.failure.conftest import picture
from tests.failure.running import change, office, rows
from tests.stories.conftest import WEDNESDAY, house
from tests.worlds import world

pytestmark = pytest.mark.django_db

POSTGRESQL = connection.vendor == "postgresql"


@world(on=house, files=True)
def filled(house):
    """Three subscriptions in different states, anchored; two more acts after the anchor."""
    house.sealed()
    case = house.registered(unit=1)
    audit.anchor(at=WEDNESDAY)
    house.take(case, "confirm_deposit", "he", WEDNESDAY.replace(hour=15), **house.money())
    house.lock(unit=2, at=WEDNESDAY.replace(hour=15))
    return house


def sql(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def unguarded(*statements):
    """Statements that the database's own guards would refuse: put off until the end, which never comes here."""
    sql("SET CONSTRAINTS ALL DEFERRED" if POSTGRESQL else "PRAGMA defer_foreign_keys = ON", *statements)


def events():
    return list(Event.objects.order_by("seq"))


def told(capsys):
    """What the command prints, and its exit code."""
    code = audit_cli.main(SimpleNamespace(json=False))
    return code, capsys.readouterr().out


def named(capsys):
    """The ids and places that the command names; it must have found something."""
    code, text = told(capsys)
    assert code == 1, text
    assert "发现" in text
    return (
        set(map(int, re.findall(r"记录编号 (\d+)", text))),
        set(map(int, re.findall(r"第 (\d+) 条", text))),
        text,
    )


def test_an_untouched_database_passes_and_is_not_changed_by_looking(filled, capsys):
    before = picture()

    code, text = told(capsys)

    assert (code, picture()) == (0, before)
    assert text == f"核对无误：1 条链，{Event.objects.count()} 条记录，1 个库外锚点。\n"


COLUMNS = {
    "seq": "seq + 1000", "step": "'release'", "from_state": "'locked'", "to_state": "'paid'", "actor_id": "actor_id + 1",
    "behalf_id": "7", "post": "'sales_director'", "body_digest": "digest", "digest": "body_digest",
    "previous": "digest", "case_previous": "digest", "case_seq": "case_seq + 1", "chain_id": "chain_id + 1",
    "happened_at": "'2026-11-18 01:00:00'", "recorded_at": "'2026-11-19 01:00:00'",
    "key": "'6f1b6c1e000040008000000000000009'", "body": "NULL",
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
def test_a_changed_column_of_any_event_of_a_case_names_the_row(filled, capsys, column):
    story = [event for event in events() if event.case_id]
    for row in (story[0], story[len(story) // 2], story[-1]):
        sql("SAVEPOINT one", f"UPDATE kernel_event SET {column} = {COLUMNS[column]} WHERE id = {row.pk}")

        ids, places, _ = named(capsys)

        # A row that went elsewhere is missed at its place; any other is named itself.
        assert row.pk in ids or (column in ("seq", "chain_id") and row.seq in places)
        sql("ROLLBACK TO SAVEPOINT one", "RELEASE SAVEPOINT one")
    assert told(capsys)[0] == 0


def test_a_deleted_event_is_named_by_its_place(filled, capsys):
    for row in events()[:: max(1, Event.objects.count() // 7)] + events()[-1:]:
        sql("SAVEPOINT one")
        unguarded(
            f"DELETE FROM kernel_reaction WHERE event_id = {row.pk}",
            f"DELETE FROM kernel_event WHERE id = {row.pk}",
        )

        _, places, _ = named(capsys)

        assert row.seq in places
        sql("ROLLBACK TO SAVEPOINT one", "RELEASE SAVEPOINT one")


def swapped(one, two, *columns):
    """Let two events change their places, or some of what they say."""
    kept = {name: getattr(one, name) for name in columns}
    Event.objects.filter(pk=one.pk).update(
        **{name: None if name == "key" else getattr(two, name) for name in columns if name != "seq"}
    )
    if "seq" in columns:
        Event.objects.filter(pk=one.pk).update(seq=100_000)
        Event.objects.filter(pk=two.pk).update(seq=kept["seq"])
        Event.objects.filter(pk=one.pk).update(seq=two.seq)
        del kept["seq"]
    if kept:
        Event.objects.filter(pk=two.pk).update(**kept)


@pytest.mark.parametrize(
    "columns", [("seq",), ("body",), ("body", "body_digest"), ("actor_id", "post"), ("case_id", "case_seq"), ("recorded_at",)],
    ids=" ".join,
)  # fmt: skip
def test_two_swapped_events_are_both_named(filled, capsys, columns):
    story = [event for event in events() if event.case_id]
    one, two = story[2], story[-2]
    assert one.case_id != two.case_id

    swapped(one, two, *columns)

    ids, _, _ = named(capsys)
    assert {one.pk, two.pk} <= ids


def test_an_event_slipped_in_at_the_end_is_named(filled, capsys):
    last = events()[-1]
    body, body_digest = chain.close_body({"given": {}})
    said = {
        "chain_id": last.chain_id, "seq": last.seq + 1, "previous": last.digest, "case_seq": last.case_seq + 1,
        "case_previous": last.digest, "step": "release", "from_state": "locked", "to_state": "released",
        "actor_id": filled.lin.pk, "behalf_id": None, "post": "sales", "happened_at": WEDNESDAY,
        "recorded_at": WEDNESDAY, "key": None, "body_digest": body_digest,
    }  # fmt: skip
    forged = Event.objects.create(
        **said, case=last.case, body=body, digest=chain.digest_of(case=last.case.number, **said)
    )

    _, places, text = named(capsys)
    assert forged.seq in places
    assert last.case.number in text


def test_a_changed_case_number_names_every_event_of_the_case(filled, capsys):
    case = events()[-1].case
    theirs = set(case.history.values_list("id", flat=True))

    sql(f"UPDATE kernel_case SET number = 'RG-YQ1-2026-9999' WHERE id = {case.pk}")

    ids, _, _ = named(capsys)
    assert ids == theirs


def test_two_cases_that_changed_numbers_are_named(filled, capsys):
    one, two = events()[-1].case, next(event.case for event in events() if event.case)
    sql(
        f"UPDATE kernel_case SET number = 'X' WHERE id = {one.pk}",
        f"UPDATE kernel_case SET number = '{one.number}' WHERE id = {two.pk}",
        f"UPDATE kernel_case SET number = '{two.number}' WHERE id = {one.pk}",
    )

    ids, _, _ = named(capsys)
    assert ids == {event.pk for event in events() if event.case_id in (one.pk, two.pk)}


@pytest.mark.parametrize(
    "change_", ["state = 'sealed'", "events = events - 1", "events = events + 1", "chain_id = chain_id + 1"]
)
def test_a_case_that_says_something_else_than_its_events_is_named(filled, capsys, change_):
    case = events()[-1].case

    sql(f"UPDATE kernel_case SET {change_} WHERE id = {case.pk}")

    assert case.number in told(capsys)[1]


HEADS = {
    "set back": "UPDATE kernel_chainhead SET seq = seq - 1",
    "set forward": "UPDATE kernel_chainhead SET seq = seq + 1",
    "another digest": "UPDATE kernel_chainhead SET digest = 'f'",
    "taken away": "DELETE FROM kernel_chainhead",
}


@pytest.mark.parametrize("how", HEADS.values(), ids=HEADS)
def test_a_changed_head_is_found(filled, capsys, how):
    sql(how)

    code, text = told(capsys)
    assert code == 1
    assert "链尾" in text


def cut(last):
    """Take the events after a place away, and set everything in the database back as if they had never been."""
    gone = list(Event.objects.filter(seq__gt=last.seq).order_by("seq"))
    for event in reversed(gone):
        unguarded(
            f"DELETE FROM kernel_reaction WHERE event_id = {event.pk}",
            f"DELETE FROM kernel_event WHERE id = {event.pk}",
        )
        if event.case_id:
            sql(
                f"UPDATE kernel_case SET events = {event.case_seq - 1}, state = '{event.from_state}' WHERE id = {event.case_id}"
            )
    ChainHead.objects.update(
        seq=last.seq, digest=last.digest, anchored=min(last.seq, ChainHead.objects.get().anchored)
    )
    return gone


def test_a_tail_cut_off_cleanly_is_found_by_the_anchor(filled, capsys):
    anchored = json.loads(audit.anchors_file().read_text().splitlines()[-1])["seq"]

    gone = cut(events()[anchored - 3])

    _, places, text = named(capsys)
    assert f"锚点记有第 {anchored} 条记录，库里没有" in text
    assert gone[1].seq in places


def recomputed():
    """Digest every event anew with the program's own functions, as one with the whole installation could."""
    previous, of_case = "", {}
    for row in Event.objects.order_by("seq").select_related("case"):
        row.previous, row.case_previous = previous, of_case.get(row.case_id, "")
        row.digest = previous = audit._digest(row)
        of_case[row.case_id] = row.digest
        row.save()
    ChainHead.objects.update(digest=previous)


def test_a_chain_recomputed_as_a_whole_does_not_fit_its_anchor(filled, capsys):
    anchored = json.loads(audit.anchors_file().read_text().splitlines()[-1])["seq"]
    changed = events()[anchored // 2]
    body, body_digest = chain.close_body({"given": {"amount": "1"}})
    Event.objects.filter(pk=changed.pk).update(actor_id=filled.he.pk, body=body, body_digest=body_digest)
    recomputed()

    ids, places, text = named(capsys)

    assert ids == {event.pk for event in events() if event.seq == anchored}
    assert places == {anchored}
    assert "整条链被重算过" in text


ANCHORS = {
    "a digest changed": lambda lines: [lines[0], lines[1].replace('"digest": "', '"digest": "0'), *lines[2:]],
    "a place changed": lambda lines: [re.sub(r'"seq": (\d)', r'"seq": 1\1', lines[0]), *lines[1:]],
    "the first deleted": lambda lines: lines[1:],
    "one in the middle deleted": lambda lines: [lines[0], *lines[2:]],
    "the last deleted": lambda lines: lines[:-1],
    "all deleted": lambda lines: [],
    "two swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "one doubled": lambda lines: [*lines, lines[-1]],
    "one forged": lambda lines: [*lines, json.dumps({**json.loads(lines[-1]), "seq": 1})],
    "one torn": lambda lines: [*lines[:-1], lines[-1][: len(lines[-1]) // 2]],
    "rubbish": lambda lines: [lines[0], '{"chain": "甲", "mark": 7}', *lines[1:]],
    "no text at all": lambda lines: [lines[0], "\udcff\udcfe", *lines[1:]],
}


@pytest.mark.parametrize("how", ANCHORS.values(), ids=ANCHORS)
def test_a_changed_anchor_file_is_found(filled, capsys, how):
    filled.lock(unit=3, at=WEDNESDAY.replace(hour=16))
    audit.anchor(at=WEDNESDAY)
    filled.take(events()[-1].case, "release", "lin", WEDNESDAY.replace(hour=17), reason="客户不买了")
    audit.anchor(at=WEDNESDAY)
    assert told(capsys)[0] == 0
    file = audit.anchors_file()

    text = "\n".join(how(file.read_text(encoding="utf-8").splitlines()))
    file.write_text(f"{text}\n" if text else "", encoding="utf-8", errors="surrogateescape")

    code, text = told(capsys)
    assert code == 1
    assert "锚点" in text


def test_an_anchor_file_that_is_gone_is_missed(filled, capsys):
    audit.anchors_file().unlink()

    code, text = told(capsys)
    assert code == 1
    assert "锚点文件里只到第 0 条" in text


def test_a_content_cannot_be_erased_by_saying_that_it_was(filled, capsys):
    row = events()[-1]
    sql(f"UPDATE kernel_event SET body = NULL, erased_at = recorded_at WHERE id = {row.pk}")

    assert named(capsys)[0] == {row.pk}


@pytest.mark.skipif(POSTGRESQL, reason="PostgreSQL itself refuses what is no date, number or UUID")
@pytest.mark.parametrize("column", ["happened_at", "recorded_at", "key", "seq", "body", "actor_id"])
def test_what_no_program_of_ours_would_write_names_the_row(filled, capsys, column):
    story = [event for event in events() if event.case_id]
    row = story[3]
    sql(f"UPDATE kernel_event SET {column} = '2026-13-45 99:99:99' WHERE id = {row.pk}")

    ids, places, _ = named(capsys)
    assert row.pk in ids or row.seq in places


def test_what_stands_beside_the_chain_is_read_as_well(filled, capsys):
    kept = Attachment.objects.order_by("pk").first()
    version = Version.objects.order_by("pk").first()
    place = Path(default_storage.path(kept.place))
    whole = place.read_bytes()

    place.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    code, text = told(capsys)
    assert code == 1
    assert f"（附件编号 {kept.pk}，" in text
    assert "的内容与其摘要不符：被改动过" in text

    place.unlink()
    assert "的文件不见了或读不出来" in told(capsys)[1]
    place.write_bytes(whole)

    title = version.content["title"]
    version.content["title"] = f"{title}（改）"
    Version.objects.filter(pk=version.pk).update(content=version.content)
    assert (
        f"作业标准书 {version.document.code} 第 {version.number} 版（编号 {version.pk}）" in told(capsys)[1]
    )
    version.content["title"] = title
    Version.objects.filter(pk=version.pk).update(content=version.content)
    assert told(capsys)[0] == 0

    audit_cli.main(SimpleNamespace(json=True))
    assert json.loads(capsys.readouterr().out)["ok"] is True


@pytest.mark.slow
def test_the_command_tells_it_from_outside(prepared, place):
    here = place.copy(prepared, "tampered")
    office(here, units=1)
    assert here.guiju("audit", "verify").returncode == 0
    row = rows(here, "SELECT * FROM kernel_event ORDER BY id")[-1]

    change(here, f"UPDATE kernel_event SET post = 'auditor' WHERE id = {row['id']}")

    done = here.guiju("audit", "verify")
    assert (done.returncode, done.stderr) == (1, "")
    assert f"记录编号 {row['id']}，第 {row['seq']} 条记录的内容与其摘要不符：被改动过" in done.stdout
