"""``guiju ledger verify``: do the books add up?"""

from __future__ import annotations

import argparse
import json

from guiju.ledger.verify import problems


def main(args: argparse.Namespace) -> int:
    """Print every row that does not add up; 0 when there is none."""
    found = problems()
    if args.json:
        print(json.dumps([vars(one) for one in found], ensure_ascii=False))
    else:
        for one in found:
            print(one)
        print(f"{len(found)} 处对不上。" if found else "账目相符。")
    return 1 if found else 0
