"""Finds services by subject and kind in the registry of the virtual observatory, by RegTAP 1.1."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from pydantic import ValidationError

from stopdesk.domain.search import Cone
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import InputError
from stopdesk.net.http import Http
from stopdesk.vo.portals import search

#: Identifiers of the protocols as capabilities state them (RegTAP 1.1, section 8; newer ones have versions behind #).
_STANDARDS = {
    ServiceKind.SCS: ("ivo://ivoa.net/std/conesearch%",),
    ServiceKind.SSA: ("ivo://ivoa.net/std/ssa%",),
    ServiceKind.SIA1: ("ivo://ivoa.net/std/sia", "ivo://ivoa.net/std/sia#query-1%"),
    ServiceKind.SIA2: ("ivo://ivoa.net/std/sia#query-2%",),
    ServiceKind.OBSTAP: ("ivo://ivoa.net/std/tap%",),
    ServiceKind.TAP: ("ivo://ivoa.net/std/tap%",),
}

#: The kinds that a registry knows of.
KINDS = tuple(_STANDARDS)

#: Seconds that a registry may take.
TIMEOUT = 60.0

#: More services than these are not listed.
MOST = 500

#: More identifiers than these are not asked for, and so many at a time.
MOST_NAMED, _AT_ONCE = 500, 100

_ANYWHERE = Cone.around(0.0, 0.0, 1.0)


_HAS_OBSERVATIONS = (
    "ivoid IN (SELECT ivoid FROM rr.res_detail WHERE detail_xpath = '/capability/dataModel/@ivo-id' "
    "AND 1 = ivo_nocasematch(detail_value, 'ivo://ivoa.net/std/obscore%'))"
)


def registry_adql(words: str, kind: ServiceKind) -> str:
    """The query for services of a kind that have all these words in title, description or subjects."""
    if kind not in _STANDARDS:
        raise InputError(f"The registry does not list services of the kind {kind.value}.")
    patterns = " OR ".join(f"standard_id LIKE {_quoted(pattern)}" for pattern in _STANDARDS[kind])
    conditions = [f"({patterns})", "intf_role = 'std'"]
    for word in words.split():
        text = _quoted(word)
        conditions.append(
            f"(1 = ivo_hasword(res_description, {text}) OR 1 = ivo_hasword(res_title, {text}) OR ivoid IN "
            f"(SELECT ivoid FROM rr.res_subject WHERE 1 = ivo_nocasematch(res_subject, {_quoted(f'%{word}%')})))"
        )
    return _adql(conditions, kind)


def named_adql(identifiers: Sequence[str], kind: ServiceKind) -> str:
    """The query for the services of a kind that the resources of these identifiers have."""
    patterns = " OR ".join(f"standard_id LIKE {_quoted(pattern)}" for pattern in _STANDARDS[kind])
    named = ", ".join(_quoted(each.casefold()) for each in identifiers)  # RegTAP 1.1, section 4.1: in lower case
    return _adql([f"({patterns})", "intf_role = 'std'", f"ivoid IN ({named})"], kind)


def _adql(conditions: Sequence[str], kind: ServiceKind) -> str:
    further = (_HAS_OBSERVATIONS,) if kind is ServiceKind.OBSTAP else ()
    return (
        "SELECT DISTINCT ivoid, short_name, res_title, res_description, access_url\n"
        "FROM rr.resource NATURAL JOIN rr.capability NATURAL JOIN rr.interface\n"
        "WHERE " + "\n  AND ".join((*conditions, *further))
    )


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def find_services(
    http: Http,
    registry: Service,
    words: str,
    kind: ServiceKind,
    *,
    timeout: float = TIMEOUT,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Service, ...]:
    """Services of a kind that have to do with all these words, by name, at most `MOST`; each address once.

    ``registry`` is a RegTAP service, with its mirrors. Raises what `portals.search` does, and InputError for a kind
    that registries do not list.
    """
    return _ask(http, registry, registry_adql(words, kind), kind, timeout, cancelled)


def named_services(
    http: Http,
    registry: Service,
    identifiers: Sequence[str],
    kinds: Sequence[ServiceKind],
    *,
    timeout: float = TIMEOUT,
    cancelled: Callable[[], bool] | None = None,
) -> tuple[Service, ...]:
    """The services of the resources with these identifiers (the first `MOST_NAMED`), by name; each address once.

    A service of several of the ``kinds`` is of the first of them. Raises what `portals.search` does.
    """
    found: dict[str, Service] = {}
    asked = identifiers[:MOST_NAMED]
    for kind in kinds:
        for first in range(0, len(asked), _AT_ONCE):
            adql = named_adql(asked[first : first + _AT_ONCE], kind)
            for service in _ask(http, registry, adql, kind, timeout, cancelled):
                found.setdefault(service.url, service)
    return tuple(sorted(found.values(), key=lambda service: service.name.casefold()))


def _ask(
    http: Http,
    registry: Service,
    adql: str,
    kind: ServiceKind,
    timeout: float,
    cancelled: Callable[[], bool] | None,
) -> tuple[Service, ...]:
    """The services that a query finds, by name; each address once."""
    asked = registry.model_copy(update={"kind": ServiceKind.TAP})
    table = search(http, asked, _ANYWHERE, adql=adql, max_rows=MOST, timeout=timeout, cancelled=cancelled).table
    found: dict[str, Service] = {}
    for row in table:
        url = _text(row["access_url"])
        name = _text(row["res_title"]) or _text(row["short_name"]) or url
        ivoid = _text(row["ivoid"])
        note = " ".join(text for text in (ivoid, _text(row["res_description"])[:300]) if text)
        try:
            found.setdefault(url, Service(name=name[:200], url=url, kind=kind, note=note, ivoid=ivoid))
        except ValidationError:  # an address that is none
            continue
    return tuple(sorted(found.values(), key=lambda service: service.name.casefold()))


def _text(cell: Any) -> str:
    return "" if cell is None or cell is np.ma.masked else " ".join(str(cell).split())
