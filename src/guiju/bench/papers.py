"""Printing forms as PDF, each from its own case."""

from __future__ import annotations

import time
from datetime import datetime

from guiju.bench import filling
from guiju.kernel.models import Case
from guiju.papers import forms
from guiju.sales.papers import subscription_form


def measure(at: datetime, *, number: int, say: filling.Say) -> float:
    """Read and print the 认购书 of so many cases; return the seconds."""
    found = Case.objects.filter(
        process="subscription", state__in=["sealed", "paid", "registered", "converted"]
    )
    cases = list(found.order_by("-pk")[: min(number, 400)])
    forms.print_form("subscription", subscription_form(cases[0], at))
    start = time.perf_counter()
    for place in range(number):
        pdf = forms.print_form("subscription", subscription_form(cases[place % len(cases)], at))
        assert pdf.startswith(b"%PDF")
        say(1)
    return time.perf_counter() - start
