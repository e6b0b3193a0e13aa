"""Finds out whether a portal, a resolver or a registry answers as what it is said to be: for the Test button."""

from __future__ import annotations

from collections.abc import Callable

from stopdesk.domain.search import Cone
from stopdesk.domain.settings import Service, ServiceKind
from stopdesk.errors import InputError, Unreachable
from stopdesk.net.http import Http
from stopdesk.vo.portals import search
from stopdesk.vo.resolver import resolve

#: Seconds that a test may take.
TIMEOUT = 10.0

#: A small field where every survey of the sky has something: M 31.
_FIELD = Cone.around(10.6847, 41.2688, 0.01)
_NAME = "M 31"

#: A question of one row that every service of the kind can answer.
_ONE_ROW = {
    ServiceKind.TAP: "SELECT TOP 1 table_name FROM tap_schema.tables",
    ServiceKind.REGISTRY: "SELECT TOP 1 ivoid FROM rr.resource",
}


def try_out(http: Http, service: Service, *, cancelled: Callable[[], bool] | None = None) -> tuple[str, ...]:
    """What a service answers to a small question, in sentences; no mirror is asked. Raises what the question does."""
    alone = service.model_copy(update={"mirrors": ()})
    if service.kind is ServiceKind.RESOLVER:
        (found,) = resolve(http, (_NAME,), addresses=(service.url,), again=True, timeout=TIMEOUT, cancelled=cancelled)
        if found.error is not None:
            raise found.error
        if found.is_cached:
            raise Unreachable("It does not answer; what it said earlier is still known.", url=service.url)
        where = ", ".join(target.position.sexagesimal for target in found.targets)
        return (f"It answers: {_NAME} is at {where}.",)
    if service.kind is ServiceKind.UWS:
        raise InputError("A job list is no portal.")
    asked = alone.model_copy(update={"kind": ServiceKind.TAP}) if service.kind in _ONE_ROW else alone
    answer = search(
        http,
        asked,
        _FIELD,
        adql=_ONE_ROW.get(service.kind),
        max_rows=1,
        timeout=TIMEOUT,
        cancelled=cancelled,
    )
    columns = f"{len(answer.table.colnames):,} columns"
    if service.kind in _ONE_ROW:
        return (f"It answers queries ({columns}).",)
    has = "nothing" if not answer.n_rows else "something"
    return (f"It answers, with {columns}; it has {has} in a small field around {_NAME}.",)
