"""`guiju evidence NUMBER FILE`: the pack of a case as ZIP, or as PDF with the two files for checking beside it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from django.utils import timezone

from guiju.kernel.models import Case
from guiju.papers.evidence import CHECK, make_pack
from guiju.papers.operations.evidence import note_pack
from guiju.papers.typesetting import UnableToPrint


def main(args: argparse.Namespace) -> int:
    """Write the pack; 0 when it is there."""
    case = Case.objects.filter(number=args.number).first()
    file = Path(args.file)
    if case is None:
        print(f"guiju: there is no case {args.number}", file=sys.stderr)
        return 1
    if file.suffix.lower() not in (".zip", ".pdf"):
        print(
            "guiju: the file ends in .zip (all in one) or .pdf (the others are put beside it)",
            file=sys.stderr,
        )
        return 2
    at = timezone.now()
    try:
        pack = make_pack(case, by_name="系统管理员", at=at)
    except UnableToPrint as error:
        print(f"guiju: {error}", file=sys.stderr)
        return 1
    if file.suffix.lower() == ".zip":
        file.write_bytes(pack.zipped())
        written = [file]
    else:
        record, check = file.with_suffix(".events.json"), file.parent / CHECK.name
        file.write_bytes(pack.pdf)
        record.write_bytes(pack.record)
        check.write_bytes(pack.check)
        written = [file, record, check]
    note_pack(case=case, pack=pack, by=None, at=at)
    for path in written:
        sys.stdout.write(f"{path}\n")
    sys.stdout.write(f"{pack.events} events, {pack.photos} photos, digest {pack.digest}\n")
    return 0
