"""Finds the parameters that a server's error text is about."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import Problem
from stopdesk.net.documents import shorten

#: More of a server's text than this is not searched.
_MAX_TEXT = 20_000

#: A name behind one of these words is meant as a name.
_SAID = r"(?:field|parameter|param|keyword|argument|option|key|input)\s+"


def problems_from_error(text: str, spec: ModelSpec) -> tuple[Problem, ...]:
    """The error text as problems of the parameters that it names, or of none of them.

    A name or label counts as whole words in any case. Where sentences begin with ``NAME:``, as those of our own
    services do, each is a problem of its own. Where the text says ``Field NAME``, as DaCHS does, or quotes the name,
    only those count; a name of one letter counts in no other way, nor does a word inside a longer name or label.
    """
    lines = (" ".join(line.split()) for line in text[:_MAX_TEXT].splitlines())
    text = "\n".join(line for line in lines if line)  # long runs of blanks would be gone through again and again
    phrases = _phrases(spec)
    apart = _sentences(text, phrases)
    if apart:
        return apart
    meant = _named(text, phrases, pointed=True) or _named(text, phrases, pointed=False)
    words_of_server = shorten(text)
    return (Problem(meant, words_of_server),) if words_of_server else ()


def _phrases(spec: ModelSpec) -> dict[str, tuple[str, ...]]:
    """What parameters may be called, in lower case, each with the names of those that are called so."""
    phrases: dict[str, tuple[str, ...]] = {}
    for parameter in spec.parameters:
        bare = re.sub(r"\s*\([^)]*\)$", "", parameter.label)
        plain = unicodedata.normalize("NFKC", bare)  # H₂ as H2
        for phrase in dict.fromkeys(word.lower() for word in (parameter.name, parameter.label, bare, plain) if word):
            phrases[phrase] = (*phrases.get(phrase, ()), parameter.name)
    return phrases


def _whole(phrases: Iterable[str]) -> str:
    """A pattern for any of the phrases, as whole words; the longest first."""
    return rf"(?<![\w-])(?:{'|'.join(map(re.escape, sorted(phrases, key=len, reverse=True)))})(?![\w-])"


def _sentences(text: str, phrases: dict[str, tuple[str, ...]]) -> tuple[Problem, ...]:
    """The problems of a text whose sentences begin with ``NAME:`` or ``NAME, NAME:``; none where they do not."""
    if not phrases:
        return ()
    word = _whole(phrases)
    heads = list(re.finditer(rf"(?:^|(?<=[.!?\n])\s)\s*({word}(?:, {word})*): ", text, re.IGNORECASE))
    ends = [*(head.start() for head in heads[1:]), len(text)]
    problems = []
    for number, (head, end) in enumerate(zip(heads, ends, strict=False)):
        before = text[: head.start()] if number == 0 else ""
        said = shorten(f"{before} {text[head.end() : end]}")
        names = [name for called in head[1].split(", ") for name in phrases.get(called.lower(), ())]
        if said and names:
            problems.append(Problem(tuple(dict.fromkeys(names)), said))
    return tuple(problems)


def _named(text: str, phrases: dict[str, tuple[str, ...]], *, pointed: bool) -> tuple[str, ...]:
    """The parameters that the text names, in the order of the spec."""
    if not pointed:
        phrases = {phrase: names for phrase, names in phrases.items() if len(phrase) > 1}
    if not phrases:
        return ()
    word = _whole(phrases)
    pattern = rf"{_SAID}['\"‘“`]?({word})|['\"‘“`]({word})['\"’”`]" if pointed else f"({word})"
    found = re.finditer(pattern, text, re.IGNORECASE)
    named = {name for match in found for name in phrases[next(filter(None, match.groups())).lower()]}
    return tuple(name for name in dict.fromkeys(sum(phrases.values(), ())) if name in named)
