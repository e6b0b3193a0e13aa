"""The question to each kind of portal for what it has around a position; pyvo knows how each wants to be asked."""

from __future__ import annotations

from typing import Any

import numpy as np

from stopdesk.domain.search import Cone
from stopdesk.domain.settings import OBSCORE_TABLE, Service, ServiceKind
from stopdesk.errors import Cancelled, InputError, Refused, Unreachable
from stopdesk.net.lent import LentSession

#: Degrees; what pyvo sends of DALI's circles (DALI 1.1, section 3.3.6).
_LARGEST_CIRCLE = 90.0

#: Kinds that are asked in ADQL.
IN_ADQL = frozenset((ServiceKind.OBSTAP, ServiceKind.TAP))

#: Arcsec in a degree, in which ObsPortal wants its radius: ASPRO2 sends 30.0 and states no unit.
_ARCSEC = 3600.0


def adql_for(service: Service, cone: Cone) -> str:
    """The query for a service that is asked in ADQL; "" for one that is not, or for which it is written by hand.

    Positions are compared as points, which every ObsCore table has (ObsCore 1.1, table 5); not all have regions.
    """
    if service.kind is not ServiceKind.OBSTAP:
        return ""
    ra, dec, radius = (_plain(value) for value in (cone.position.ra, cone.position.dec, cone.radius))
    return (
        f"SELECT *\nFROM {service.table or OBSCORE_TABLE}\n"
        f"WHERE 1 = CONTAINS(POINT('ICRS', s_ra, s_dec), CIRCLE('ICRS', {ra}, {dec}, {radius}))"
    )


def _plain(value: float) -> str:
    """A number without an exponent, which not all parsers of ADQL take."""
    return np.format_float_positional(round(value, 10), trim="-")


def query_for(
    session: LentSession, url: str, service: Service, cone: Cone, *, adql: str, max_rows: int | None, mode: str = "sync"
) -> Any:
    """The query of pyvo that asks the service at ``url``: it has its parameters as a dictionary and ``submit()``.

    ``adql`` is for the kinds `IN_ADQL` and is empty for all others; ``max_rows`` is sent as MAXREC (DALI 1.1, section
    3.4.4), also to older protocols: who does not know it ignores it. May ask a service for its capabilities (SIA2).
    """
    from pyvo.dal import scs, sia, ssa, tap  # late: slow to import

    at, radius = (cone.position.ra, cone.position.dec), cone.radius
    limit = {"MAXREC": max_rows} if max_rows is not None else {}
    kind = service.kind
    if kind in IN_ADQL:
        if not adql.strip():
            raise InputError(f"{service.name} takes queries in ADQL only; write one.")
        return tap.TAPQuery(url.rstrip("/"), adql, mode=mode, maxrec=max_rows, session=session)
    if adql.strip():
        raise InputError(f"{service.name} takes no ADQL ({kind.value}); only services of TAP do.")
    if kind is ServiceKind.SCS:
        return scs.SCSQuery(url, at, radius, session=session, **limit)
    if kind is ServiceKind.SSA:
        return ssa.SSAQuery(url, at, diameter=2 * radius, session=session, **limit)
    if kind is ServiceKind.SIA1:
        return sia.SIAQuery(url, at, 2 * radius, format="all", session=session, **limit)
    if kind is ServiceKind.SIA2:
        if radius > _LARGEST_CIRCLE:
            text = f"circles of SIA 2 have a radius of at most {_LARGEST_CIRCLE:.0f} degrees; make it smaller."
            raise Refused(f"{service.name} was not asked: {text}", url=url)
        return _sia2_query(session, url, (*at, radius), max_rows)
    if kind is ServiceKind.OBSPORTAL:
        return _obsportal_query(session, url, cone)
    raise InputError(f"{service.name} cannot be searched around a position ({kind.value}).")


def _sia2_query(session: LentSession, url: str, circle: tuple[float, float, float], max_rows: int | None) -> Any:
    """At the address that the service's capabilities name, or at ``url`` itself where it has none."""
    from pyvo.dal import sia2
    from pyvo.dal.exceptions import DALServiceError

    try:
        where = sia2.SIA2Service(url, session=session).query_ep
    except DALServiceError:
        stop_if_over(session)
        where = url
    except (ValueError, TypeError, AttributeError, LookupError, OSError):  # capabilities that pyvo stumbles over
        where = url
    query = sia2.SIA2Query(where, pos=circle, session=session)
    if max_rows is not None:
        query["MAXREC"] = max_rows
    return query


def stop_if_over(session: LentSession) -> None:
    """Raise what a library has swallowed: that nobody waits any more, or that nobody answers."""
    if isinstance(session.refusal, (Cancelled, Unreachable)):
        raise session.refusal


def _obsportal_query(session: LentSession, url: str, cone: Cone) -> Any:
    """JMMC's own way: names in lower case, degrees, and a radius in arcsec."""
    from pyvo.dal.query import DALQuery

    query = DALQuery(url, session=session)
    values = {"ra": cone.position.ra, "dec": cone.position.dec, "radius": cone.radius * _ARCSEC}
    query.update({name: _plain(value) for name, value in values.items()})
    query["all_fields"] = "false"
    return query


def request_of(query: Any) -> tuple[tuple[str, str], ...]:
    """What is sent with a query, as it is sent."""
    pairs: list[tuple[str, str]] = []
    for name, value in query.items():
        values = value if isinstance(value, (list, tuple, set)) else [value]
        pairs += [(str(name), str(each)) for each in values]
    return tuple(pairs)
