"""Who keeps which seal, and every use of it."""

from datetime import timedelta

import pytest

from guiju.kernel.models import Event
from guiju.kernel.refusals import NotYourPost
from guiju.org.operations.delegations import delegate
from guiju.org.operations.people import UnableToLeave, leave
from guiju.papers.models import SealHandover, SealUse
from guiju.papers.operations.papers import issue, void
from guiju.papers.operations.seals import (
    UnableToAddSeal,
    UnableToHandOverSeal,
    UnableToLendSeal,
    UnableToRegisterUse,
    add_seal,
    hand_over_seal,
    lend_seal,
    register_use,
    retire_seal,
    take_back_seal,
)
from tests.papers import samples
from tests.papers.conftest import LATER, NOW


@pytest.fixture
def seal(people, company):
    return add_seal(
        company=company, kind="contract", name="合同专用章", keeper=people["fang"], by=people["admin"], at=NOW
    )


@pytest.fixture
def paper(people, company):
    return issue(form="subscription", data=samples.subscription(), company=company, by=people["lin"], at=NOW)


def use(seal, by, **changes):
    given = {
        "copies": 4, "approval": "RG-CY1-2026-0012 定金已确认", "reason": "认购用印", "across_pages": True, "at": LATER,
        "approval_number": "RG-CY1-2026-0012",
    }  # fmt: skip
    return register_use(seal=seal, by=by, **(given | changes))


@pytest.mark.clause("I-5.1-3b")
def test_keeper_enters_each_use_with_the_next_number(seal, paper, people):
    first = use(seal, people["fang"], paper=paper)
    second = use(seal, people["fang"], title="授权委托书", copies=1, across_pages=False)

    assert (first.number, second.number) == ("YZ-GS-2026-0001", "YZ-GS-2026-0002")
    assert (first.title, first.copies, first.across_pages) == ("房产认购书 RG-CY1-2026-0012", 4, True)
    assert (first.used_by, first.used_at) == (people["fang"], LATER)
    assert Event.objects.filter(step="papers.use_seal").count() == 2


@pytest.mark.parametrize("who", ["lin", "gao", "zhou", "qian", "admin"])
def test_nobody_but_the_keeper_uses_the_seal(seal, paper, people, who):
    with pytest.raises(NotYourPost, match="「合同专用章」由方正保管"):
        use(seal, people[who], paper=paper)

    assert SealUse.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "请填写用印文件"),
        ({"title": "合同", "copies": 0}, "请填写用印份数"),
        ({"title": "合同", "approval": " "}, "请填写批准依据"),
        ({"title": "合同", "reason": ""}, "请填写用印事由"),
        ({"title": "合同", "used_at": LATER + timedelta(minutes=1)}, "不能晚于现在"),
    ],
)
def test_use_without_what_the_register_asks_is_refused(seal, people, changes, said):
    with pytest.raises(UnableToRegisterUse, match=said):
        use(seal, people["fang"], **changes)

    assert SealUse.objects.count() == 0


def test_void_paper_gets_no_seal(seal, paper, people):
    void(paper=paper, reason="填错", by=people["lin"], at=NOW)
    paper.refresh_from_db()

    with pytest.raises(UnableToRegisterUse, match="已作废，不能用印"):
        use(seal, people["fang"], paper=paper)


def test_deputy_of_the_keeper_may_use_the_seal(seal, paper, people):
    delegate(
        giver=people["fang"],
        taker=people["xu"],
        post="seal_keeper",
        from_at=NOW,
        to_at=NOW + timedelta(days=3),
        reason="年假",
        by=people["fang"],
        at=NOW,
    )

    assert use(seal, people["xu"], paper=paper).used_by == people["xu"]


def test_seal_moves_to_another_keeper_who_alone_may_use_it_then(seal, paper, people):
    hand_over_seal(seal=seal, to=people["xu"], reason="岗位调整", by=people["fang"], at=NOW)
    seal.refresh_from_db()

    assert seal.keeper == people["xu"]
    assert SealHandover.objects.get().giver == people["fang"]
    assert use(seal, people["xu"], paper=paper).used_by == people["xu"]
    with pytest.raises(NotYourPost):
        use(seal, people["fang"], paper=paper)


def test_hand_over_needs_keeper_or_administrator_a_reason_and_another_person(seal, people):
    with pytest.raises(NotYourPost):
        hand_over_seal(seal=seal, to=people["lin"], reason="借用", by=people["lin"], at=NOW)
    with pytest.raises(UnableToHandOverSeal, match="请填写移交原因"):
        hand_over_seal(seal=seal, to=people["xu"], reason="", by=people["fang"], at=NOW)
    with pytest.raises(UnableToHandOverSeal, match="已由方正保管"):
        hand_over_seal(seal=seal, to=people["fang"], reason="误操作", by=people["admin"], at=NOW)

    assert SealHandover.objects.count() == 0


def test_leaver_hands_the_seal_to_the_successor_in_the_same_act(seal, people):
    moved = leave(
        person=people["fang"],
        successor=people["xu"],
        by=people["admin"],
        at=LATER,
        reason="离职",
        posts_too=True,
    )

    seal.refresh_from_db()
    assert "「合同专用章」改由许诺保管" in moved
    assert seal.keeper == people["xu"]
    assert SealHandover.objects.get().reason == "离职移交"


def test_leaver_without_successor_keeps_seal_and_post(seal, people):
    with pytest.raises(UnableToLeave, match="还保管着「合同专用章」，请指定接手人"):
        leave(person=people["fang"], successor=None, by=people["admin"], at=LATER, reason="离职")

    people["fang"].refresh_from_db()
    assert people["fang"].is_active


def test_retired_seal_is_not_used_and_its_name_is_free_again(seal, people, company):
    retire_seal(seal=seal, reason="启用新章", by=people["admin"], at=NOW)

    with pytest.raises(UnableToRegisterUse, match="已停用"):
        use(seal, people["fang"], title="合同")
    assert add_seal(
        company=company,
        kind="contract",
        name="合同专用章",
        keeper=people["fang"],
        by=people["admin"],
        at=LATER,
    )


def test_same_name_twice_and_entry_by_others_are_refused(seal, people, company):
    with pytest.raises(UnableToAddSeal, match="已经登记"):
        add_seal(
            company=company,
            kind="contract",
            name="合同专用章",
            keeper=people["xu"],
            by=people["admin"],
            at=NOW,
        )
    with pytest.raises(NotYourPost):
        add_seal(company=company, kind="company", name="公章", keeper=people["lin"], by=people["lin"], at=NOW)


def lend(seal, people, **changes):
    given = {
        "borrower": people["wu"], "place": "登记中心", "purpose": "现场签约", "approval_number": "SP-1",
        "due_at": LATER + timedelta(days=1), "by": people["fang"], "at": LATER,
    }  # fmt: skip
    return lend_seal(seal=seal, **(given | changes))


def test_a_lent_seal_comes_back_and_what_it_is_used_on_says_so(seal, people):
    loan = lend(seal, people)
    away = use(seal, people["fang"], title="合同", at=LATER)

    assert (loan.number, away.away) == ("YJ-GS-2026-0001", loan.number)
    with pytest.raises(UnableToLendSeal, match="归还后才能再借"):
        lend(seal, people)
    with pytest.raises(UnableToHandOverSeal, match="收回后才能移交"):
        hand_over_seal(seal=seal, to=people["lin"], reason="调岗", by=people["fang"], at=LATER)
    with pytest.raises(NotYourPost):
        take_back_seal(loan=loan, note="", by=people["wu"], at=LATER)
    take_back_seal(loan=loan, note="完好", by=people["fang"], at=LATER)
    with pytest.raises(UnableToLendSeal, match="已归还"):
        take_back_seal(loan=loan, note="", by=people["fang"], at=LATER)
    assert use(seal, people["fang"], title="合同", at=LATER).away == ""


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"place": " "}, "请填写使用地点"),
        ({"purpose": ""}, "请填写外借事由"),
        ({"approval_number": ""}, "没有审批编号不能外借印章"),
        ({"due_at": LATER}, "应归还时间要晚于现在"),
    ],
)
def test_a_seal_is_not_lent_without_purpose_approval_and_a_day_to_be_back(seal, people, changes, said):
    with pytest.raises(UnableToLendSeal, match=said):
        lend(seal, people, **changes)


def test_nothing_is_sealed_without_the_number_of_its_approval(seal, people):
    with pytest.raises(UnableToRegisterUse, match="没有审批编号不能用印"):
        use(seal, people["fang"], title="合同", approval_number=" ")
