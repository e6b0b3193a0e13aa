"""Many threads that need astropy and pyvo at once all get them."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import threading
from stopdesk.vo import libraries

problems = []

def work(number):
    try:
        libraries.load(talking=number % 2 == 0)
        from astropy.coordinates import SkyCoord
        from astropy.table import Table
        if number % 2 == 0:
            from pyvo.dal import tap
    except Exception as error:
        problems.append(repr(error))

threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(problems)
"""


def test_no_two_wait_for_each_other() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "[]", done.stderr
