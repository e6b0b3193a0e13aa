"""A session as rows of its file: the document's parts, a row a form, a row a run; only what differs is written."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import TypeAdapter

from stopdesk.domain.run import Run
from stopdesk.domain.session import Session

TABLES = (
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)",
    "CREATE TABLE document (name TEXT PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE form (model TEXT PRIMARY KEY, json TEXT NOT NULL)",
    "CREATE TABLE run (key TEXT PRIMARY KEY, place INTEGER NOT NULL, json TEXT NOT NULL)",
)

#: User name and password in a URL: they never go to the file, wherever in the session the URL stands.
USER_INFO = re.compile(r'(?<=://)[^/?#\s"\\<>@]*@')

_ROWS_OF_THEIR_OWN = {"forms", "runs"}
_ANYTHING: TypeAdapter[Any] = TypeAdapter(Any)


def _text(value: Any) -> str:
    return USER_INFO.sub("", _ANYTHING.dump_json(value).decode())


def _document(session: Session) -> dict[str, str]:
    names = [name for name in Session.model_fields if name not in _ROWS_OF_THEIR_OWN]
    return {name: _text(getattr(session, name)) for name in names}


def read(connection: sqlite3.Connection) -> Session:
    """The session in the file; ValueError when the rows are not one."""
    parts: dict[str, Any] = {name: json.loads(text) for name, text in connection.execute("SELECT * FROM document")}
    parts["forms"] = {model: json.loads(text) for model, text in connection.execute("SELECT * FROM form")}
    parts["runs"] = [json.loads(text) for (text,) in connection.execute("SELECT json FROM run ORDER BY place, key")]
    return Session.model_validate(parts)


#: The runs that are known to be in the file as they are, by key, with their places there.
Known = dict[str, tuple[int, Run]]


def write(connection: sqlite3.Connection, session: Session, known: Known | None = None) -> Known:
    """Make the rows say what the session says, inside the caller's transaction; gives what is known of them then.

    With what an earlier call gave, only runs that are others since cost anything, among however many.
    """
    _write_texts(connection, "document", "name", _document(session))
    _write_texts(connection, "form", "model", {model: _text(form) for model, form in session.forms.items()})
    old: dict[str, tuple[int, Run | str]] = dict(known) if known is not None else _runs(connection)
    now: Known = {}
    place = -1
    for run in session.runs:
        was, before = old.pop(run.key, (-1, ""))
        place = was if was > place else place + 1  # a place once given is kept while the order allows it
        now[run.key] = place, run
        if was == place and before is run:
            continue
        new = _text(run)
        if was != place or before != new:
            connection.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?)", (run.key, place, new))
    _delete(connection, "run", "key", old)
    return now


def _runs(connection: sqlite3.Connection) -> dict[str, tuple[int, Run | str]]:
    """The rows of the runs by key, with their places."""
    return {key: (place, text) for key, place, text in connection.execute("SELECT key, place, json FROM run")}


def _write_texts(connection: sqlite3.Connection, table: str, key: str, texts: Mapping[str, str]) -> None:
    old = dict(connection.execute(f"SELECT * FROM {table}"))
    for name, text in texts.items():
        if old.pop(name, None) != text:
            connection.execute(f"INSERT OR REPLACE INTO {table} VALUES (?, ?)", (name, text))
    _delete(connection, table, key, old)


def _delete(connection: sqlite3.Connection, table: str, key: str, names: Iterable[str]) -> None:
    connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(name,) for name in names])


def uses(session: Session) -> str:
    """A text in which the sha256 of every file that the session speaks of occurs."""
    files = (file for run in session.runs for file in (*run.attachments.values(), *run.results.values()))
    asked = (value for run in session.runs for value in run.request.values())
    return "\n".join([session.model_dump_json(exclude={"runs"}), *(file.sha256 for file in files), *asked])
