"""The evidence pack: what is in it, how fast it comes, and that nobody changes its record unseen."""

import io
import json
import subprocess
import sys
import time
import zipfile
from datetime import timedelta

import pytest
from PIL import Image, ImageDraw
from pypdf import PdfReader

from guiju.kernel import acts
from guiju.kernel.erasing import erase
from guiju.kernel.models import Case, Event
from guiju.kernel.refusals import NotYourPost
from guiju.notify.operations.register import record
from guiju.notify.outbox import Recipient
from guiju.papers import evidence_check
from guiju.papers.evidence import CHECK, make_pack
from guiju.papers.operations.attachments import attach, store
from guiju.papers.operations.evidence import take_pack
from tests.desk.conftest import service
from tests.desk.servicing import MORNING
from tests.stories.conftest import WEDNESDAY, House, house

__all__ = ["House", "house", "service"]

LATER = WEDNESDAY + timedelta(days=2)


def photo(number, size=(2400, 1800)):
    """A photo as a phone makes it: large, and never the same twice."""
    picture = Image.effect_noise((size[0] // 8, size[1] // 8), 60).resize(size).convert("RGB")
    ImageDraw.Draw(picture).text((40, 40), f"Photo {number}", fill="red", font_size=160)
    made = io.BytesIO()
    picture.save(made, "JPEG", quality=85)
    return made.getvalue()


def with_photos(house, case, count):
    hashes = [
        store(file=photo(n), name=f"厨房 {n}.jpg", by=house.people["wu"], at=LATER).sha256
        for n in range(count)
    ]
    attach(
        sha256s=hashes, company_id=case.chain_id, kind="photo", by=house.people["wu"], at=LATER, case=case,
        title="现场照片",
    )  # fmt: skip
    return hashes


def words_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def checked(folder, record_, *digest, alone=True):
    """Run the check as a stranger would: its own file, no program of ours, only the standard library."""
    (folder / "events.json").write_bytes(record_)
    (folder / "evidence_check.py").write_bytes(CHECK.read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", "-S", "evidence_check.py", "events.json", *digest], cwd=folder, capture_output=True,
        text=True, check=False, env={"PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    return done.returncode, done.stdout


@pytest.fixture
def case(house):
    return house.sealed()


def test_the_pack_tells_everything_that_happened_and_who_ticked_what(house, case):
    record(
        channel="telephone", to=Recipient("address", None, "苏清越", "19900001111"), words="告知已经用印。",
        answer="知道了", case=case, by=house.people["wu"], at=LATER,
    )  # fmt: skip
    (shot,) = with_photos(house, case, 1)

    pack = make_pack(case, by_name="周明澜", at=LATER)
    text = words_of(pack.pdf)

    for wanted in (
        case.number,
        "经过",
        "条款和控制要点",
        "时限",
        "沟通和信函",
        "签名",
        "照片",
        "摘要和核对方法",
    ):
        assert wanted in text, wanted
    for step in Event.objects.filter(case=case).exclude(actor_id=None):
        assert house_name(house, step.actor_id) in text
    assert "告知已经用印。" in text
    # Named as the form names them, never by a key of the program; identity numbers masked.
    assert "付款方式：一次性付款" in text
    assert "lump_sum" not in text
    assert "***********" in text
    flat = text.replace(" ", "").replace("\n", "")
    assert shot in flat
    assert pack.last in flat
    assert pack.digest in flat
    assert pack.record_sha256 in flat
    assert PdfReader(io.BytesIO(pack.pdf)).metadata is not None


def test_a_repair_is_told_with_its_visit_and_what_may_not_be_taken_out_is_counted(service, tmp_path):
    visit = service.finished()
    case, later = visit.for_case, MORNING + timedelta(days=1)

    whole = make_pack(case, by_name="沈一鸣", at=later)

    assert [one["case"] for one in json.loads(whole.record)["cases"]] == [case.number, visit.case.number]
    assert whole.events == Event.objects.filter(case__in=[case, visit.case]).count()
    text = words_of(whole.pdf)
    # Who goes there stands by name, choices in words, and 登记上门 is no approval that is asked for.
    for wanted in (
        f"上门 {visit.case.number}",
        "上门人员：康水",
        "登记上门",
        "根本原因：自然老化",
        "用时：115 分钟",
    ):
        assert wanted in text, wanted
    assert "申请审批" not in text
    code, said = checked(tmp_path, whole.record, whole.digest)
    assert (code, f"共 2 个事项、{whole.events} 条记录" in said) == (0, True), said

    Case.objects.filter(pk=visit.case_id).update(secrecy=Case.CONFIDENTIAL)
    part = take_pack(case=case, by=service.shen, at=later)
    assert part.events == case.history.count() - 1
    assert "另有 1 个相关事项属机密" in words_of(part.pdf)


def house_name(house, key):
    return next(person.name for person in house.people.values() if person.pk == key)


def test_the_three_files_come_in_one(house, case):
    pack = make_pack(case, by_name="周明澜", at=LATER)

    archive = zipfile.ZipFile(io.BytesIO(pack.zipped()))

    assert sorted(archive.namelist()) == sorted(
        [f"证据包 {case.number}.pdf", "events.json", "evidence_check.py"]
    )
    assert archive.read("events.json") == pack.record


def test_a_stranger_checks_the_record_with_python_alone(house, case, tmp_path):
    pack = make_pack(case, by_name="周明澜", at=LATER)

    # As it is printed: in groups of eight.
    printed = [pack.digest[place : place + 8] for place in range(0, 64, 8)]
    code, said = checked(tmp_path, pack.record, *printed)

    assert (code, f"{pack.events} 条记录首尾相接" in said) == (0, True), said
    assert "与证据包上印的总摘要一致" in said


def change_words(events):
    body = events[2]["body"]
    events[2]["body"] = body[:-1] + ',"opinion":"同意"}'


def change_actor(events):
    events[1]["actor"] += 1


def change_moment(events):
    events[3]["happened_at"] = events[3]["happened_at"].replace("2026", "2025")


def take_one_away(events):
    del events[2]


def take_the_last_away(events):
    del events[-1]


def swap_two(events):
    events[1], events[2] = events[2], events[1]


def blank_one(events):
    events[1]["body"] = None


def rewrite_everything(events):
    """What somebody would do who knows the rules: change, and digest all anew."""
    before = ""
    for event in events:
        event["post"] = "auditor"
        event["case_previous"] = before
        said = [event[name] for name in evidence_check.FIELDS]
        before = event["digest"] = evidence_check.sha256(
            json.dumps(said, ensure_ascii=False, separators=(",", ":"))
        )


@pytest.mark.parametrize(
    "tamper",
    [
        change_words, change_actor, change_moment, take_one_away, take_the_last_away, swap_two, blank_one,
        rewrite_everything,
    ],
)  # fmt: skip
def test_a_record_that_was_touched_is_found(house, case, tmp_path, tamper):
    pack = make_pack(case, by_name="周明澜", at=LATER)
    touched = json.loads(pack.record)
    (told,) = touched["cases"]
    tamper(told["events"])
    # Who touches a record makes the sums of the file agree with it.
    told["last"] = told["events"][-1]["digest"]
    touched["digest"] = evidence_check.digest_of_all(touched["cases"])
    changed = json.dumps(touched, ensure_ascii=False).encode()
    assert changed != pack.record

    code, said = checked(tmp_path, changed, pack.digest)

    assert code == 1, said
    assert "不可信" in said


def test_content_erased_by_law_leaves_a_record_that_still_holds(house, case, tmp_path):
    event = Event.objects.filter(case=case).order_by("case_seq")[1]
    erase_one(house, event)

    pack = make_pack(case, by_name="周明澜", at=LATER)
    code, said = checked(tmp_path, pack.record, pack.digest)

    assert code == 0, said
    assert "内容已依法删除" in words_of(pack.pdf)


def erase_one(house, event):
    import inspect

    names = inspect.signature(erase).parameters
    given = {"by": house.people["admin"], "at": LATER, "reason": "当事人要求删除，依法办理"}
    erase(event.pk, **{name: value for name, value in given.items() if name in names})


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{}", b"[]", b'{"format": "x"}', b"\xff", b'{"format": "guiju-evidence/2"}',
        b'{"format": "guiju-evidence/2", "cases": [7]}', b'{"format": "guiju-evidence/2", "cases": []}',
    ],
)  # fmt: skip
def test_what_is_no_record_is_said_to_be_none(tmp_path, content):
    code, said = checked(tmp_path, content)

    assert code in (1, 2)
    assert said


@pytest.mark.slow
def test_a_case_of_100_events_and_30_photos_is_ready_within_seconds(house, case, capsys):
    with_photos(house, case, 30)
    while (there := Event.objects.filter(case=case).count()) < 100:
        acts.note(case, text=f"进展 {there}：已联系客户并约定时间。", by=house.people["wu"], at=LATER)
    make_pack(house.lock(unit=1), by_name="周明澜", at=LATER)  # fonts are read once a process

    began, busy = time.perf_counter(), time.process_time()
    pack = make_pack(case, by_name="周明澜", at=LATER)
    took, worked = time.perf_counter() - began, time.process_time() - busy

    with capsys.disabled():
        print(
            f"\nevidence pack: {pack.events} events, {pack.photos} photos, {len(pack.pdf) / 1e6:.1f} MB, "
            f"{took:.2f} s ({worked:.2f} s of processor)"
        )
    # 30 photos, and the scan of the signed paper.
    assert (pack.events, pack.photos) == (100, 31)
    # Five seconds are promised and one is needed; a machine that waits or is five times slower is forgiven.
    assert worked < 10


def test_taking_the_pack_is_written_into_the_case(house, case):
    pack = take_pack(case=case, by=house.people["zhou"], at=LATER)

    event = Event.objects.filter(case=case).order_by("case_seq").last()
    assert (event.step, event.actor_id) == ("evidence", house.people["zhou"].pk)
    assert event.case_previous == pack.last


def test_who_needs_no_personal_data_takes_no_pack(house, case):
    with pytest.raises(NotYourPost):
        take_pack(case=case, by=house.people["admin"], at=LATER)


def test_a_photo_whose_file_is_gone_leaves_a_place_on_the_page(house, case):
    from django.core.files.storage import default_storage

    (shot,) = with_photos(house, case, 1)
    default_storage.delete(f"{shot[:2]}/{shot[2:4]}/{shot}")
    default_storage.delete(f"{shot[:2]}/{shot[2:4]}/{shot}.1600.jpg")

    # The scan of the signed paper, and the lost photo.
    assert make_pack(case, by_name="周明澜", at=LATER).photos == 2


def test_the_command_writes_the_pack(house, case, tmp_path, capsys):
    from guiju.cli import words
    from guiju.papers.evidence_cli import main

    zipped, pdf = tmp_path / "pack.zip", tmp_path / "pack.pdf"
    assert main(words().parse_args(["evidence", case.number, str(zipped)])) == 0
    assert main(words().parse_args(["evidence", case.number, str(pdf)])) == 0
    assert main(words().parse_args(["evidence", "NO-SUCH-1", str(pdf)])) == 1
    assert main(words().parse_args(["evidence", case.number, str(tmp_path / "x.txt")])) == 2

    assert zipfile.is_zipfile(zipped)
    assert (tmp_path / "pack.events.json").exists()
    assert (tmp_path / "evidence_check.py").exists()
    assert "digest" in capsys.readouterr().out
