"""``guiju token create USER``: makes a bearer token and prints it once."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta

from django.utils import timezone

from guiju.api.operations.tokens import LIFE, UnableToMakeToken, make_token
from guiju.org.models import Person


def main(args: argparse.Namespace) -> int:
    """Make the token; its text goes to the standard output, everything else to the standard error."""
    person = Person.objects.filter(username=args.user.strip().lower()).first()
    if person is None:
        print(f"没有用户名为 {args.user} 的人员。", file=sys.stderr)
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
