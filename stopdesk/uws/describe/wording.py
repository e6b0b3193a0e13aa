"""What a description says of a parameter in words only: its range, options and default, and whether it is repeated."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
_END = r"\.(?=\s|$)"

#: The sentences of our own services' capabilities.
_RANGE = re.compile(rf"(?:^|\s)Range: (?P<words>.+?){_END}")
_OPTIONS = re.compile(rf"(?:^|\s)Options: (?P<words>.+?){_END}")
_DEFAULT = re.compile(rf"(?:^|\s)Default: (?P<words>.+?){_END}")
_AXIS = re.compile(rf"(?:^|\s)An axis of a grid is written \S+ or \S+?{_END}")
_FILE = re.compile(r"(?:^|\s)Upload a part (?:of this name, or send|PART and announce it as) .*$")

_BOUNDS = re.compile(
    rf"(?P<kind>above |at least |at most )?(?P<first>{_NUMBER})(?: to (?P<last>{_NUMBER}))?[^,]*"
    r"(?P<words>(?:, or \w+)*)"
)
_BETWEEN = re.compile(rf"must be between (?P<first>{_NUMBER}) and (?P<last>{_NUMBER})", re.IGNORECASE)
_ONE_OF = re.compile(r"one of:? (?P<words>[\w.+*-]+(?:(?:, or |, | or )[\w.+*-]+)+)", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(default[:=]?\s*(?P<words>[^\s()]+)\)", re.IGNORECASE)
_REPEAT = re.compile(
    r"(?:^|[;:,.(]\s*)repeat(?!\w)(?! its\b| the\b)"
    r"|\b(?:may|can|could|to) be (?:repeated|given (?:several|multiple))\b"
    r"|\brepeatable\b|\b(?:multiple|several) values (?:are )?(?:allowed|permitted|possible)\b",
    re.IGNORECASE,
)

#: How DaCHS describes a file that goes as a DALI upload: its name, and what it is for.
UPLOAD = re.compile(r"of the form '(?P<name>[^',\s]+),URL'(?:.*Purpose of the upload: (?P<purpose>.*))?", re.DOTALL)


@dataclass(frozen=True)
class Said:
    """What the words of a description say; ``help`` is the rest of them."""

    help: str
    minimum: str = ""
    maximum: str = ""
    above: bool = False
    words: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    default: str = ""
    is_number: bool = False
    is_axis: bool = False
    is_repeated: bool = False


def read_words(text: str) -> Said:
    """Read a description; what is not said in so many words is left out."""
    spans = {name: pattern.search(text) for name, pattern in (("range", _RANGE), ("default", _DEFAULT))}
    options, axis = _OPTIONS.search(text), _AXIS.search(text)
    minimum, maximum, above, words = _bounds(spans["range"]["words"] if spans["range"] else "")
    is_number = bool(minimum or maximum)  # only our own sentence makes a number of what the service calls text
    between = _BETWEEN.search(text)
    if between is not None and not (minimum or maximum):
        minimum, maximum = between["first"], between["last"]
    one_of = _ONE_OF.search(text)
    default = spans["default"] or _IN_BRACKETS.search(text)
    rest = text
    for pattern in (_RANGE, _OPTIONS, _DEFAULT, _AXIS, _FILE):
        rest = pattern.sub("", rest)
    listed = options["words"].split(", ") if options else re.split(r", or |, | or ", one_of["words"]) if one_of else []
    return Said(
        help=rest.strip(),
        minimum=minimum,
        maximum=maximum,
        above=above,
        words=words,
        options=tuple(option.strip().rstrip(".") for option in listed),
        default=default["words"].strip() if default else "",
        is_number=is_number or axis is not None,
        is_axis=axis is not None,
        is_repeated=_REPEAT.search(text) is not None,
    )


def _bounds(words: str) -> tuple[str, str, bool, tuple[str, ...]]:
    """Minimum, maximum, whether the minimum itself is left out, and the words beside numbers, from a range in words."""
    match = _BOUNDS.fullmatch(words.strip())
    if match is None:
        tail = re.fullmatch(r"any number(?P<words>(?:, or \w+)*)", words.strip())
        return "", "", False, _alternatives(tail["words"]) if tail else ()
    kind, first, last = (match["kind"] or "").strip(), match["first"], match["last"] or ""
    if kind == "at most":
        return "", first, False, _alternatives(match["words"])
    if not (last or kind):
        return "", "", False, ()
    return first, last, kind == "above", _alternatives(match["words"])


def _alternatives(text: str) -> tuple[str, ...]:
    return tuple(word for word in text.split(", or ") if word)
