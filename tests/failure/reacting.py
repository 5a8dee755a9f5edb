"""
The worker with a reaction of our own, for tests that kill it.

`python -m tests.failure.reacting lock NUMBER`: lock NUMBER flats. `… note NUMBER`: write NUMBER notes on the first case.
`… run SECONDS`: do all that is due, with the worker's clock moved forward by SECONDS. Each note is counted once in the
database, and once in a file beside it; while the file `slow` lies there, that takes long.
"""

import os
import sys
import time
from datetime import timedelta
from pathlib import Path

import django

django.setup()

from django.utils import timezone  # noqa: E402

from guiju.estate.models import Unit  # noqa: E402
from guiju.kernel import acts, engine, numbering, reactions, worker  # noqa: E402
from guiju.kernel.models import Case  # noqa: E402
from guiju.org.models import Person  # noqa: E402

DATA = Path(os.environ["GUIJU_DATA"])


@reactions.reaction("subscription", "note", name="counted")
def counted(event, at):
    """Count the event."""
    numbering.next_value(f"told-{event.pk}")
    with (DATA / "begun").open("a", encoding="utf-8") as file:
        file.write(f"{event.pk}\n")
    while (DATA / "slow").exists():
        time.sleep(0.05)


def main(what, number):
    at, lin = timezone.now(), Person.objects.get(username="lin")
    match what:
        case "lock":
            for unit in Unit.objects.select_related("project").order_by("pk")[:number]:
                engine.open_case(
                    "subscription", by=lin, at=at, chain_id=unit.project.company_id, scope_id=unit.project_id,
                    links=[("unit", unit.pk)],
                )  # fmt: skip
        case "note":
            for n in range(number):
                acts.note(Case.objects.earliest("pk"), text=f"来电 {n}", by=lin, at=at)
        case "run":
            (DATA / "ready").touch()
            print(worker.run_once(at + timedelta(seconds=number)))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
