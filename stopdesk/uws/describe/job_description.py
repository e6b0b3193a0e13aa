"""Reads OPUS' job description in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from stopdesk.domain.spec import ModelSpec, Uploads
from stopdesk.errors import Malformed
from stopdesk.net.answer import host_of
from stopdesk.uws.describe.drafts import Draft, name_of, spec_of, told_in_words
from stopdesk.uws.describe.votables import used_draft
from stopdesk.uws.values import is_true


def read_jdl_json(document: bytes, url: str) -> ModelSpec:
    """The spec of a job description from ``url``, in the order that the description names."""
    try:
        found = json.loads(document.decode("utf-8", "replace"))
    except (ValueError, RecursionError) as error:
        raise Malformed(f"{host_of(url)} sent a job description that is no JSON.", url=url) from error
    parameters = found.get("parameters") if isinstance(found, dict) else None
    if not isinstance(parameters, dict):
        raise Malformed(f"{host_of(url)} sent JSON that is no job description.", url=url)
    drafts = {name: _draft(name, parameters[name]) for name in _in_order(parameters, found.get("parameters_keys"))}
    used = found.get("used")
    if isinstance(used, dict):
        for name in _in_order(used, found.get("used_keys")):
            words = _words(used[name])
            draft = used_draft(name, words.get("annotation", ""), words.get("url", ""), words.get("content_type", ""))
            if name not in drafts or draft.is_file:
                drafts[name] = draft
    return spec_of(
        drafts.values(),
        origin=url,
        name=_text(found.get("name")) or name_of(url),
        description=_text(found.get("annotation")),
        uploads=Uploads.PART,
    )


def _in_order(named: Mapping[str, Any], keys: object) -> list[str]:
    """The names in the order of ``keys``, those that it forgets at the end."""
    first = [key for key in keys if isinstance(key, str) and key in named] if isinstance(keys, list) else []
    return list(dict.fromkeys([*first, *named]))


def _words(raw: object) -> dict[str, str]:
    return {name: _text(value) for name, value in raw.items()} if isinstance(raw, dict) else {}


def _text(raw: object) -> str:
    """A scalar as text; anything else is nothing."""
    if isinstance(raw, bool):
        return "true" if raw else "false"
    return str(raw) if isinstance(raw, (str, int, float)) else ""


def _draft(name: str, raw: object) -> Draft:
    """One parameter; the options are one text parted by commas, or a list."""
    words = _words(raw)
    listed = raw.get("options") if isinstance(raw, dict) else None
    options = [_text(option) for option in listed] if isinstance(listed, list) else words.get("options", "").split(",")
    multiplicity = words.get("multiplicity", "").strip()
    return told_in_words(
        Draft(
            name=name,
            type_word=words.get("datatype", "") or "string",
            unit=words.get("unit", ""),
            ucd=words.get("ucd", ""),
            help=words.get("annotation", ""),
            required=is_true(words.get("required", "true")),
            minimum=words.get("min", ""),
            maximum=words.get("max", ""),
            options=tuple((option, option) for option in options if option.strip()),
            default=words.get("default", ""),
            is_repeated=multiplicity == "*" or (multiplicity.isdigit() and int(multiplicity[:6]) > 1),
        )
    )
