"""``stopdesk resolve`` and ``stopdesk search``: where a source is, and what a portal has around it."""

from __future__ import annotations

import json
import math
import os
import sys
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from pydantic import ValidationError

from stopdesk.commands.login import http_for
from stopdesk.domain.search import Cone
from stopdesk.domain.settings import Service, ServiceKind, url_problem
from stopdesk.domain.target import Target
from stopdesk.errors import FileError, InputError
from stopdesk.formats.convert import save_table
from stopdesk.formats.votable import write_table
from stopdesk.net.http import Http
from stopdesk.session.services import authorities, resolvers, services
from stopdesk.session.settings import SettingsFile
from stopdesk.vo import portals
from stopdesk.vo.resolver import Resolution
from stopdesk.vo.resolver import resolve as look_up

_KINDS = {"sia": ServiceKind.SIA1}


def resolve(names: list[str], *, service: str | None, again: bool, as_json: bool) -> int:
    """Print where each name is; those that are not found are told, and the exit code is that of the first of them."""
    settings = SettingsFile().load()
    http = Http()
    try:
        found = look_up(http, names, addresses=(service,) if service else resolvers(settings), again=again)
    finally:
        http.close()
    if as_json:
        sys.stdout.write(json.dumps([_as_json(each) for each in found], indent=2, ensure_ascii=False) + "\n")
    for each in found:
        if not as_json and each.target is not None:
            sys.stdout.write(f"{_line(each, each.target)}\n")
        elif each.target is None:
            sys.stderr.write(f"stopdesk: {_why_not(each)}\n")
    faults = [each.error.exit_code if each.error else InputError.exit_code for each in found if each.target is None]
    return faults[0] if faults else 0


def _line(found: Resolution, target: Target) -> str:
    date = f", {found.date:%Y-%m-%d}" if found.date is not None and found.is_cached else ""
    position = target.position
    return (
        f"{target.name:24} {position.ra:11.6f} {position.dec:+11.6f}  {position.sexagesimal}  ({target.source}{date})"
    )


def _why_not(found: Resolution) -> str:
    if found.error is not None:
        return str(found.error)
    if found.targets:
        each = (f"{target.main_name or target.name} at {target.position.sexagesimal}" for target in found.targets)
        return f"{found.name!r} is ambiguous: it may be {', or '.join(each)}. Give one of these positions."
    return f"{found.name!r} is ambiguous. Ask for one of: {', '.join(found.choices)}."


def _as_json(found: Resolution) -> dict[str, Any]:
    target = found.target
    return {
        "name": found.name,
        "ra": target.position.ra if target else None,
        "dec": target.position.dec if target else None,
        "position": target.position.sexagesimal if target else None,
        "main_name": target.main_name if target else None,
        "object_type": target.object_type if target else None,
        "source": target.source if target else None,
        "service": found.service,
        "date": found.date.isoformat() if found.date else None,
        "cached": found.is_cached,
        "candidates": [] if target else [each.model_dump(mode="json") for each in found.targets],
        "choices": list(found.choices),
        "error": None if target else _why_not(found),
    }


def search(
    url: str,
    protocol: str,
    cone: tuple[float, float, float],
    *,
    adql: str | None,
    max_rows: int | None,
    run_async: bool,
    timeout: float | None,
    user: str | None,
    out: str | None,
    as_json: bool,
) -> int:
    """Search one portal; ``cone`` is right ascension, declination and radius in degrees."""
    ra, dec, radius = cone
    if not (0 <= ra <= 360 and -90 <= dec <= 90 and 0 < radius <= 180):
        raise InputError("--ra goes from 0 to 360, --dec from -90 to 90, --radius from above 0 to 180 degrees.")
    if max_rows is not None and max_rows < 1:
        raise InputError("--max-rows is at least 1.")
    target = _target(out) if out is not None else None
    service = _service(url, _KINDS.get(protocol) or ServiceKind(protocol))
    http = http_for(url, user)
    http.trust(authorities(SettingsFile().load()))
    try:
        answer = portals.search(
            http,
            service,
            Cone.around(ra, dec, radius),
            adql=adql,
            max_rows=max_rows,
            run_async=run_async,
            timeout=timeout if timeout is not None else portals.TIMEOUT,
        )
    finally:
        http.close()
    if target is not None:
        _write(answer.table, target)
    if as_json:
        into = sys.stderr if out == "-" else sys.stdout
        into.write(json.dumps(_answer_as_json(answer, out), ensure_ascii=False) + "\n")
    elif target is None:
        _print_rows(answer.table)
    sys.stderr.write(f"{answer.said}\n")
    return 0


def _target(out: str) -> Path | BinaryIO:
    """Where rows are to be written; refused before anything is asked for where that cannot be."""
    if out == "-":
        return sys.stdout.buffer
    path = Path(out).expanduser()
    if path.exists():
        raise FileError(path, "there is such a file already. Choose another name.")
    if not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        raise FileError(path, "cannot be written: its folder is not there, or not yours. Choose another place.")
    return path


def _write(table: Any, target: Path | BinaryIO) -> None:
    """Write the rows in the format that the name says, and tell what that does not keep."""
    if not isinstance(target, Path):
        write_table(table, target)
        return
    for line in save_table(table, target):
        sys.stderr.write(f"{line}\n")


def _service(url: str, kind: ServiceKind) -> Service:
    """The service of the list with that address and kind, else one without a name."""
    known = (each for each in services(SettingsFile().load()) if each.url == url and each.kind is kind)
    if (problem := url_problem(url)) is not None:
        raise InputError(problem)
    try:
        return next(known, None) or Service(name=url, url=url, kind=kind)
    except ValidationError as error:
        raise InputError(f"{url!r} cannot be the address of a service.") from error


def _print_rows(table: Any) -> None:
    """The rows with a tab between cells, under a line of names with their units."""
    heads = [f"{name} [{column.unit}]" if column.unit else name for name, column in table.columns.items()]
    sys.stdout.write("\t".join(heads) + "\n")
    for row in table:
        cells = ("" if (value := _plain(cell)) is None else str(value) for cell in row)
        sys.stdout.write("\t".join(" ".join(cell.split()) for cell in cells) + "\n")


def _answer_as_json(answer: portals.Answer, out: str | None) -> dict[str, Any]:
    columns = [
        {"name": name, "unit": str(column.unit or ""), "ucd": str(column.meta.get("ucd", ""))}
        for name, column in answer.table.columns.items()
    ]
    document: dict[str, Any] = {
        "service": answer.service.url,
        "answered_by": answer.url,
        "outcome": answer.outcome.value,
        "n_rows": answer.n_rows,
        "said": answer.said,
        "date": answer.date.isoformat(),
        "adql": answer.adql,
        "request": answer.request,
        "columns": columns,
    }
    if out is not None:
        return {**document, "table": out}
    return {**document, "rows": [[_plain(cell) for cell in row] for row in answer.table]}


def _plain(cell: Any) -> Any:
    """A cell as JSON has it; masked ones and NaN are null."""
    if cell is None or cell is np.ma.masked:
        return None
    if isinstance(cell, np.ndarray):
        return [_plain(each) for each in (np.ma.asarray(cell) if isinstance(cell, np.ma.MaskedArray) else cell)]
    value = cell.item() if isinstance(cell, np.generic) else cell
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, complex):
        return [value.real, value.imag]
    return value if isinstance(value, (str, int, float, bool)) else str(value)
