"""The seal register: who keeps which seal, and every use of it (I-5.1-3b)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from guiju.kernel import engine
from guiju.kernel.models import Case
from guiju.kernel.numbering import document_number
from guiju.kernel.refusals import NotYourPost, Refused
from guiju.org import posts
from guiju.org.gates import require_administrator
from guiju.org.models import Company, Person
from guiju.org.people import ROSTER
from guiju.papers.models import Paper, Seal, SealHandover, SealLoan, SealUse

SERIES = "YZ"
LOAN_SERIES = "YJ"


class UnableToAddSeal(Refused):
    """The seal is not entered; the text says why."""


@transaction.atomic
def add_seal(
    *,
    company: Company,
    kind: str,
    name: str,
    keeper: Person,
    by: Person,
    at: datetime,
    project_id: int | None = None,
) -> Seal:
    """
    Enter a seal and who keeps it.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToAddSeal: a seal of this name is in use, or the keeper has left.
    """
    require_administrator(by, company_id=company.pk, at=at)
    if Seal.objects.in_use().filter(company=company, name=name.strip()).exists():
        raise UnableToAddSeal(f"「{name.strip()}」已经登记。")
    if not keeper.is_active:
        raise UnableToAddSeal(f"{keeper.name}已离职，不能保管印章。")
    seal = Seal.objects.create(
        company=company, project_id=project_id, kind=kind, name=name.strip(), keeper=keeper, kept_since_at=at
    )
    _record(seal, "add_seal", by=by, at=at, keeper=keeper.pk)
    return seal


class UnableToHandOverSeal(Refused):
    """The seal stays where it is; the text says why."""


@transaction.atomic
def hand_over_seal(*, seal: Seal, to: Person, reason: str, by: Person, at: datetime) -> SealHandover:
    """
    Give the seal to another keeper; both are in the record, ``by`` saw it happen.

    :raises NotYourPost: ``by`` is neither the keeper nor an administrator.
    :raises UnableToHandOverSeal: retired, to the same keeper, to somebody who left, or without a reason.
    """
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    if by.pk != seal.keeper_id:
        require_administrator(by, company_id=seal.company_id, at=at)
    if seal.retired_at is not None:
        raise UnableToHandOverSeal(f"「{seal.name}」已停用。")
    if (out := loan_of(seal)) is not None:
        raise UnableToHandOverSeal(f"「{seal.name}」已外借（{out.number}），收回后才能移交。")
    if to.pk == seal.keeper_id:
        raise UnableToHandOverSeal(f"「{seal.name}」已由{to.name}保管。")
    if not to.is_active:
        raise UnableToHandOverSeal(f"{to.name}已离职，不能保管印章。")
    if not reason.strip():
        raise UnableToHandOverSeal("请填写移交原因。")
    return move_seal(seal=seal, to=to, reason=reason.strip(), by_id=by.pk, at=at)


def move_seal(*, seal: Seal, to: Person, reason: str, by_id: int, at: datetime) -> SealHandover:
    """Write the change of keeper, in the caller's transaction and with the caller's checks."""
    handover = SealHandover.objects.create(
        seal=seal, giver_id=seal.keeper_id, taker=to, reason=reason, handed_at=at, handed_by_id=by_id
    )
    Seal.objects.filter(pk=seal.pk).update(keeper=to, kept_since_at=at)
    by = Person.objects.get(pk=by_id)
    _record(seal, "hand_over_seal", by=by, at=at, giver=handover.giver_id, taker=to.pk, reason=reason)
    return handover


@transaction.atomic
def retire_seal(*, seal: Seal, reason: str, by: Person, at: datetime) -> Seal:
    """
    Take a seal out of use; its register stays.

    :raises NotYourPost: ``by`` is no administrator of the company.
    :raises UnableToHandOverSeal: it is out of use already, or no reason was given.
    """
    require_administrator(by, company_id=seal.company_id, at=at)
    if not reason.strip():
        raise UnableToHandOverSeal("请填写停用原因。")
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    if seal.retired_at is not None:
        raise UnableToHandOverSeal(f"「{seal.name}」已停用。")
    seal.retired_at = at
    seal.save(update_fields=["retired_at"])
    _record(seal, "retire_seal", by=by, at=at, reason=reason.strip())
    return seal


class UnableToRegisterUse(Refused):
    """The use is not entered in the register; the text says what is missing."""


@transaction.atomic
def register_use(
    *,
    seal: Seal,
    by: Person,
    at: datetime,
    copies: int,
    approval: str,
    reason: str,
    case: Case | None = None,
    paper: Paper | None = None,
    title: str = "",
    across_pages: bool = False,
    used_at: datetime | None = None,
    approval_number: str = "",
) -> SealUse:
    """
    Enter a use of the seal in its register, with the next number of the series (``YZ-CY1-2026-0007``).

    Only the keeper enters it, or who holds the seal keeper's post on the keeper's behalf. That keeper, seller and
    director are different people is asked by the process that seals. ``used_at`` is the moment of sealing, if it
    was earlier (typed in later). ``approval_number`` is the number of what allows it: the case's own, if none is given;
    without a case it is asked for. While the seal is lent out, the use says under which loan.

    :raises NotYourPost: ``by`` does not keep this seal.
    :raises UnableToRegisterUse: retired, void paper, wrong company, no copies, no approval or its number, no reason,
        time ahead.
    """
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    scope_id = case.scope_id if case is not None else seal.project_id
    if not keeps(seal, by, scope_id=scope_id, at=at):
        raise NotYourPost(f"「{seal.name}」由{seal.keeper.name}保管，由保管人用印和登记。")
    if seal.retired_at is not None:
        raise UnableToRegisterUse(f"「{seal.name}」已停用。")
    if paper is not None and paper.voided_at is not None:
        raise UnableToRegisterUse(f"{paper} 已作废，不能用印。")
    if (case is not None and case.chain_id != seal.company_id) or (
        paper is not None and paper.company_id != seal.company_id
    ):
        raise UnableToRegisterUse("文件与印章不属于同一家公司。")
    if seal.project_id is not None and case is not None and case.scope_id != seal.project_id:
        raise UnableToRegisterUse(f"「{seal.name}」只用于所属项目。")
    title = title.strip() or (str(paper) if paper is not None else "")
    if not title:
        raise UnableToRegisterUse("请填写用印文件。")
    if copies < 1:
        raise UnableToRegisterUse("请填写用印份数。")
    if not approval.strip():
        raise UnableToRegisterUse("请填写批准依据。")
    approval_number = approval_number.strip() or (case.number if case is not None else "")
    if not approval_number:
        raise UnableToRegisterUse("请填写批准编号：没有审批编号不能用印。")
    if not reason.strip():
        raise UnableToRegisterUse("请填写用印事由。")
    if used_at is not None and used_at > at:
        raise UnableToRegisterUse("用印时间不能晚于现在。")

    use = SealUse.objects.create(
        seal=seal,
        number=document_number(SERIES, scope_id, used_at or at),
        case=case,
        paper=paper,
        title=title,
        copies=copies,
        across_pages=across_pages,
        approval=approval.strip(),
        approval_number=approval_number,
        away=out.number if (out := loan_of(seal)) is not None else "",
        reason=reason.strip(),
        used_at=used_at or at,
        used_by=by,
    )
    if case is None:
        _record(seal, "use_seal", by=by, at=at, number=use.number, title=title, copies=copies)
    return use


def loan_of(seal: Seal) -> SealLoan | None:
    """Return the loan under which the seal is out now; None when its keeper has it."""
    return SealLoan.objects.filter(seal=seal, returned_at=None).first()


class UnableToLendSeal(Refused):
    """The seal is not lent, or not taken back; the text says why."""


@transaction.atomic
def lend_seal(
    *,
    seal: Seal,
    borrower: Person,
    place: str,
    purpose: str,
    approval_number: str,
    due_at: datetime,
    by: Person,
    at: datetime,
    companion: str = "",
) -> SealLoan:
    """
    Lend the seal out (印章外借): who carries it where, for what, on which approval, and when it is back.

    :raises NotYourPost: ``by`` does not keep this seal.
    :raises UnableToLendSeal: retired, out already, to its keeper or somebody who left, without place, purpose or the
        approval's number, or due before now.
    """
    seal = Seal.objects.select_for_update().get(pk=seal.pk)
    if not keeps(seal, by, scope_id=seal.project_id, at=at):
        raise NotYourPost(f"「{seal.name}」由{seal.keeper.name}保管，由保管人办理外借。")
    if seal.retired_at is not None:
        raise UnableToLendSeal(f"「{seal.name}」已停用。")
    if (out := loan_of(seal)) is not None:
        raise UnableToLendSeal(
            f"「{seal.name}」已由{out.borrower.name}借出（{out.number}），归还后才能再借。"
        )
    if borrower.pk == seal.keeper_id:
        raise UnableToLendSeal("保管人自己用印不用外借，直接登记用印。")
    if not borrower.is_active:
        raise UnableToLendSeal(f"{borrower.name}已离职，不能借用印章。")
    if not place.strip():
        raise UnableToLendSeal("请填写使用地点。")
    if not purpose.strip():
        raise UnableToLendSeal("请填写外借事由。")
    if not approval_number.strip():
        raise UnableToLendSeal("请填写批准编号：没有审批编号不能外借印章。")
    if due_at <= at:
        raise UnableToLendSeal("应归还时间要晚于现在。")
    loan = SealLoan.objects.create(
        seal=seal,
        number=document_number(LOAN_SERIES, seal.project_id, at),
        borrower=borrower,
        companion=companion.strip(),
        place=place.strip(),
        purpose=purpose.strip(),
        approval_number=approval_number.strip(),
        lent_at=at,
        lent_by=by,
        due_at=due_at,
    )
    _record(
        seal, "lend_seal", by=by, at=at, loan=loan.number, borrower=borrower.pk, due_at=due_at.isoformat()
    )
    return loan


@transaction.atomic
def take_back_seal(*, loan: SealLoan, note: str, by: Person, at: datetime) -> SealLoan:
    """
    Take a lent seal back; ``note`` says in what state and how often it was used.

    :raises NotYourPost: ``by`` does not keep this seal.
    :raises UnableToLendSeal: it is back already, or the one who borrowed it takes it back himself.
    """
    loan = SealLoan.objects.select_for_update().select_related("seal__keeper", "borrower").get(pk=loan.pk)
    if not keeps(loan.seal, by, scope_id=loan.seal.project_id, at=at):
        raise NotYourPost(f"「{loan.seal.name}」由{loan.seal.keeper.name}保管，由保管人收回。")
    if loan.returned_at is not None:
        raise UnableToLendSeal(f"{loan.number} 已归还。")
    if by.pk == loan.borrower_id:
        raise UnableToLendSeal("借用人不能自己办理收回。")
    loan.returned_at, loan.returned_to, loan.returned_note = at, by, note.strip()
    loan.save(update_fields=["returned_at", "returned_to", "returned_note"])
    _record(loan.seal, "take_back_seal", by=by, at=at, loan=loan.number, note=loan.returned_note)
    return loan


def keeps(seal: Seal, person: Person, *, scope_id: int | None, at: datetime) -> bool:
    """Whether the person keeps the seal now: named as its keeper, or deputising for the keeper in the post."""
    if person.pk == seal.keeper_id:
        return True
    held = ROSTER.posts_of(person.pk, company_id=seal.company_id, project_id=scope_id, at=at)
    return held.get(posts.SEAL_KEEPER, 0) == seal.keeper_id


def _record(seal: Seal, step: str, *, by: Person, at: datetime, **given: object) -> None:
    engine.record(
        company_id=seal.company_id,
        step=f"papers.{step}",
        by=by,
        at=at,
        given={"seal": seal.pk, "name": seal.name, **given},
    )
