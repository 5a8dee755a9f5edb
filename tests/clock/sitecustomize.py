"""
The clock of the suite, in every program that a test starts: Python itself imports a module of this name.

See tests/moment.py, which says what moment it is and puts this folder on the path.
"""

import os
import time

if ahead := os.environ.get("SUITE_IS_AHEAD"):
    import time_machine

    time_machine.travel(time.time() + float(ahead), tick=True).start()
