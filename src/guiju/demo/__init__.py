"""The demonstration: a small estate with its people and their work, made through the same doors, from a fixed seed."""

from __future__ import annotations

import argparse
import sys


def main(args: argparse.Namespace) -> int:
    """Fill an empty database (``--stage people|estate|deals|work``, everything if unset), or print the sign-ins."""
    from django.utils import timezone

    from guiju.demo import scenes

    if not args.sign_ins:
        if scenes.built():
            print("演示数据已在，不再重做。")
        else:
            scenes.build(
                at=timezone.now(), stage=args.stage or "work", say=lambda text: print(text, file=sys.stderr)
            )
    print(scenes.sign_ins())
    return 0
