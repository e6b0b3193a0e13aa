"""A program that calls itself TOPCAT: takes tables, by pyvo, and writes what it got into a file; ends on TERM."""

from __future__ import annotations

import json
import signal
import sys
import threading
from pathlib import Path
from typing import Any

from pyvo.samp import SAMPIntegratedClient, conf


def main(out: Path) -> None:
    """Write every message, as a line of JSON, into ``out``."""
    conf.use_internet = False
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    client = SAMPIntegratedClient(name="TOPCAT", addr="127.0.0.1", callable=True)
    client.connect()

    def taken(_key: str, sender: str, message_id: str, mtype: str, params: dict[str, Any], _: dict[str, Any]) -> None:
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"sender": sender, "mtype": mtype, "params": params}) + "\n")
        client.reply(message_id, {"samp.status": "samp.ok", "samp.result": {}})

    for mtype in ("table.load.fits", "table.load.votable", "table.select.rowList"):
        client.bind_receive_call(mtype, taken)
    ended.wait()
    client.disconnect()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
