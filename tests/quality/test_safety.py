"""Safety incidents, the equipment register, emergencies by the SOP's procedure, and levels of skill (G-3-e, G-5)."""

from datetime import date, timedelta

import pytest
from django.db.models import Q
from django.test import Client

from guiju.desk.models import Skill
from guiju.desk.operations.skills import assess, below_level
from guiju.kernel.models import Event
from guiju.kernel.refusals import BadlyFilled, NotYourPost
from guiju.quality.models import Equipment, SafetyIncident
from guiju.quality.operations import emergencies, equipment, safety
from guiju.sop.models import Document
from guiju.sop.policies import version_of
from tests.desk.servicing import MORNING, Service

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def client(service: Service, who: str) -> Client:
    found = Client()
    found.force_login(service.people[who])
    return found


def pump(service: Service, **changed) -> Equipment:
    given = {
        "code": "SB-01", "name": "打压泵", "model": "DSY-60", "requirements": "每次用后排水，每季换密封圈并校表",
        "every_days": 90, "in_use_date": date(2025, 1, 10), "life_months": 60, "works": ["visit"],
    } | changed  # fmt: skip
    return equipment.add_equipment(
        company=service.project.company, by=service.people["guo"], at=MORNING, **given
    )


@pytest.mark.clause("G-3-e", "G-5.1-b")
def test_an_incident_of_staff_or_device_is_kept_with_its_sop_and_counted_by_person_device_and_task(
    service: Service,
):
    company, kang = service.project.company, service.kang
    device = pump(service)
    given = {
        "company": company, "project": service.project, "kind": "injury", "words": "打压时接头崩开，划伤手背",
        "measure": "包扎，换接头，开工前加查接头", "happened_at": MORNING - HOUR, "by": service.people["guo"], "at": MORNING,
    }  # fmt: skip
    with pytest.raises(BadlyFilled, match="人员和设备至少写一项"):
        safety.record_incident(**given, process="visit")
    with pytest.raises(BadlyFilled, match="指明是哪份作业标准书"):
        safety.record_incident(**given, person=kang)

    made = safety.record_incident(**given, person=kang, equipment=device, process="visit")
    safety.record_incident(**given | {"kind": "near"}, person=kang, process="after_sales")
    safety.record_incident(**given | {"happened_at": MORNING - 400 * DAY}, equipment=device, process="visit")

    assert made.document == Document.objects.get(process="visit")
    assert Event.objects.filter(step="quality.incident").count() == 3
    mine = Q(company=company)
    by = {
        tally.label: dict(tally.rows)
        for tally in safety.tallies(mine, begin=MORNING - 30 * DAY, end=MORNING + DAY)
    }
    assert by["人员"] == {"康水": 2}
    assert by["设备"] == {"SB-01 打压泵": 1}
    assert by["作业类型"] == {"上门": 1, "售后": 1}
    assert sum(by["作业标准书"].values()) == 2
    assert SafetyIncident.objects.filter(document__process="visit").count() == 2


@pytest.mark.clause("G-5.3-a", "G-5.3-b")
def test_a_device_shows_its_maintenance_requirements_at_the_tasks_that_use_it_and_is_maintained_in_its_cycle(
    service: Service,
):
    with pytest.raises(NotYourPost):
        equipment.add_equipment(
            company=service.project.company, code="X", name="x", requirements="擦净", every_days=1,
            in_use_date=date(2025, 1, 1), life_months=1, works=[], by=service.people["ma"], at=MORNING,
        )  # fmt: skip
    with pytest.raises(BadlyFilled, match="写明怎么维护"):
        pump(service, requirements="")
    device = pump(service)
    # 10 January and 90 days: 21 days of January, 28 of February, 31 of March, 10 of April.
    assert device.next_date == date(2025, 4, 10)
    assert device.life_until == date(2030, 1, 9)

    task = service.on_site()
    booked = service.visit_of(task).case
    assert equipment.used_at(booked) == [device]
    assert equipment.used_at(task) == []
    page = client(service, "guo").get(f"/cases/{booked.number}/steps/agree/").content.decode()
    assert "每次用后排水，每季换密封圈并校表" in page
    assert "2025-04-10" in page

    with pytest.raises(BadlyFilled, match="不能晚于今天"):
        equipment.maintain(
            equipment=device, done_date=date(2025, 9, 23), words="换密封圈", condition="good", by=service.kang, at=MORNING
        )  # fmt: skip
    equipment.maintain(
        equipment=device, done_date=date(2025, 9, 20), words="换密封圈，校表；表有偏差", condition="limited",
        by=service.kang, at=MORNING,
    )  # fmt: skip
    # Typed in later, done earlier: the last one done decides.
    equipment.maintain(
        equipment=device, done_date=date(2025, 4, 9), words="换密封圈", condition="good", by=service.kang, at=MORNING
    )  # fmt: skip

    device.refresh_from_db()
    assert device.next_date == date(2025, 12, 19)
    assert device.get_condition_display() == "带病运行"
    assert device.maintenances.count() == 2


@pytest.mark.clause("G-5.4-a", "G-5.4-b")
def test_an_emergency_opens_the_procedure_of_the_sop_as_a_checklist_and_reports_its_response_time(
    service: Service,
):
    company, ma, guo = service.project.company, service.people["ma"], service.people["guo"]
    document = Document.objects.get(process="complaint")
    version = version_of(document, date(2025, 9, 22))
    bare = version_of(Document.objects.get(process="callback"), date(2025, 9, 22))
    given = {"company": company, "words": "大堂吊顶掉落，一人受伤", "by": ma}
    if not bare.content.get("emergency"):
        with pytest.raises(emergencies.UnableToHandle, match="没有写紧急处理程序"):
            emergencies.declare(version=bare, started_at=MORNING, at=MORNING, **given)

    one = emergencies.declare(version=version, started_at=MORNING, at=MORNING + HOUR / 30, **given)

    lines = version.content["emergency"]
    assert list(one.steps.order_by("position").values_list("words", flat=True)) == lines
    with pytest.raises(emergencies.UnableToHandle, match="还没有记首次响应"):
        emergencies.end(emergency=one, effect="一人轻伤", by=guo, at=MORNING + HOUR)
    emergencies.do_step(emergency=one, position=1, by=guo, at=MORNING + HOUR / 10)
    with pytest.raises(emergencies.UnableToHandle, match=f"还有 {len(lines) - 1} 项没有办"):
        emergencies.end(emergency=one, effect="一人轻伤", by=guo, at=MORNING + HOUR)
    for position in range(2, len(lines) + 1):
        emergencies.do_step(
            emergency=one, position=position, left_out="没有人聚集", by=guo, at=MORNING + HOUR / 5
        )
    with pytest.raises(BadlyFilled, match="后果和影响"):
        emergencies.end(emergency=one, effect="", by=guo, at=MORNING + HOUR)

    one = emergencies.end(emergency=one, effect="一人轻伤，已送医；大堂封闭检修", by=guo, at=MORNING + HOUR)

    assert (one.started_at, one.responded_at, one.ended_at) == (MORNING, MORNING + HOUR / 10, MORNING + HOUR)
    figures = emergencies.responses(Q(company=company), begin=MORNING - DAY, end=MORNING + DAY)
    assert (figures.count, figures.answered, figures.mean, figures.longest) == (1, 1, 6.0, 6)
    with pytest.raises(emergencies.UnableToHandle, match="已经结束"):
        emergencies.respond(emergency=one, by=ma, at=MORNING + 2 * HOUR)


@pytest.mark.clause("G-5.2-c")
def test_levels_of_skill_are_assessed_by_task_type_and_who_is_below_what_tasks_take_is_listed(
    service: Service,
):
    company, du, guo = service.project.company, service.du, service.people["guo"]
    day = date(2025, 9, 20)
    with pytest.raises(NotYourPost):
        assess(person=du, trade="electrician", level=3, assessed_date=day, by=service.kang, at=MORNING)
    with pytest.raises(BadlyFilled, match="不能评定自己"):
        assess(person=guo, trade="general", level=3, assessed_date=day, by=guo, at=MORNING)

    assess(person=du, trade="electrician", level=2, assessed_date=day, by=guo, at=MORNING)
    assess(person=du, trade="plumber", level=2, assessed_date=day, by=guo, at=MORNING)
    for trade in ("waterproof", "plumber"):
        assess(person=service.kang, trade=trade, level=4, assessed_date=day, by=guo, at=MORNING)

    # Electrical work takes 熟练, plumbing 能独立.
    assert [(one.person, one.words) for one in below_level(company.pk, at=MORNING)] == [
        (du, "电工：能独立，要求熟练")
    ]
    row = Skill.objects.get(person=du, trade="electrician")
    assert (row.get_level_display(), row.assessed_date, row.assessed_by) == ("能独立", day, guo)


def test_the_pages_of_safety_take_an_incident_a_device_and_an_emergency(service: Service):
    guo = client(service, "guo")
    made = guo.post(
        "/safety/equipment/new/",
        {"code": "SB-02", "name": "测漏仪", "requirements": "每次充满电", "every_days": "30", "in_use_date": "2025-09-01",
         "life_months": "36", "process": "visit"},
    )  # fmt: skip
    device = Equipment.objects.get(code="SB-02")
    assert made["Location"] == f"/safety/equipment/{device.pk}/"
    assert "每次充满电" in guo.get(made["Location"]).content.decode()
    wrong = guo.post("/safety/new/", {"kind": "damage", "words": "摔坏"})
    assert wrong.status_code == 422
    taken = guo.post(
        "/safety/new/",
        {"kind": "damage", "happened_at": "2025-09-20T10:00", "process": "visit", "equipment": str(device.pk),
         "words": "从梯子上滑落，外壳开裂", "measure": "加挂绳"},
    )  # fmt: skip
    assert taken.status_code == 302
    assert "SB-02 测漏仪" in guo.get("/safety/?period=year").content.decode()
    opened = guo.post("/safety/emergencies/new/", {"sop": "KF-TS-01", "words": "业主在大堂争执，有人受伤"})
    page = guo.get(opened["Location"]).content.decode()
    assert "先救人" in page
    guo.post(f"{opened['Location']}steps/", {"position": "1"})
    assert "已办" in guo.get(opened["Location"]).content.decode()
