"""Specs that were read from a service's description as documents of plain values, for the session, and back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from typing import Any

from pydantic import TypeAdapter, ValidationError

from stopdesk.domain.kinds import Flag, Integer, Several, Text
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Choice, FileInput, Number, Parameter
from stopdesk.domain.spec import Group, ModelSpec, Uploads
from stopdesk.errors import InputError

#: The version of the document.
VERSION = 1

_KINDS: dict[str, type[Parameter]] = {
    "number": Number,
    "integer": Integer,
    "choice": Choice,
    "flag": Flag,
    "text": Text,
    "file": FileInput,
    "several": Several,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}
_WORDS = ("name", "title", "summary", "description", "reference", "origin")


def unknown_time(_: Molecule | None) -> float:
    """The time of a row on somebody else's machine: not a number."""
    return math.nan


def spec_to_json(spec: ModelSpec) -> dict[str, Any]:
    """The document of a spec without rules, conditions, outputs and presets, as those of services are."""
    return {
        "version": VERSION,
        **{word: getattr(spec, word) for word in _WORDS},
        "free": spec.free,
        "uploads": spec.uploads.value,
        "groups": [{"name": g.name, "label": g.label, "advanced": g.advanced} for g in spec.groups],
        "parameters": [_to_json(parameter) for parameter in spec.parameters],
    }


def spec_from_json(document: Mapping[str, Any]) -> ModelSpec:
    """The spec of a document; InputError when it is none, or one of a newer version."""
    if document.get("version") != VERSION:
        raise InputError("The description of a service in this session is of another version of stopdesk.")
    texts = {word: text if isinstance(text := document.get(word), str) else "" for word in _WORDS}
    raw_groups, raw_parameters = document.get("groups"), document.get("parameters")
    if not (isinstance(raw_groups, list) and isinstance(raw_parameters, list)):
        raise InputError("The description of a service in this session is damaged: it has no parameters.")
    groups = tuple(_validated("group", group) for group in raw_groups)
    parameters = tuple(_from_json(raw) for raw in raw_parameters)
    if len({parameter.name for parameter in parameters}) < len(parameters):
        raise InputError("The description of a service in this session is damaged: a parameter is there twice.")
    if not {parameter.group for parameter in parameters} <= {group.name for group in groups}:
        raise InputError("The description of a service in this session is damaged: a parameter is in no group.")
    free = document.get("free") is True
    return ModelSpec(
        name=texts["name"],
        title=texts["title"],
        summary=texts["summary"],
        description=texts["description"],
        reference=texts["reference"],
        origin=texts["origin"],
        groups=groups,
        parameters=parameters,
        outputs=(),
        presets=(),
        seconds_per_row=unknown_time,
        free=free,
        uploads=_uploads(document.get("uploads"), free=free),
    )


def _uploads(word: object, *, free: bool) -> Uploads:
    """How files go; a word that is not known, or none, is what most services of the kind take."""
    return next((each for each in Uploads if each == word), Uploads.EITHER if free else Uploads.REFERENCE)


def _to_json(parameter: Parameter) -> dict[str, Any]:
    values: dict[str, Any] = {"kind": _NAMES[type(parameter)]}
    for field in fields(parameter):
        value = getattr(parameter, field.name)
        if isinstance(value, Parameter):
            value = _to_json(value)
        values[field.name] = list(value) if isinstance(value, tuple) else value
    return values


def _from_json(raw: object) -> Parameter:
    if not isinstance(raw, Mapping) or raw.get("kind") not in _KINDS:
        raise InputError("The description of a service in this session has a kind of parameter that is not known.")
    values = {str(name): value for name, value in raw.items() if name != "kind"}
    if raw["kind"] == "several":
        values["each"] = _from_json(values.get("each"))
    parameter = _validated(raw["kind"], values)
    assert isinstance(parameter, Parameter)
    return parameter


def _validated(kind: str, values: object) -> Any:
    """The declaration that the values make; InputError says which of them is wrong."""
    try:
        return _adapter(kind).validate_python(values)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"]) or kind
        text = f"The description of a service in this session is damaged: {where}: {first['msg']}."
        raise InputError(text) from error


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    return TypeAdapter(Group if kind == "group" else _KINDS[kind])
