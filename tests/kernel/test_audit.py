"""Verifying the chain: any row that was changed, removed, swapped or added is named; so is a chain recomputed whole."""

import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection

from guiju.kernel import acts, audit, audit_cli, chain, engine
from guiju.kernel.erasing import erase
from guiju.kernel.models import Case, ChainHead, Event
from guiju.kernel.refusals import NotReady

from . import toy
from .toy import FRIDAY, LIN, WU

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _anchors(settings, tmp_path):
    settings.GUIJU_ANCHORS = tmp_path / "anchors"


@pytest.fixture
def cases(install, ask):
    """Two cases whose eight events alternate in one chain."""
    install()
    toy.fill_pot(100)
    one, two = ask(subject="一"), ask(subject="二")
    for step, given in (("check", {}), ("remark", {"note": "急"}), ("pay", {"amount": "5"})):
        for case in (one, two):
            engine.advance(case, step, by=LIN, at=FRIDAY, given=given)
    return one, two


def event(seq):
    return Event.objects.get(chain_id=toy.COMPANY, seq=seq)


def texts():
    return [(finding.seq, finding.event_id, finding.text) for finding in audit.verify().findings]


def forge(at, **fields):
    Event.objects.filter(chain_id=toy.COMPANY, seq=at).update(**fields)


def recompute():
    """Do what somebody with the whole database and the program would do: digest every row anew."""
    previous, of_case = "", {}
    for row in Event.objects.filter(chain_id=toy.COMPANY).order_by("seq").select_related("case"):
        row.previous, row.case_previous = previous, of_case.get(row.case_id, "")
        row.digest = previous = audit._digest(row)
        of_case[row.case_id] = row.digest
        row.save()
    ChainHead.objects.filter(chain_id=toy.COMPANY).update(digest=previous)


def test_an_untouched_chain_is_in_order(cases):
    report = audit.verify()

    assert (report.ok, report.events, report.chains) == (True, 8, 1)


CHANGES = {
    "who": {"actor_id": WU.pk},
    "for whom": {"behalf_id": WU.pk},
    "in which post": {"post": "cs_manager"},
    "which step": {"step": "drop"},
    "from": {"from_state": "waiting"},
    "to": {"to_state": "dropped"},
    "when it happened": {"happened_at": FRIDAY - DAY},
    "when it was recorded": {"recorded_at": FRIDAY - DAY},
    "client key": {"key": "6f1b6c1e-0000-4000-8000-000000000001"},
    "place in the case": {"case_seq": 9},
    "digest of the content": {"body_digest": "0" * 64},
    "digest": {"digest": "0" * 64},
    "event before": {"previous": "0" * 64},
    "event before in the case": {"case_previous": "0" * 64},
}


@pytest.mark.parametrize("changes", CHANGES.values(), ids=CHANGES)
@pytest.mark.parametrize("seq", [1, 4, 8])
def test_any_changed_field_of_any_row_names_the_row(cases, seq, changes):
    row = event(seq)
    forge(seq, **changes)

    found = audit.verify()

    assert not found.ok
    assert (seq, row.pk) in {(f.seq, f.event_id) for f in found.findings}


def test_an_event_moved_to_another_case_names_the_row(cases):
    one, two = cases
    row = event(3)
    forge(3, case_id=two.pk)

    assert (3, row.pk, "第 3 条记录的内容与其摘要不符：被改动过") in texts()


def test_a_changed_content_names_the_row(cases):
    row = event(5)
    forge(5, body=chain.close_body({"given": {"note": "不急"}})[0])

    assert texts() == [(5, row.pk, "第 5 条记录的内容被改动过")]


def test_a_content_that_cannot_be_decrypted_names_the_row(cases):
    row = event(5)
    forge(5, body=b"nonsense")

    assert texts() == [(5, row.pk, "第 5 条记录的内容被改动过，不能解密")]


def test_a_removed_content_is_found_and_one_erased_by_law_is_not(cases):
    row = event(5)
    forge(5, body=None)
    assert texts() == [(5, row.pk, "第 5 条记录的内容缺失，且没有依法删除的记载")]

    forge(5, erased_at=FRIDAY)
    assert texts() == [(5, row.pk, "第 5 条记录的内容缺失，且没有依法删除的记载")]


def test_a_content_erased_by_law_leaves_who_and_why_in_the_chain(cases):
    erase(event(5).pk, reason="当事人要求删除", by=WU, at=FRIDAY)

    assert audit.verify().ok
    assert chain.open_body(event(5).body) == {"erased": True}
    assert chain.open_body(event(9).body)["given"] == {
        "seq": 5,
        "event": event(5).pk,
        "reason": "当事人要求删除",
    }
    with pytest.raises(NotReady, match="已经删除"):
        erase(event(5).pk, reason="再删一次", by=WU, at=FRIDAY)
    with pytest.raises(NotReady, match="删除的记载"):
        erase(event(9).pk, reason="连记载也删", by=WU, at=FRIDAY)


def delete(seq):
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM kernel_reaction WHERE event_id IN (SELECT id FROM kernel_event WHERE seq = %s)",
            [seq],
        )
        cursor.execute("DELETE FROM kernel_event WHERE seq = %s", [seq])


@pytest.mark.parametrize("seq", [1, 4, 7])
def test_a_removed_row_is_named_by_its_place(cases, seq):
    delete(seq)

    assert (seq, None, f"第 {seq} 条记录缺失") in texts()


def test_several_removed_rows_are_named_together(cases):
    delete(4)
    delete(5)

    assert (4, None, "第 4 至 5 条记录缺失") in texts()


def test_a_removed_tail_is_found_by_the_head(cases):
    delete(8)

    assert (8, None, "链尾应在第 8 条，现在到第 7 条：末尾记录缺失或被改动") in texts()


def test_a_removed_tail_is_found_by_its_case_when_the_head_was_set_back(cases):
    delete(8)
    ChainHead.objects.update(seq=7, digest=event(7).digest)

    assert texts() == [(8, None, f"事项 {cases[1].number} 应有 4 条记录，链上只到第 3 条：末尾记录缺失")]


def test_a_removed_chain_is_found(cases):
    for seq in range(1, 9):
        delete(seq)

    assert (1, None, "链尾应在第 8 条，现在到第 0 条：末尾记录缺失或被改动") in texts()


@pytest.mark.parametrize(("one", "two"), [(3, 4), (2, 7), (7, 8)])
def test_two_swapped_rows_are_both_named(cases, one, two):
    first, second = event(one), event(two)
    forge(one, seq=100)
    forge(two, seq=one)
    forge(100, seq=two)

    named = {event_id for _, event_id, _ in texts()}

    assert {first.pk, second.pk} <= named


def test_a_row_that_was_slipped_in_is_named(cases):
    last = event(8)
    slipped = Event.objects.create(
        chain_id=toy.COMPANY, seq=9, step="pay", happened_at=FRIDAY, recorded_at=FRIDAY, body=None, erased_at=FRIDAY,
        body_digest="0" * 64, digest="1" * 64, previous=last.digest,
    )  # fmt: skip

    assert (9, slipped.pk, "第 9 条记录的内容与其摘要不符：被改动过") in texts()


def test_a_chain_recomputed_as_a_whole_agrees_with_itself_but_not_with_its_anchor(cases):
    audit.anchor(at=FRIDAY)
    forge(3, actor_id=WU.pk)
    recompute()

    last = event(8)
    assert texts() == [(8, last.pk, "第 8 条记录与库外留存的锚点不符：整条链被重算过")]


def test_without_an_anchor_a_recomputed_chain_cannot_be_told(cases):
    forge(3, actor_id=WU.pk)
    recompute()

    assert audit.verify().ok


def test_a_tail_removed_since_the_anchor_is_named(cases):
    audit.anchor(at=FRIDAY)
    delete(8)
    ChainHead.objects.update(seq=7, digest=event(7).digest)
    Case.objects.filter(pk=cases[1].pk).update(events=3)

    assert (8, None, "锚点记有第 8 条记录，库里没有") in texts()


def test_anchors_of_many_days_are_all_compared(cases):
    audit.anchor(at=FRIDAY)
    acts.note(cases[0], text="一", by=LIN, at=FRIDAY + DAY)
    audit.anchor(at=FRIDAY + DAY)

    report = audit.verify()

    assert (report.ok, report.anchors) == (True, 2)


@pytest.mark.parametrize("change", ["edit", "drop first", "swap", "rubbish"])
def test_a_changed_anchor_file_is_found(cases, change):
    for days in range(3):
        audit.anchor(at=FRIDAY + days * DAY)
    path = audit.anchors_file()
    lines = path.read_text(encoding="utf-8").splitlines()
    if change == "edit":
        entry = json.loads(lines[1])
        entry["digest"] = "0" * 64
        lines[1] = json.dumps(entry, sort_keys=True)
    elif change == "drop first":
        del lines[0]
    elif change == "swap":
        lines[0], lines[1] = lines[1], lines[0]
    else:
        lines[1] = "rubbish"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    assert any("锚点文件第" in text for _, _, text in texts())


def test_the_anchor_is_written_once_a_day_of_beijing(cases):
    evening = FRIDAY.replace(hour=15)

    assert audit.anchor_daily(at=FRIDAY) == 1
    assert audit.anchor_daily(at=evening) == 0
    assert audit.anchor_daily(at=evening + timedelta(hours=2)) == 1


def test_the_command_prints_what_is_wrong_and_ends_with_a_failure(cases, capsys):
    assert audit_cli.main(SimpleNamespace(json=False)) == 0
    assert capsys.readouterr().out == "核对无误：1 条链，8 条记录，0 个库外锚点。\n"

    forge(5, actor_id=WU.pk)

    assert audit_cli.main(SimpleNamespace(json=False)) == 1
    out = capsys.readouterr().out
    assert f"公司 {toy.COMPANY}：记录编号 {event(5).pk}，第 5 条记录的内容与其摘要不符：被改动过" in out


def test_the_events_of_one_case_link_to_each_other(cases):
    one, _ = cases
    rows = list(Event.objects.filter(case=one).order_by("case_seq"))

    assert [row.case_previous for row in rows] == ["", *(row.digest for row in rows[:-1])]


def test_equal_content_has_unlike_digests_so_that_nothing_can_be_guessed(cases):
    assert event(5).body_digest != event(6).body_digest
