"""One parameter as a description has it, still all text; and the spec that a list of them makes, within bounds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from stopdesk.domain.kinds import Flag, Integer, Several, Text
from stopdesk.domain.parameter import Choice, FileInput, Number, Parameter, read_number
from stopdesk.domain.spec import Group, ModelSpec, Uploads
from stopdesk.domain.spec_document import unknown_time
from stopdesk.errors import InputError, Malformed
from stopdesk.net.answer import host_of
from stopdesk.net.documents import shorten
from stopdesk.uws.describe.units import offered
from stopdesk.uws.describe.wording import read_words

#: Bounds on what a form is made of; no service that is meant for people comes near them.
MAX_PARAMETERS = 100
MAX_OPTIONS = 500
_MAX_NAME = 100
_MAX_LABEL = 32
_MAX_HELP = 600
_MAX_READ = 6000

#: What steers the job rather than the model (UWS 1.1, section 2.2.3; DALI 1.1, section 3.4.5); we say it ourselves.
STEERING = frozenset(
    ("PHASE", "ACTION", "WAIT", "RUNID", "EXECUTIONDURATION", "DESTRUCTION", "QUOTE", "UPLOAD", "REQUEST", "LANG")
)

_WHOLE = frozenset(("int", "integer", "short", "long", "byte", "unsignedbyte", "unsignedint", "unsignedlong"))
_COUNTING = frozenset(("nonnegativeinteger", "positiveinteger", "unsignedbyte", "unsignedint", "unsignedlong"))
_REAL = frozenset(("real", "float", "double", "decimal", "number", "doubleprecision", "doublecomplex", "floatcomplex"))
_TRUTH = frozenset(("boolean", "bool", "bit"))
_FILES = frozenset(("file", "application/octet-stream"))
_TEXT = frozenset(("char", "unicodechar", "string", "text", "token", "normalizedstring", "anyuri", "uri", ""))


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One described parameter; ``protocol`` marks those of a standard, ``options`` are pairs of value and label."""

    name: str
    type_word: str = "string"
    arraysize: str = ""
    unit: str = ""
    ucd: str = ""
    help: str = ""
    required: bool = False
    protocol: bool = False
    minimum: str = ""
    maximum: str = ""
    above: bool = False
    words: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    default: str = ""
    is_file: bool = False
    is_axis: bool = False
    is_repeated: bool = False
    group: str = "parameters"

    @property
    def kind(self) -> str:
        """The type in one word: lower case, without a prefix such as ``xs:``."""
        return re.sub(r"[\s_]", "", self.type_word.rpartition(":")[2]).lower()


def told_in_words(draft: Draft) -> Draft:
    """The draft with what only its help says; what the description says in its own elements counts more."""
    said = read_words(draft.help[:_MAX_READ])
    is_number = said.is_number and draft.kind in _TEXT
    numeric = draft.kind in _REAL or draft.kind in _WHOLE or is_number
    return replace(
        draft,
        type_word="real" if is_number else draft.type_word,
        arraysize="" if is_number else draft.arraysize,
        help=said.help,
        minimum=draft.minimum or (said.minimum if numeric else ""),
        maximum=draft.maximum or (said.maximum if numeric else ""),
        above=said.above and not draft.minimum,
        words=said.words if numeric else (),
        options=draft.options or tuple((option, option) for option in said.options if not numeric),
        default=draft.default or said.default,
        is_axis=draft.is_axis or (said.is_axis and numeric),
        is_repeated=draft.is_repeated or said.is_repeated,
    )


def spec_of(
    drafts: Iterable[Draft],
    *,
    origin: str,
    name: str = "",
    title: str = "",
    description: str = "",
    uploads: Uploads = Uploads.REFERENCE,
) -> ModelSpec:
    """The spec that a form is made of; Malformed when nothing is described."""
    found, notes = _sifted(drafts)
    if not found:
        raise Malformed(f"{host_of(origin)} does not describe any parameters at {urlsplit(origin).path}.", url=origin)
    has_required = any(draft.required for draft in found)
    parameters = tuple(parameter_of(replace(draft, group=_group(draft, has_required))) for draft in found)
    name = name or name_of(origin)
    description = shorten(description[:_MAX_READ], _MAX_HELP)
    return ModelSpec(
        name=name,
        title=shorten(title, 60) or name,
        summary=shorten(description, 120) or f"As {host_of(origin)} describes it",
        description=" ".join(part for part in (description, *notes) if part),
        reference=f"Read from {shorten(origin, 200)}",
        groups=(
            Group("required", "Required"),
            Group("parameters", "Optional" if has_required else "Parameters"),
            Group("protocol", "Of the protocol", advanced=True),
        ),
        parameters=parameters,
        outputs=(),
        presets=(),
        seconds_per_row=unknown_time,
        origin=origin,
        uploads=uploads,
    )


def name_of(url: str) -> str:
    """A service's short name: the last part of its path that is not common to all services."""
    parts = [unquote(part) for part in urlsplit(url).path.split("/") if part]
    common = {"capabilities", "async", "uws.xml", "jobs", "json", "api", "dlmeta", "dlasync", "sync"}
    own = [part for part in parts if part.lower() not in common]
    return shorten(own[-1] if own else host_of(url), _MAX_LABEL) or "service"


def _sifted(drafts: Iterable[Draft]) -> tuple[list[Draft], list[str]]:
    """What a form can hold: each name once, those of the standard marked; and a sentence about what was left out."""
    found: dict[str, Draft] = {}
    n_unusable = n_beyond = 0
    for draft in drafts:
        name = draft.name.strip()
        key = name.casefold()
        if name.upper() in STEERING:
            continue
        if not name or not name.isprintable() or len(name) > _MAX_NAME:
            n_unusable += 1
        elif key in found:
            found[key] = replace(found[key], protocol=found[key].protocol or draft.protocol)
        elif len(found) >= MAX_PARAMETERS:
            n_beyond += 1
        else:
            found[key] = replace(draft, name=name)
    notes = []
    if n_unusable:
        notes.append(f"{n_unusable} parameters are left out: their names cannot be used.")
    if n_beyond:
        notes.append(f"Only the first {MAX_PARAMETERS} of {MAX_PARAMETERS + n_beyond} parameters are shown.")
    return list(found.values()), notes


def _group(draft: Draft, has_required: bool) -> str:
    if draft.required and has_required:
        return "required"
    return "protocol" if draft.protocol else "parameters"


def parameter_of(draft: Draft) -> Parameter:
    """The declaration that a draft comes to; what makes no sense in it is left out."""
    common: dict[str, Any] = {
        "name": draft.name,
        "label": shorten(draft.name, _MAX_LABEL),
        "help": shorten(draft.help[:_MAX_READ], _MAX_HELP) or "The service does not say what this is.",
        "group": draft.group,
        "ucd": shorten(draft.ucd, 100),
        "required": draft.required,
    }
    if draft.is_file or draft.kind in _FILES:
        return FileInput(**common)
    each = _single(draft, common)
    least, most, is_array = _array(draft, each)
    if not (is_array or draft.is_repeated):
        return _with_default(each, draft.default)
    several = Several(**common, each=each, joined=is_array, least=least, most=most)
    return _with_default(several, draft.default)


def _single(draft: Draft, common: dict[str, Any]) -> Parameter:
    """The kind of one value."""
    options = _options(draft.options)
    units = offered(draft.unit)
    if options:
        return Choice(**common, options=tuple(options), labels=tuple(options.values()))
    if draft.kind in _WHOLE or draft.kind in _COUNTING:
        lowest = 1 if draft.kind == "positiveinteger" else 0 if draft.kind in _COUNTING else None
        low, high = _range(draft)
        least = lowest if low is None else math.ceil(low)
        most = None if high is None else math.floor(high)
        if least is not None and most is not None and least > most:
            least, most = None, None
        return Integer(**common, unit=units[0], minimum=least, maximum=most)
    if draft.kind in _REAL:
        low, high = _range(draft)
        above = draft.above and low is not None
        axis = draft.is_axis and not draft.is_repeated
        return Number(**common, units=units, minimum=low, maximum=high, above=above, axis=axis, words=draft.words)
    if draft.kind in _TRUTH:
        words = _truth_words(draft.default)
        return Flag(**common, words=words) if words else Flag(**common)
    if draft.kind not in _TEXT:
        common["help"] = f"{common['help']} (Type: {shorten(draft.type_word, 40)}.)"
    size = re.fullmatch(r"([1-9]\d{0,5})\*?", draft.arraysize.strip())
    return Text(**common, unit=units[0], max_length=int(size[1]) if size and draft.kind in _TEXT else None)


def _options(pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Options and their labels, each once; none where there are too many for a menu."""
    options: dict[str, str] = {}
    for value, label in pairs[: 10 * MAX_OPTIONS]:
        value = value.strip()
        if value and value.isprintable() and len(value) <= 200 and value not in options:
            label = shorten(label, 60)
            options[value] = f"{label} ({shorten(value, 60)})" if label not in ("", value) else shorten(value, 60)
    return options if len(options) <= MAX_OPTIONS else {}


def _range(draft: Draft) -> tuple[float | None, float | None]:
    """Both ends; none of them where they are the wrong way round."""
    low, high = _number(draft.minimum), _number(draft.maximum)
    return (None, None) if low is not None and high is not None and low > high else (low, high)


def _number(text: str) -> float | None:
    try:
        return read_number(text[:50]) if text.strip() else None
    except InputError:
        return None


def _truth_words(default: str) -> tuple[str, str] | None:
    """How the service writes yes and no, from its default."""
    pairs = (("True", "False"), ("true", "false"), ("1", "0"), ("T", "F"), ("yes", "no"), ("TRUE", "FALSE"))
    return next((pair for pair in pairs if default.strip() in pair), None)


def _array(draft: Draft, each: Parameter) -> tuple[int, int | None, bool]:
    """How many values at least and at most, and whether they are an array; VOTable 1.4, section 2.2."""
    size = draft.arraysize.strip()
    if isinstance(each, Text) or (isinstance(each, Choice) and draft.kind in _TEXT) or size in ("", "1"):
        return 0, None, False
    match = re.fullmatch(r"(?:(\d{1,4})x)*(?:(\d{1,4})(\*?)|(\*))", size)
    if match is None:
        return 0, None, False
    if match[4] or "x" in size:
        return 0, None, True
    most = int(match[2])
    return 0 if match[3] else most, most, True


def _with_default(parameter: Parameter, text: str) -> Parameter:
    """The parameter with its default, where that is a value it can have."""
    if not text.strip() or len(text) > _MAX_READ:
        return parameter
    try:
        value: Any = parameter.parse(text)
    except InputError:
        return parameter
    if isinstance(parameter, Number) and not isinstance(value, (float, str)):
        return parameter
    declared: Any = parameter  # every kind but a file has a default
    with_default: Parameter = replace(declared, default=value)
    return parameter if parameter.problem(value) else with_default
