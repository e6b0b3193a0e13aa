"""Names to positions by Sesame, with its mirror, kept with their date for the days without a network."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

from pydantic import ValidationError

from stopdesk.domain.job import Record
from stopdesk.domain.target import Target
from stopdesk.errors import Cancelled, FileError, InputError, NetworkError, ServerTrouble, StopdeskError, Unreachable
from stopdesk.net.answer import host_of
from stopdesk.net.http import Http
from stopdesk.net.lent import lent_session, refused
from stopdesk.vo import cache
from stopdesk.vo.positions import read_named_position
from stopdesk.vo.sesame import Found, read_sesame

#: XML; SIMBAD, NED and VizieR, the first that knows a name.
_OPTIONS = "-ox/SNV"

#: So many names go into one question.
_AT_ONCE = 40

#: Seconds that one question may take.
TIMEOUT = 30.0

#: An answer of some names is a few kilobytes.
_MAX_BYTES = 4_000_000


@dataclass(frozen=True)
class Resolution:
    """What became of one name. One target: that is it; several, or ``choices``: it is ambiguous; none: see ``error``.

    ``service`` is the address that answered, "" for what was read without one; ``is_cached`` tells that it did so on
    ``date``, earlier.
    """

    name: str
    targets: tuple[Target, ...] = ()
    choices: tuple[str, ...] = ()
    service: str = ""
    date: datetime | None = None
    is_cached: bool = False
    error: StopdeskError | None = None

    @property
    def target(self) -> Target | None:
        """The one target; None where there is none or a choice is to be made."""
        return self.targets[0] if len(self.targets) == 1 else None


def read_names(text: str) -> tuple[str, ...]:
    """The names and positions in a text, one a line or between semicolons; underscores stand for blanks."""
    names = (" ".join(part.replace("_", " ").split()) for part in re.split(r"[;\n\r]+", text))
    return tuple(dict.fromkeys(name for name in names if name))


def resolve(
    http: Http,
    names: Iterable[str],
    *,
    addresses: Sequence[str],
    again: bool = False,
    timeout: float = TIMEOUT,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Resolution, ...]:
    """What each name is, in their order: positions are read here, names asked for at the first address that answers.

    What is known from before is not asked for unless ``again``; where no server answers it serves even then, with its
    date. A name that fails does not hold up the others: its ``error`` says why. ``addresses`` are those of Sesame and
    its mirrors. Raises Cancelled, and InputError where there is no address to ask names at.
    """
    wanted = tuple(names)
    done = {name: found for name in wanted if (found := _without_network(name)) is not None}
    if not again:
        kept = ((name, _kept(name)) for name in wanted if name not in done)
        done |= {name: resolution for name, resolution in kept if resolution is not None}
    asked = [name for name in dict.fromkeys(wanted) if name not in done]
    if asked and not addresses:
        raise InputError("No service for names is in use. Tick one in the list of services, or type a position.")
    order = list(addresses)
    for start in range(0, len(asked), _AT_ONCE):
        part = asked[start : start + _AT_ONCE]
        try:
            url, said = _ask(http, part, order, timeout, cancelled)
        except NetworkError as error:
            rest = asked[start:] if isinstance(error, Unreachable) else part
            done |= {name: _kept(name) or Resolution(name, error=error) for name in rest if name not in done}
            if isinstance(error, Unreachable):
                break
            continue
        order.sort(key=lambda address: address != url)  # who has answered is asked first from now on
        done |= {each.name: _keep(each, url) for each in said}
    return tuple(done[name] for name in wanted)


def _without_network(name: str) -> Resolution | None:
    """A position as typed; None for a name."""
    if not any(char.isalnum() for char in name):
        return Resolution(name, error=InputError(f"{name!r} is neither a name nor a position."))
    try:
        read = read_named_position(name)
    except InputError as error:
        return Resolution(name, error=error)
    if read is None:
        return None
    now = datetime.now(UTC).replace(microsecond=0)
    return Resolution(name, (Target(name=read[0], position=read[1], source="as typed", date=now),), date=now)


def _ask(
    http: Http, names: Sequence[str], addresses: Sequence[str], timeout: float, cancelled: Callable[[], bool] | None
) -> tuple[str, tuple[Found, ...]]:
    """The first address that answers, and what it says; the last error when none does."""
    query = "&".join(quote(name, safe="") for name in names)
    problems: list[NetworkError] = []
    for address in addresses:
        url = f"{address.rstrip('/')}/{_OPTIONS}?{query}"
        try:
            with lent_session(http, seconds=timeout, cancelled=cancelled, max_bytes=_MAX_BYTES) as session:
                answer = session.get(url)
                problem = refused(session, answer)
                if problem is not None:
                    raise problem
                return address, read_sesame(answer.content, address, names)
        except Cancelled as error:
            raise Cancelled("Looking up names was cancelled.") from error
        except NetworkError as error:
            problems.append(error)
    if all(isinstance(problem, (Unreachable, ServerTrouble)) for problem in problems):
        hosts = " and ".join(dict.fromkeys(host_of(address) for address in addresses))
        text = f"Sesame does not answer ({hosts}). {problems[-1]} Type the position instead, or try again later."
        raise Unreachable(text, url=addresses[-1]) from problems[-1]
    raise problems[-1]


class _Kept(Record):
    """What is kept of a name."""

    version: int = 1
    name: str
    service: str
    date: datetime
    targets: tuple[Target, ...] = ()
    choices: tuple[str, ...] = ()


def _path(name: str) -> Path:
    key = " ".join(name.casefold().split())
    return cache.folder("names") / f"{hashlib.sha256(key.encode()).hexdigest()[:40]}.json"


def _keep(found: Found, service: str) -> Resolution:
    """What Sesame said, kept unless it knows nothing."""
    now = datetime.now(UTC).replace(microsecond=0)
    targets = tuple(
        target.model_copy(update={"date": now, "source": f"{target.source or 'Sesame'} by {host_of(service)}"})
        for target in found.targets
    )
    if not targets and not found.choices:
        said = f" ({found.said})" if found.said and "nothing found" not in found.said.lower() else ""
        text = f"Nobody knows {found.name!r}{said}. Check the spelling, or type a position."
        return Resolution(found.name, service=service, date=now, error=InputError(text))
    kept = _Kept(name=found.name, service=service, date=now, targets=targets, choices=found.choices)
    with contextlib.suppress(OSError, FileError):  # a full disk is no reason to hold the answer back
        cache.write(_path(found.name), kept.model_dump_json(indent=1).encode())
    return Resolution(found.name, targets, found.choices, service, now)


def _kept(name: str) -> Resolution | None:
    """What was said of the name before; None where nothing is kept, or it cannot be read."""
    try:
        kept = _Kept.model_validate_json(_path(name).read_bytes())
    except (OSError, FileError, ValidationError):
        return None
    if kept.version != 1:
        return None
    targets = tuple(target.model_copy(update={"name": name}) for target in kept.targets)
    return Resolution(name, targets, kept.choices, kept.service, kept.date, is_cached=True)
