"""The other program of the benchmark of SAMP: sends to TOPCAT, Aladin and the window, and asks TOPCAT what it knows.

A process of its own: each line on stdin says what to do, as JSON, and is answered by a line with the times.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from stopdesk.samp import messages
from tests.peers.samp.hubs import Lock
from tests.peers.samp.peer import Peer, peer

_PATIENCE_S = 120.0
#: TOPCAT is asked this often, in seconds, whether it knows a table.
_EACH_S = 0.01
#: Aladin has this long, in seconds, to load its first table.
_FIRST_S = 10.0


def main() -> None:
    """Do what each line on stdin says, and answer with a line; the clock is that of the system."""
    with peer(Lock(Path(os.environ["BENCHMARK_FOLDER"])), "other", messages.SELECT_ROWS) as me:
        print("{}", flush=True)
        for line in sys.stdin:
            order = json.loads(line)
            if order["do"] == "select":
                said = _select(me, order)
            elif order["do"] == "greet":
                said = _greet(me, order)
            else:
                said = _load(me, order) if order["do"] == "load" else {}
                said["known"] = _known(me, me.wait_for_client("topcat", messages.SELECT_ROWS), order["id"])
            print(json.dumps(said), flush=True)


def _load(me: Peer, order: dict[str, Any]) -> dict[str, float]:
    client = me.wait_for_client("topcat", messages.TABLE_FITS)
    start = time.monotonic()
    asked = me.ask(client, messages.TABLE_FITS, url=order["url"], table_id=order["id"], name="Benchmark")
    known = _known(me, client, order["id"])
    assert asked.wait()["samp.status"] == "samp.ok", asked.response
    return {"start": start, "known": known}


def _select(me: Peer, order: dict[str, Any]) -> dict[str, float]:
    client, rows = me.wait_for_client("stopdesk"), [str(row) for row in range(1, order["rows"], 2)]
    start = time.monotonic()
    asked = me.ask(client, messages.SELECT_ROWS, table_id=order["id"], url="", row_list=rows)
    assert asked.wait(_PATIENCE_S)["samp.status"] == "samp.ok", asked.response
    return {"start": start, "end": time.monotonic()}


def _greet(me: Peer, order: dict[str, Any]) -> dict[str, float]:
    """Give Aladin its first table, which it loads without an answer where it has just come up."""
    client = me.wait_for_client("Aladin", messages.TABLE_VOTABLE)
    asked = me.ask(client, messages.TABLE_VOTABLE, url=order["url"], table_id="first", name="First")
    asked.there.wait(_FIRST_S)
    return {}


def _known(me: Peer, client: str, table_id: str) -> float:
    """When TOPCAT knew a table, by its identifier."""
    deadline = time.monotonic() + _PATIENCE_S
    while me.call(client, messages.SELECT_ROWS, table_id=table_id, row_list=["0"])["samp.status"] == "samp.error":
        assert time.monotonic() < deadline, f"TOPCAT does not know {table_id}"
        time.sleep(_EACH_S)
    return time.monotonic()


if __name__ == "__main__":
    main()
