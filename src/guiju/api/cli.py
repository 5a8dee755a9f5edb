"""``guiju token``: makes a bearer token and prints it once, lists what there is, ends one at once."""

from __future__ import annotations

import argparse
import json
import sys
from datetime import datetime, timedelta

from django.utils import timezone

from guiju.api.models import Token
from guiju.api.operations.tokens import LIFE, UnableToMakeToken, make_token, revoke_token
from guiju.org.models import Person


def main(args: argparse.Namespace) -> int:
    """Carry out one act on tokens; 0 when it did its work."""
    return {"create": create, "list": show, "revoke": revoke}[args.act](args)


def _person(username: str) -> Person | None:
    person = Person.objects.filter(username=username.strip().lower()).first()
    if person is None:
        print(f"没有用户名为 {username} 的人员。", file=sys.stderr)
    return person


def create(args: argparse.Namespace) -> int:
    """Make the token; its text goes to the standard output, everything else to the standard error."""
    person = _person(args.user)
    if person is None:
        return 1
    try:
        life = timedelta(days=args.days) if args.days is not None else LIFE
        token, text = make_token(person=person, label=args.label, life=life, by=None, at=timezone.now())
    except UnableToMakeToken as refused:
        print(f"{refused}。", file=sys.stderr)
        return 1
    except OverflowError:
        print("令牌有效期太长。", file=sys.stderr)
        return 1
    until = timezone.localtime(token.expires_at)
    print(f"{person.name}的令牌，{until:%Y-%m-%d} 到期。只显示这一次：", file=sys.stderr)
    print(text)
    return 0


def state_of(token: Token, at: datetime) -> str:
    """Return how a token stands at the moment: live, expired, revoked, or of a person who may not sign in."""
    if token.revoked_at is not None:
        return "revoked"
    if token.expires_at <= at:
        return "expired"
    return "live" if token.person.is_active else "inactive"


_STATES = {"live": "有效", "expired": "已到期", "revoked": "已停用", "inactive": "人员已停用"}


def show(args: argparse.Namespace) -> int:
    """List tokens, the newest first. Nothing that could be used in their place is printed."""
    at = timezone.now()
    rows = Token.objects.select_related("person").order_by("-pk")
    if args.user is not None:
        person = _person(args.user)
        if person is None:
            return 1
        rows = rows.filter(person=person)
    tokens = [(token, state_of(token, at)) for token in rows]
    if not args.all:
        tokens = [(token, state) for token, state in tokens if state == "live"]
    if args.json:
        said = [
            {
                "id": token.pk,
                "user": token.person.username,
                "label": token.label,
                "state": state,
                "created_at": token.created_at.isoformat(),
                "expires_at": token.expires_at.isoformat(),
                "last_used_at": token.last_used_at.isoformat() if token.last_used_at else None,
            }
            for token, state in tokens
        ]
        print(json.dumps(said, ensure_ascii=False))
        return 0
    for token, state in tokens:
        print(
            f"{token.pk}\t{token.person.username}\t{token.label or '未写用途'}\t{_STATES[state]}"
            f"\t{_day(token.expires_at)} 到期\t{_used(token)}"
        )
    if not tokens:
        print("没有令牌。", file=sys.stderr)
    return 0


def _day(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%Y-%m-%d}"


def _used(token: Token) -> str:
    return f"{_day(token.last_used_at)} 用过" if token.last_used_at else "没有用过"


def revoke(args: argparse.Namespace) -> int:
    """End a token at once."""
    token = Token.objects.select_related("person").filter(pk=args.id).first()
    if token is None:
        print(f"没有编号为 {args.id} 的令牌。", file=sys.stderr)
        return 1
    try:
        revoke_token(token=token, by=None, at=timezone.now())
    except UnableToMakeToken as refused:
        print(f"{refused}。", file=sys.stderr)
        return 1
    print(f"已停用 {token.person.name} 的令牌 {token.pk}。")
    return 0
