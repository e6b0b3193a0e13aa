"""``stopdesk session show``: what a session file holds, without a window and without touching it."""

from __future__ import annotations

import sys
from pathlib import Path

from stopdesk.domain.run import Run
from stopdesk.session.file import read_session


def show(file: str, *, as_json: bool) -> int:
    """Print a session's source, targets, searches and runs."""
    session = read_session(Path(file))
    if as_json:
        sys.stdout.write(session.model_dump_json(indent=2) + "\n")
        return 0
    source = session.source
    words = [
        text for text in (source.name, source.position, f"v_LSR {source.v_lsr} km/s" if source.v_lsr else "") if text
    ]
    sys.stdout.write(f"source   {', '.join(words) or 'none'}\n")
    sys.stdout.write(f"model    {session.model}, to be run on {session.service}\n")
    if session.targets:
        sys.stdout.write(f"targets  {', '.join(target.name for target in session.targets)}\n")
    for search in session.searches:
        where = f"{search.name} {search.cone.position.sexagesimal}".strip()
        sys.stdout.write(f"search   {search.created:%Y-%m-%d %H:%M:%S}  {where}, {search.cone.radius:g} deg\n")
        for answer in search.answers:
            sys.stdout.write(f"  {answer.outcome.value:12} {answer.service}: {answer.said}\n")
    sys.stdout.write(f"runs     {len(session.runs)}\n")
    for run in session.runs:
        sys.stdout.write(_line(run) + "\n")
    return 0


def _line(run: Run) -> str:
    size = sum(result.size for result in run.results.values())
    return (
        f"  {run.created:%Y-%m-%d %H:%M:%S}  {run.state:10} {run.model or '':5} {' '.join(run.name.split()):30} "
        f"{len(run.results)} results, {size:,} bytes  {run.job_url or ''}"
    ).rstrip()
