"""The demonstration: a small estate with its people and their work, made through the same doors, from a fixed seed."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

#: Stands in the data folder while the demonstration is being built; ``script/server`` looks for it.
UNFINISHED = "demo-unfinished"


def main(args: argparse.Namespace) -> int:
    """Fill an empty database (``--stage people|estate|deals|work``, everything if unset), or print the sign-ins."""
    from django.conf import settings
    from django.utils import timezone

    from guiju.demo import scenes

    if not args.sign_ins:
        unfinished = Path(settings.GUIJU_DATA) / UNFINISHED
        if scenes.built() and unfinished.exists():
            print("上次的演示数据没有做完（中途停了）。请清空数据库和数据目录，再运行一次。", file=sys.stderr)
            return 1
        if scenes.built():
            print("演示数据已在，不再重做。")
        else:
            unfinished.touch()
            scenes.build(
                at=timezone.now(), stage=args.stage or "work", say=lambda text: print(text, file=sys.stderr)
            )
            unfinished.unlink(missing_ok=True)
    print(scenes.sign_ins())
    return 0
