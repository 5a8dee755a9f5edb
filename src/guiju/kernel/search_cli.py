"""``guiju reindex``: writes the search index again from what it is about."""

from __future__ import annotations

import argparse
import json
import sys

from guiju.kernel import search


def main(args: argparse.Namespace) -> int:
    """Index again, and say how many entries of each kind were written; return 1 for a kind nobody knows."""
    known = search.kinds()
    if unknown := [kind for kind in args.kinds if kind not in known]:
        print(f"没有这种可检索的内容：{'、'.join(unknown)}。有：{'、'.join(known)}。", file=sys.stderr)
        return 1
    written = search.reindex(args.kinds or None)
    if args.json:
        print(json.dumps(written))
        return 0
    for kind, count in written.items():
        print(f"{kind}\t重写 {count} 条")
    return 0
