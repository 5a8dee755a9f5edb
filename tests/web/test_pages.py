"""What staff see and send, as their browsers without script do."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from guiju.estate.models import Unit
from guiju.estate.searching import document
from guiju.kernel import acts
from guiju.kernel.models import Event, Todo
from guiju.kernel.search import index_many
from guiju.org.models import Look
from guiju.sales.models import Deal

PLAIN = [
    "home",
    "todos",
    "cases",
    "units",
    "daily",
    "customers",
    "search",
    "sops",
    "people",
    "calendar",
    "me",
    "more",
    "imports",
]


def words(answer) -> str:
    """The text of a page without its tags, spaces folded."""
    body = re.sub(r"(?s)<(svg|template|script|dialog).*?</\1>", "", answer.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.parametrize("name", PLAIN)
def test_every_page_has_a_title_one_heading_and_no_inline_script_or_style(visit, name):
    answer = visit("wu").get(reverse(f"web:{name}"))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1") == 1
    assert re.search(r"<title>\S+.*｜归居</title>", page)
    assert '<html lang="zh-CN"' in page
    assert not re.search(r"<script(?![^>]*src=)", page)
    assert not re.search(r"\s(style|on[a-z]+)=\"", page)


def test_nobody_sees_a_page_without_signing_in(client, db):
    for name in PLAIN:
        answer = client.get(reverse(f"web:{name}"))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


def test_desk_groups_todos_by_deadline_and_titles_them_by_their_verb(house, visit, ago):
    house.handed_in(at=ago)

    page = words(visit("gao").get("/"))

    assert "总监审核签字" in page
    assert "苏清越" in page
    assert "1号楼 1单元 1501" in page


def test_a_todo_leads_to_the_form_of_its_step(house, visit, ago):
    case = house.handed_in(at=ago)

    page = visit("gao").get("/todos/").content.decode()

    assert reverse("web:step", args=[case.number, "director_sign"]) in page


def test_filters_of_the_list_live_in_the_address_and_counts_agree(house, visit, ago):
    house.handed_in(at=ago)
    house.lock(unit=1, at=timezone.now())

    client = visit("wu")

    assert "共 2 件" in words(client.get("/cases/"))
    signed = words(client.get("/cases/?process=subscription&state=signed"))
    assert "共 1 件" in signed
    assert "状态：待总监审核" in signed


def test_case_page_shows_line_clause_clocks_story_and_why_the_rest_is_locked(house, visit, ago):
    case = house.handed_in(at=ago)

    page = words(visit("gao").get(reverse("web:case", args=[case.number])))

    assert "总监审核签字" in page
    assert "第五部分" in page
    assert "签约期限" in page
    assert "签署认购书" in page
    assert "须由" in page


def test_work_typed_in_later_shows_both_times(house, visit):
    now = timezone.now()
    case = house.lock(at=now - timedelta(hours=1))
    acts.note(case, text="先记一笔", by=house.lin, at=now)
    house.take(
        case,
        "release",
        "lin",
        now,
        reason="客户改主意",
        happened_at=(now - timedelta(minutes=50)).isoformat(),
    )

    page = words(visit("lin").get(reverse("web:case", args=[case.number])))

    assert "补录" in page
    assert "录入" in page


def test_a_look_at_a_case_is_noted_once_a_day(house, visit, ago):
    case = house.handed_in(at=ago)
    client = visit("wu")

    for _ in range(2):
        client.get(reverse("web:case", args=[case.number]))

    assert Look.objects.filter(person=house.wu, kind="case", key=str(case.pk)).count() == 1


def test_auditor_sees_the_case_without_names_and_cannot_write(house, visit, ago):
    case = house.handed_in(at=ago)

    page = visit("jiang").get(reverse("web:case", args=[case.number])).content.decode()
    listed = visit("jiang").get("/cases/").content.decode()

    for text in (page, listed):
        assert "苏清越" not in text
        assert "1501" not in text.replace("2026", "")
    assert reverse("web:note", args=[case.number]) not in page


def test_a_note_is_internal_unless_somebody_chooses_otherwise(house, visit, ago):
    case = house.lock(at=ago)
    client = visit("lin")

    client.post(reverse("web:note", args=[case.number]), {"text": "客户要再看一次户型"})

    page = words(client.get(reverse("web:case", args=[case.number])))
    assert "内部备注" in page
    assert "客户要再看一次户型" in page
    assert Event.objects.get(case=case, step="note").actor_id == house.lin.pk


def test_a_long_story_is_read_back_a_hundred_lines_at_a_time(house, visit, ago):
    case = house.lock(at=ago)
    for number in range(1, 122):
        acts.note(case, text=f"第 {number} 次联系", by=house.lin, at=ago)
    client = visit("lin")

    newest = words(client.get(reverse("web:case", args=[case.number])))
    older = words(client.get(reverse("web:case", args=[case.number]) + "?before=23"))

    # The opening and 121 notes are 122 lines: 100 at once, 22 before them.
    assert "第 121 次联系" in newest
    assert "第 22 次联系" in newest
    assert "第 21 次联系" not in newest
    assert "更早的 22 条" in newest
    assert "第 21 次联系" in older
    assert "更早的" not in older
    assert "内部备注 121" not in newest


def test_an_empty_note_is_refused_beside_its_field(house, visit, ago):
    case = house.lock(at=ago)

    answer = visit("lin").post(reverse("web:note", args=[case.number]), {"text": " "})

    assert answer.status_code == 422
    assert "请写 1 到 5000 个字" in words(answer)
    assert not Event.objects.filter(case=case, step="note").exists()


def test_a_control_point_is_ticked_from_the_case_and_taken_back(house, visit, ago):
    case = house.handed_in(at=ago)
    house.take(case, "director_sign", "gao", timezone.now(), opinion="同意")
    point = next(
        p.point.key for p in house.option(case, "check_and_register", "wu").points if p.point.kind == "tick"
    )
    client, url = visit("wu"), reverse("web:point", args=[case.number, "check_and_register", point])

    client.post(url, {"value": "1"})
    assert next(p for p in house.option(case, "check_and_register", "wu").points if p.point.key == point).done
    client.post(url, {"value": ""})
    assert not next(
        p for p in house.option(case, "check_and_register", "wu").points if p.point.key == point
    ).done


def hand_in(house, **changed) -> dict[str, str]:
    """What the browser sends for a cash buyer of the first unit."""
    buyer = house.buyer()
    return {
        "buyers.0.name": buyer["name"],
        "buyers.0.identity": buyer["identity"],
        "buyers.0.phone": buyer["phone"],
        "buyers.0.residence": "local",
        "buyers.0.agent.kind": "agent",
        "buyers.0.agent.matters": "办理认购手续",
        "payment": "lump_sum",
        "total_price": "2000000",
        "deposit": "50,000",
        "how": "paper",
        "signed": house.scan,
        "disclosed": "1",
        "key": str(uuid4()),
    } | changed


def ticked(house, case, step, by) -> dict[str, str]:
    return {
        f"points.{p.point.key}": "1" if p.point.kind == "tick" else house.value(p.point.kind)
        for p in house.option(case, step, by).points
    }


@pytest.fixture
def locked(house):
    return house.lock(at=timezone.now())


def test_the_form_of_a_step_is_made_from_its_definition(visit, locked):
    page = visit("lin").get(reverse("web:step", args=[locked.number, "hand_in"])).content.decode()

    assert 'name="buyers.0.name"' in page
    assert 'name="buyers.__n__.agent.name"' in page
    assert 'value="2000000.00"' in page
    assert "房产认购书" in page


def test_a_step_taken_on_its_page_moves_the_case_and_says_who_is_next(house, visit, locked):
    client, url = visit("lin"), reverse("web:step", args=[locked.number, "hand_in"])

    answer = client.post(url, hand_in(house) | ticked(house, locked, "hand_in", "lin"))

    locked.refresh_from_db()
    assert answer.status_code == 302
    assert locked.state == "signed"
    assert "下一步：总监审核签字（销售总监）" in words(client.get(answer.url))


def test_a_second_press_of_the_button_does_nothing_more(house, visit, locked):
    client, url = visit("lin"), reverse("web:step", args=[locked.number, "hand_in"])
    sent = hand_in(house) | ticked(house, locked, "hand_in", "lin")

    client.post(url, sent)
    again = client.post(url, sent)

    assert again.status_code == 302
    assert Event.objects.filter(case=locked, step="hand_in").count() == 1


def test_a_refusal_keeps_every_field_names_the_clause_and_changes_nothing(house, visit, locked):
    sent = hand_in(house, total_price="1999999") | ticked(house, locked, "hand_in", "lin")

    answer = visit("lin").post(reverse("web:step", args=[locked.number, "hand_in"]), sent)

    locked.refresh_from_db()
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "成交总价应为" in page
    assert "第五部分" in page
    assert 'value="1999999"' in page
    assert 'value="苏清越"' in page
    assert locked.state == "locked"


def test_mistakes_stand_beside_their_fields_and_in_a_summary(house, visit, locked):
    sent = hand_in(house, deposit="五万") | ticked(house, locked, "hand_in", "lin")
    del sent["payment"]

    page = visit("lin").post(reverse("web:step", args=[locked.number, "hand_in"]), sent).content.decode()

    assert '<a href="#f-deposit">' in page
    assert 'id="f-deposit-error"' in page
    assert "请填数字" in page
    assert 'value="五万"' in page
    assert '<a href="#f-payment">' in page


def test_missing_control_points_are_named(house, visit, locked):
    answer = visit("lin").post(reverse("web:step", args=[locked.number, "hand_in"]), hand_in(house))

    assert answer.status_code == 422
    assert "控制要点未办" in words(answer)


def test_without_script_a_further_buyer_is_added_by_the_server(house, visit, locked):
    sent = hand_in(house, add="buyers")

    page = visit("lin").post(reverse("web:step", args=[locked.number, "hand_in"]), sent).content.decode()

    assert 'name="buyers.1.name"' in page
    assert 'value="苏清越"' in page


def test_somebody_who_was_slower_is_told_and_keeps_what_was_typed(house, visit, locked):
    url = reverse("web:step", args=[locked.number, "hand_in"])
    sent = hand_in(house, version=str(locked.version)) | ticked(house, locked, "hand_in", "lin")
    house.take(locked, "release", "lin", timezone.now(), reason="客户改主意")

    answer = visit("lin").post(url, sent)

    assert answer.status_code == 409
    assert "改过这一单" in words(answer)
    assert 'value="苏清越"' in answer.content.decode()


def test_a_step_of_another_post_is_shown_with_its_reason(visit, locked):
    page = words(visit("gao").get(reverse("web:step", args=[locked.number, "hand_in"])))

    assert "现在还不能签署认购书" in page
    assert "须由置业顾问" in page


def test_a_flat_is_locked_from_its_place_on_the_plan(house, visit):
    client = visit("lin")
    url = reverse("web:open", args=["subscription"]) + f"?unit={house.units[2].pk}"

    shown = client.get(url)
    answer = client.post(url, {"intent": "钱先生", "key": str(uuid4())} | ticked_open())

    assert "锁定房源" in words(shown)
    assert answer.status_code == 302
    assert house.control(2) == "locked"


def ticked_open() -> dict[str, str]:
    from guiju.sop.models import Version

    content = Version.objects.get(document__process="subscription").content
    lock = next(row for row in content["steps"] if row["step"] == "lock")
    return {f"points.{point['key']}": "1" for point in lock.get("points", ())}


def test_a_taken_flat_is_refused_with_words(house, visit, locked):
    url = reverse("web:open", args=["subscription"]) + f"?unit={house.units[0].pk}"

    answer = visit("song").post(url, {"key": str(uuid4())} | ticked_open())

    assert answer.status_code in (409, 422)
    assert "已被别人锁定" in words(answer)


@pytest.mark.clause("I-5.1-1a")
def test_a_form_says_before_it_is_filled_why_it_would_be_refused(house, visit):
    sold, free = house.units[0], house.units[1]
    Deal.objects.create(
        unit=sold,
        project=house.project,
        stage=Deal.SIGNED,
        opened_at=timezone.now(),
        source="业主台账 第 7 行",
    )
    Unit.objects.filter(pk=sold.pk).update(control="signed")
    lin = visit("lin")

    told = words(lin.get(f"/cases/new/subscription/?unit={sold.pk}"))
    open_to_all = words(lin.get(f"/cases/new/subscription/?unit={free.pk}"))
    not_hers = words(visit("fang").get(f"/cases/new/subscription/?unit={free.pk}"))

    assert "条件具备以前，提交也会被拒绝" in told
    assert "业主台账 第 7 行" in told
    assert "提交也会被拒绝" not in open_to_all
    assert "须由" in not_hers and "提交也会被拒绝" in not_hers


def test_plan_shows_states_with_glyph_and_counts_that_add_up(house, visit, locked):
    page = visit("wu").get("/units/").content.decode()

    legend = dict(re.findall(r"</span>(\S+?) <b>(\d+)</b></a>", page))
    assert legend == {"可售": "3", "锁定": "1"}
    assert "全部 <b>4</b>" in page
    assert page.count('class="cell ') == 4


def test_open_unit_and_filter_stay_in_the_address(house, visit):
    unit = house.units[1]

    page = words(visit("wu").get(f"/units/?unit={unit.pk}&state=available"))

    assert "打开房屋档案" in page
    assert "¥2,000,000.00" in page


def test_plan_refreshes_by_its_cells_alone(visit):
    answer = visit("wu").get("/units/?part=matrix")

    assert "<html" not in answer.content.decode()
    assert 'hx-trigger="every 20s"' in answer.content.decode()


@pytest.mark.parametrize("typed", ["1-1502", "1-1-1502", "1号楼1502", "1502"])
def test_a_unit_is_found_as_people_type_it(house, visit, typed):
    answer = visit("wu").get("/units/", {"find": typed})

    assert answer.url.endswith(f"unit={house.units[1].pk}")


def test_several_units_are_marked_and_held_in_one_application(house, visit):
    keys = "&".join(f"unit={unit.pk}" for unit in house.units[:2])
    until = (timezone.localtime() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    url = reverse("web:open", args=["unit_control"]) + f"?{keys}&kind=hold"

    shown = visit("deng").get(url).content.decode()
    answer = visit("deng").post(
        url,
        {
            "kind": "hold",
            "units": [unit.pk for unit in house.units[:2]],
            "until_at": until,
            "reason": "领导保留",
        },
    )

    assert shown.count('name="units"') == 2
    assert 'value="hold" checked' in shown
    assert answer.status_code == 302


def test_unit_and_customer_pages_link_everything(house, visit, ago):
    case = house.sealed(at=ago)
    client = visit("wu")
    deal = house.facts(case).deal
    buyer = deal.buyers.get().customer

    unit = words(client.get(reverse("web:unit", args=[house.units[0].pk])))
    person = words(client.get(reverse("web:customer", args=[buyer.pk])))

    assert case.number in unit
    assert "苏清越" in unit
    assert "销控记录" in unit
    assert case.number in person
    assert "1号楼 1单元 1501" in person
    assert buyer.identity_number not in person


def test_search_finds_people_rooms_numbers_and_pages(house, visit, ago):
    case = house.handed_in(at=ago)
    index_many(document(unit) for unit in house.units)
    client = visit("wu")

    assert "苏清越" in words(client.get("/search/", {"q": "sqy"}))
    assert "1号楼 1单元 1502" in words(client.get("/search/", {"q": "1-1502"}))
    assert "销控图" in words(client.get("/search/", {"q": "销控"}))
    part = client.get("/search/", {"q": case.number, "part": "list"}).content.decode()
    assert "<html" not in part
    assert 'role="option"' in part


def test_an_approval_is_voted_on_the_case_page(house, visit):
    now = timezone.now()
    case = house.lock(at=now)
    paper = house.paper(discounts=[{"name": "特批", "percent": "3"}], total_price="1940000.00")
    house.take(case, "hand_in", "lin", now, **paper)
    assert case.pending_request_id is not None
    client = visit("sun")

    shown = words(client.get(reverse("web:case", args=[case.number])))
    refused = client.post(
        reverse("web:vote", args=[case.number]),
        {"request": case.pending_request_id, "decision": "no", "reason": ""},
    )
    client.post(
        reverse("web:vote", args=[case.number]),
        {"request": case.pending_request_id, "decision": "yes", "reason": "同意优惠"},
    )

    case.refresh_from_db()
    assert "正在审批" in shown
    assert "要写明理由" in words(refused)
    assert case.state == "signed"


def test_day_of_unit_control_adds_up_and_is_confirmed_once(house, visit, locked):
    client = visit("deng")

    page = words(client.get("/units/daily/"))
    client.post("/units/daily/confirm/", {"day": timezone.localdate().isoformat()})
    again = client.post("/units/daily/confirm/", {"day": timezone.localdate().isoformat()})

    assert "账平" in page
    assert "1号楼 1单元 1501" in page
    assert again.status_code == 422
    assert "已经确认过" in words(again)


def test_audit_is_for_its_readers_and_verifies(house, visit, locked):
    assert visit("lin").get("/audit/").status_code == 403
    client = visit("jiang")

    client.post("/audit/verify/")

    assert "没有发现改动" in words(client.get("/audit/"))


def test_what_lies_outside_the_scope_is_not_found(house, locked, client):
    from guiju.org.models import Company, Group, Person

    other = Company.objects.create(group=Group.objects.get(), kind="subsidiary", name="另一家", hold="control",
                                   held_by=house.admin.company)  # fmt: skip
    stranger = Person.objects.create_user("stranger", name="路人", company=other, joined_at=timezone.now())
    client.force_login(stranger)

    for name, key in (("case", locked.number), ("unit", house.units[0].pk)):
        answer = client.get(reverse(f"web:{name}", args=[key]))
        assert answer.status_code == 404
        assert "不在你的项目里" in words(answer)
    index_many(document(unit) for unit in house.units)
    assert "1号楼" not in words(client.get("/search/", {"q": "1501"}))


def test_theme_is_kept_in_a_cookie_and_nobody_is_led_away(visit):
    client = visit("wu")

    answer = client.post("/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})

    assert answer.url == "/"
    assert 'data-theme="dark"' in client.get("/").content.decode()


def test_an_upload_is_named_by_its_digest_and_belongs_to_whoever_sent_it(house, visit):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.stories.conftest import PNG

    answer = visit("wu").post("/attachments/", {"file": SimpleUploadedFile("证件.png", PNG + b"\0")})
    wrong = visit("wu").post("/attachments/", {"file": SimpleUploadedFile("a.exe", b"MZ")})

    sha256 = answer.json()["sha256"]
    assert answer.status_code == 201
    assert visit("wu").get(f"/attachments/{sha256}/").status_code == 200
    assert visit("luo").get(f"/attachments/{sha256}/").status_code == 404
    assert "不能上传" in wrong.json()["words"]


def test_errors_speak_chinese_and_say_what_to_do(visit, settings):
    settings.DEBUG = False

    page = words(visit("wu").get("/nothing/"))

    assert "没有找到这一页" in page
    assert "回工作台" in page


def test_a_failure_owns_up_with_a_code():
    from django.test import RequestFactory

    from guiju.web.views.errors import server_error

    answer = server_error(RequestFactory().get("/"))

    assert answer.status_code == 500
    assert re.search(r"E-\d{4}-[0-9A-F]{4}", answer.content.decode())


def counted(client, url, django_assert_max_num_queries) -> int:
    client.get(url)
    with django_assert_max_num_queries(60) as seen:
        assert client.get(url).status_code == 200
    return len(seen)


@pytest.mark.parametrize(
    "url",
    [
        "/",
        "/?tab=done",
        "/?tab=opened",
        "/todos/",
        "/cases/",
        "/cases/?tab=all",
        "/customers/",
        "/units/",
        "/people/",
    ],
)
def test_a_list_asks_as_often_for_three_rows_as_for_one(
    house, visit, url, ago, django_assert_max_num_queries
):
    client = visit("lin")
    house.handed_in(at=ago, unit=0)
    one = counted(client, url, django_assert_max_num_queries)

    house.handed_in(at=ago, unit=1)
    house.handed_in(at=ago, unit=2)

    assert counted(client, url, django_assert_max_num_queries) == one
    assert Todo.objects.exists()
