"""Channels of a company, its quiet hours, what the SMS operator filed, and where colleagues are reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, time
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction

from guiju.kernel import engine
from guiju.kernel.refusals import BadlyFilled, Refused
from guiju.notify import ways
from guiju.notify.gateways import kinds
from guiju.notify.models import Channel, Manner, Reach, SmsFiling
from guiju.notify.templates import KINDS, templates
from guiju.org.gates import require_administrator
from guiju.org.models import Company, Person

_LOCAL = {"127.0.0.1", "localhost", "::1"}


class UnableToSetUp(Refused):
    """The setting is not taken; the text says why."""


@transaction.atomic
def set_channel(
    *, company: Company, way: str, config: Mapping[str, str], on: bool, by: Person, at: datetime
) -> Channel:
    """
    Set the gateway of a way. A secret left empty keeps its value; the values themselves are not in the event.

    :raises NotYourPost: ``by`` is no administrator.
    :raises BadlyFilled: a needed setting is empty, or an address is no HTTPS address.
    """
    require_administrator(by, company_id=company.pk, at=at)
    kind = kinds().get(way)
    if kind is None:
        raise UnableToSetUp("这个渠道没有接口可设。")
    there = Channel.objects.select_for_update().filter(company=company, code=way).first()
    before: Mapping[str, Any] = there.config if there is not None else {}
    values: dict[str, str] = {}
    errors: dict[str, str] = {}
    for setting in kind.settings:
        value = str(config.get(setting.name, "")).strip()
        if not value and setting.secret:
            value = str(before.get(setting.name, ""))
        if not value and setting.needed and on:
            errors[setting.name] = f"{setting.label}：请填写"
        if value and setting.name in ("url", "status_url", "base") and (why := _bad_address(value)):
            errors[setting.name] = f"{setting.label}：{why}"
        values[setting.name] = value
    if errors:
        raise BadlyFilled(errors)
    made, _ = Channel.objects.update_or_create(
        company=company,
        code=way,
        defaults={
            "name": ways.label(way), "way": way, "on": on, "config": values, "changed_at": at, "changed_by": by,
        },
    )  # fmt: skip
    _record(
        company, "set_channel", by=by, at=at, way=way, on=on, set=sorted(k for k, v in values.items() if v)
    )
    return made


def _bad_address(value: str) -> str | None:
    parts = urlsplit(value)
    if parts.scheme == "https" and parts.hostname:
        return None
    if parts.scheme == "http" and parts.hostname in _LOCAL:
        # A bridge on this machine.
        return None
    return "应为 https:// 开头的地址（本机的转接服务可以用 http://127.0.0.1）"


@transaction.atomic
def add_channel(*, company: Company, code: str, name: str, by: Person, at: datetime) -> Channel:
    """
    Add a further channel that people use by hand: 上门告知, 微信, 公告栏 … (J-2.7-c).

    :raises NotYourPost: ``by`` is no administrator.
    :raises UnableToSetUp: the code or the name is empty, odd, or there already.
    """
    require_administrator(by, company_id=company.pk, at=at)
    code, name = code.strip().lower(), name.strip()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{1,19}", code):
        raise UnableToSetUp("代码用小写字母开头，2 到 20 位字母、数字或横线。")
    if not name or len(name) > 30:
        raise UnableToSetUp("名称请写 1 到 30 个字。")
    if code in ways.WAYS or Channel.objects.filter(company=company, code=code).exists():
        raise UnableToSetUp(f"已经有代码为「{code}」的渠道。")
    made = Channel.objects.create(
        company=company, code=code, name=name, way=ways.HAND, config={}, changed_at=at, changed_by=by
    )
    _record(company, "add_channel", by=by, at=at, code=code, name=name)
    return made


@transaction.atomic
def set_quiet(*, company: Company, starts: time, ends: time, by: Person, at: datetime) -> Manner:
    """
    Set the quiet hours of a company; equal times mean none.

    :raises NotYourPost: ``by`` is no administrator.
    """
    require_administrator(by, company_id=company.pk, at=at)
    made, _ = Manner.objects.update_or_create(
        company=company,
        defaults={"quiet_starts": starts, "quiet_ends": ends, "changed_at": at, "changed_by": by},
    )
    _record(company, "set_quiet", by=by, at=at, starts=f"{starts:%H:%M}", ends=f"{ends:%H:%M}")
    return made


@transaction.atomic
def set_filing(
    *,
    company: Company,
    kind: str,
    text: str,
    state: str,
    by: Person,
    at: datetime,
    template: str = "",
    version: int = 0,
    number: str = "",
    note: str = "",
) -> SmsFiling:
    """
    Write down what the SMS operator said about a signature (no template) or a template in one version.

    :raises NotYourPost: ``by`` is no administrator.
    :raises UnableToSetUp: unknown kind, template or state, empty text, or filed without a number.
    """
    require_administrator(by, company_id=company.pk, at=at)
    if kind not in KINDS or state not in SmsFiling.State.values or (template and template not in templates()):
        raise UnableToSetUp("请选择类别、模板和状态。")
    text = text.strip().strip("【】")
    if not text:
        raise UnableToSetUp("请填写报备的文字。")
    if not template and len(text) > 20:
        raise UnableToSetUp("签名最多 20 个字。")
    if state == SmsFiling.State.FILED and not number.strip():
        raise UnableToSetUp("已报备的请填写运营商给的编号。")
    made, _ = SmsFiling.objects.update_or_create(
        company=company,
        kind=kind,
        template=template,
        version=version if template else 0,
        defaults={
            "text": text[:500], "number": number.strip()[:60], "state": state, "note": note.strip()[:200],
            "changed_at": at, "changed_by": by,
        },
    )  # fmt: skip
    _record(
        company, "set_filing", by=by, at=at, kind=kind, template=template, version=version, state=state,
        number=number.strip(),
    )  # fmt: skip
    return made


@transaction.atomic
def set_reach(
    *, person: Person, way: str, address: str, order: int, by: Person, at: datetime
) -> Reach | None:
    """
    Set where a colleague is reached; an empty address takes it away. One sets one's own; administrators everybody's.

    :raises NotYourPost: ``by`` is neither the person nor an administrator.
    :raises UnableToSetUp: messages cannot go to a person this way.
    """
    if by.pk != person.pk:
        require_administrator(by, company_id=person.company_id, at=at)
    if way not in (*ways.PERSONAL, ways.SMS, ways.EMAIL):
        raise UnableToSetUp("请选择渠道。")
    address = address.strip()
    if not address:
        Reach.objects.filter(person=person, way=way).delete()
        made = None
    else:
        made, _ = Reach.objects.update_or_create(
            person=person, way=way, defaults={"address": address[:120], "order": order}
        )
    _record(person.company, "set_reach", by=by, at=at, person=person.pk, way=way, there=bool(address))
    return made


def _record(company: Company, step: str, *, by: Person, at: datetime, **given: object) -> None:
    engine.record(company_id=company.pk, step=f"notify.{step}", by=by, at=at, given=given)
