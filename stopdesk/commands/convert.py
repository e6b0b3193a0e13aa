"""``stopdesk convert``: a table from one format to another, and what the other does not keep."""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path

from stopdesk.formats.convert import NAMES, Format, Report, convert
from stopdesk.formats.votable import Serialization

#: Seconds after which a conversion tells how far it is, and between two such lines.
_PATIENCE = 2.0


def run(
    source: str,
    target: str,
    *,
    source_format: Format | None,
    target_format: Format | None,
    serialization: Serialization,
    table: str | None,
    overwrite: bool,
    as_json: bool,
) -> int:
    """Convert a file, or with ``-`` what comes in, to a file or to what goes out; losses are told on stderr."""
    report = convert(
        sys.stdin.buffer if source == "-" else Path(source).expanduser(),
        sys.stdout.buffer if target == "-" else Path(target).expanduser(),
        source_format=source_format,
        target_format=target_format,
        serialization=serialization,
        table=int(table) if table is not None and table.isdecimal() else table,
        overwrite=overwrite,
        tell=_Teller().tell,
    )
    out = sys.stderr if target == "-" else sys.stdout
    if as_json:
        json.dump(_described(report), out, indent=2, ensure_ascii=False)
        out.write("\n")
    else:
        for line in report.sentences:
            sys.stderr.write(f"{line}\n")
        names = f"{NAMES[report.source_format]} to {NAMES[report.target_format]}"
        sys.stderr.write(f"{names}: {report.n_rows:,} rows, {report.n_columns:,} columns\n")
    return 0


def _described(report: Report) -> dict[str, object]:
    return asdict(report)


class _Teller:
    """Tells how far a long conversion is."""

    def __init__(self) -> None:
        self._next = time.monotonic() + _PATIENCE

    def tell(self, words: str) -> None:
        """Say it, unless something was said just now."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + _PATIENCE
            sys.stderr.write(f"{words}\n")
