"""`guiju kpi`: makes the kept lines and sums of the figures again from the cases."""

from __future__ import annotations

import argparse
import sys

from django.utils import timezone

from guiju.reports import kpi_kept
from guiju.reports.models import KpiLine, KpiSum


def main(args: argparse.Namespace) -> int:
    """Rebuild; 0 when it is done. It may be stopped and begun again."""
    read = 0

    def say(count: int) -> None:
        nonlocal read
        read += count
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{read} cases")
            sys.stderr.flush()

    count = kpi_kept.rebuild(timezone.now(), say)
    lines, sums = KpiLine.objects.count(), KpiSum.objects.count()
    sys.stdout.write(f"{count} cases read, {lines} lines, {sums} sums\n")
    return 0
