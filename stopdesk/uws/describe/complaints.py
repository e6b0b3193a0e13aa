"""Finds the parameter that a server's error text is about."""

from __future__ import annotations

import re

from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import Problem
from stopdesk.net.documents import shorten

#: More of a server's text than this is not searched.
_MAX_TEXT = 20_000

#: A name behind one of these words is meant as a name.
_SAID = r"(?:field|parameter|param|keyword|argument|option|key|input)\s+"


def problems_from_error(text: str, spec: ModelSpec) -> tuple[Problem, ...]:
    """The error text as a problem of the parameters that it names, or of none of them.

    A name counts as a whole word in any case. Where the text says ``Field NAME``, as DaCHS does, or quotes the name,
    only those count; a name of one letter counts in no other way.
    """
    text = text[:_MAX_TEXT]
    names = [parameter.name for parameter in spec.parameters]
    meant = tuple(name for name in names if re.search(_pattern(name, pointed=True), text, re.IGNORECASE))
    if not meant:
        words = (name for name in names if len(name) > 1)
        meant = tuple(name for name in words if re.search(_pattern(name, pointed=False), text, re.IGNORECASE))
    words_of_server = shorten(text)
    return (Problem(meant, words_of_server),) if words_of_server else ()


def _pattern(name: str, *, pointed: bool) -> str:
    word = rf"(?<![\w-]){re.escape(name)}(?![\w-])"
    return rf"{_SAID}['\"‘“`]?{word}|['\"‘“`]{word}['\"’”`]" if pointed else word
