"""What programs say to each other over SAMP: our messages made, theirs read into values of ours.

The names are those of the IVOA's list of MTypes (wiki.ivoa.net, SampMTypes, revision 19) and of SAMP 1.3. Every string
that leaves is ASCII and every number goes as a string: JSAMP's hubs refuse all else.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stopdesk.errors import InputError
from stopdesk.samp.lines import one_line

TABLE_VOTABLE = "table.load.votable"
TABLE_FITS = "table.load.fits"
SPECTRUM = "spectrum.load.ssa-generic"
IMAGE = "image.load.fits"
POINT_AT = "coord.pointAt.sky"
SELECT_ROWS = "table.select.rowList"
HIGHLIGHT_ROW = "table.highlight.row"
SCRIPT = "script.aladin.send"
RESOURCES = "voresource.loadlist"
#: The kinds of service that a list of resources may be limited to, after "voresource.loadlist.".
RESOURCE_KINDS = ("cone", "siap", "ssap", "tap")
#: Messages that offer services.
OFFERS_RESOURCES = (RESOURCES, *(f"{RESOURCES}.{kind}" for kind in RESOURCE_KINDS))

#: All that we take, besides ping and what hubs say.
TAKEN = (
    TABLE_VOTABLE,
    TABLE_FITS,
    SPECTRUM,
    IMAGE,
    POINT_AT,
    SELECT_ROWS,
    HIGHLIGHT_ROW,
    *OFFERS_RESOURCES,
)

#: More rows than this, or services, are not taken from another program.
MAX_ROWS = 20_000_000
MAX_RESOURCES = 10_000
_MAX_TEXT = 20_000
_MAX_IDENTIFIER = 500

_NAMED = str.maketrans({"µ": "u", "μ": "u", "−": "-", "–": "-", "—": "-", "×": "x", "Å": "A", "″": '"', "′": "'"})


@dataclass(frozen=True)
class Message:
    """What is said: an MType and its parameters, strings, lists of strings or maps of strings, all ASCII."""

    mtype: str
    params: Mapping[str, Any] = field(default_factory=dict)


def ascii_text(text: str) -> str:
    """The text with everything that is not printable ASCII spelt as near as may be."""
    plain = unicodedata.normalize("NFKD", text.translate(_NAMED))
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return "".join(each if " " <= each <= "~" else " " if each.isspace() else "?" for each in kept)


def _label(name: str) -> str:
    return re.sub("[:/]+ ?", " ", ascii_text(name)).strip()


# ---- said by us ------------------------------------------------------------------------------------------------------


def load_table(url: str, table_id: str, name: str, *, fits: bool) -> Message:
    """Load the table at an address (of a FITS file, else of a VOTable) and know it by ``table_id``.

    The name goes without colons and slashes: TOPCAT 4.8.7 was seen to show only what follows the last one, which of
    ALMA 16:32:22.9 -24:28:36.1 leaves 36.1.
    """
    params = {"url": ascii_text(url), "table-id": ascii_text(table_id), "name": _label(name)}
    return Message(TABLE_FITS if fits else TABLE_VOTABLE, params)


def load_spectrum(url: str, spectrum_id: str, name: str, meta: Mapping[str, str]) -> Message:
    """Load the spectrum at an address; ``meta`` says what it is, by SSA's names (Access.Format, Target.Name, ...)."""
    told = {ascii_text(key): ascii_text(value) for key, value in meta.items() if value}
    params = {"url": ascii_text(url), "spectrum-id": ascii_text(spectrum_id), "name": ascii_text(name), "meta": told}
    return Message(SPECTRUM, params)


def load_image(url: str, image_id: str, name: str) -> Message:
    """Load the FITS image at an address."""
    return Message(IMAGE, {"url": ascii_text(url), "image-id": ascii_text(image_id), "name": ascii_text(name)})


def point_at(ra: float, dec: float) -> Message:
    """Go to a position, in degrees (ICRS)."""
    return Message(POINT_AT, {"ra": repr(float(ra)), "dec": repr(float(dec))})


def select_rows(table_id: str, url: str, rows: ArrayLike) -> Message:
    """Select these rows, numbered from 0 in the order in which they were sent, and no others."""
    numbers = np.asarray(rows, dtype=np.int64).ravel().tolist()
    texts = [str(number) for number in numbers]  # not by map, which would keep other threads waiting to its end
    return Message(SELECT_ROWS, {"table-id": table_id, "url": ascii_text(url), "row-list": texts})


def highlight_row(table_id: str, url: str, row: int) -> Message:
    """Show which row is looked at."""
    return Message(HIGHLIGHT_ROW, {"table-id": table_id, "url": ascii_text(url), "row": str(int(row))})


def aladin_script(script: str) -> Message:
    """Have Aladin do these commands; it never answers."""
    return Message(SCRIPT, {"script": "\n".join(map(ascii_text, script.splitlines()))})


def load_resources(identifiers: Sequence[str], name: str, kind: str = "") -> Message:
    """Offer these services, by their identifiers in the registry (ivo://...), of one kind of `RESOURCE_KINDS` or any.

    Identifiers are the keys of a map whose values may be anything, as the MType wants it.
    """
    ids = {ascii_text(each): "" for each in identifiers}
    return Message(f"{RESOURCES}.{kind}" if kind else RESOURCES, {"ids": ids, "name": ascii_text(name)})


# ---- said to us ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TableThere:
    """There is a table at an address; ``table_id`` and ``name`` may be empty."""

    url: str
    table_id: str
    name: str
    is_fits: bool


@dataclass(frozen=True)
class SpectrumThere:
    """There is a spectrum at an address, and what its sender says of it."""

    url: str
    spectrum_id: str
    name: str
    meta: Mapping[str, str]


@dataclass(frozen=True)
class ImageThere:
    """There is a FITS image at an address."""

    url: str
    image_id: str
    name: str


@dataclass(frozen=True)
class Pointing:
    """Somebody looks at a position, in degrees (ICRS)."""

    ra: float
    dec: float


@dataclass(frozen=True, eq=False)
class RowsSelected:
    """Rows of a table were selected; ``rows`` of shape (n,), ascending, each once, numbered as they were sent."""

    table_id: str
    url: str
    rows: NDArray[np.int64]


@dataclass(frozen=True)
class RowHighlighted:
    """A row of a table is looked at."""

    table_id: str
    url: str
    row: int


@dataclass(frozen=True)
class ResourcesOffered:
    """Services are offered, by their identifiers in the registry; ``kind`` is one of `RESOURCE_KINDS`, or empty."""

    identifiers: tuple[str, ...]
    name: str
    kind: str


Content = TableThere | SpectrumThere | ImageThere | Pointing | RowsSelected | RowHighlighted | ResourcesOffered


def read_message(mtype: str, params: Mapping[str, Any]) -> Content:
    """What a message says; InputError, with a sentence, where it does not say what its MType wants."""
    reader = _READERS.get(mtype)
    if reader is not None:
        return reader(params)
    if mtype in OFFERS_RESOURCES:
        return _resources(params, mtype.removeprefix(RESOURCES).removeprefix("."))
    raise InputError(f"{mtype} is no message that stopdesk knows.")


def _table(params: Mapping[str, Any], *, is_fits: bool) -> TableThere:
    return TableThere(_url(params), _text(params, "table-id"), one_line(_text(params, "name")), is_fits)


def _spectrum(params: Mapping[str, Any]) -> SpectrumThere:
    meta = params.get("meta", {})
    told = meta if isinstance(meta, Mapping) else {}
    plain = {str(key)[:_MAX_TEXT]: value[:_MAX_TEXT] for key, value in told.items() if isinstance(value, str)}
    return SpectrumThere(_url(params), _text(params, "spectrum-id"), one_line(_text(params, "name")), plain)


def _image(params: Mapping[str, Any]) -> ImageThere:
    return ImageThere(_url(params), _text(params, "image-id"), one_line(_text(params, "name")))


def _pointing(params: Mapping[str, Any]) -> Pointing:
    ra, dec = (_number(params, name) for name in ("ra", "dec"))
    if not -90.0 <= dec <= 90.0:
        raise InputError(f"The position has a declination of {dec:g} degrees.")
    return Pointing(ra % 360.0, dec)


def _selected(params: Mapping[str, Any]) -> RowsSelected:
    rows = params.get("row-list")
    if not isinstance(rows, list | tuple):
        raise InputError("The selection has no list of rows (row-list).")
    if len(rows) > MAX_ROWS:
        raise InputError(f"The selection has {len(rows):,} rows; at most {MAX_ROWS:,} are taken.")
    return RowsSelected(*_which_table(params), _row_numbers(rows))


def _highlighted(params: Mapping[str, Any]) -> RowHighlighted:
    row = _row_numbers([params.get("row")])
    return RowHighlighted(*_which_table(params), int(row[0]))


def _resources(params: Mapping[str, Any], kind: str) -> ResourcesOffered:
    ids = params.get("ids")
    if not isinstance(ids, Mapping | list | tuple):
        raise InputError("The list of services has no identifiers (ids).")
    if len(ids) > MAX_RESOURCES:
        raise InputError(f"The list has {len(ids):,} services; at most {MAX_RESOURCES:,} are taken.")
    named = dict.fromkeys(one_line(each, _MAX_IDENTIFIER) for each in ids if isinstance(each, str))
    named.pop("", None)
    if not named:
        raise InputError("The list of services is empty.")
    return ResourcesOffered(tuple(named), one_line(_text(params, "name")), kind)


def _which_table(params: Mapping[str, Any]) -> tuple[str, str]:
    table_id, url = _text(params, "table-id"), _text(params, "url")
    if not (table_id or url):
        raise InputError("It is not said which table is meant (neither table-id nor url).")
    return table_id, url


def _row_numbers(rows: Sequence[Any]) -> NDArray[np.int64]:
    try:
        if any(isinstance(row, float) for row in rows):
            raise ValueError
        numbers = np.array([int(row) for row in rows], dtype=np.int64)
    except (TypeError, ValueError, OverflowError):
        raise InputError("A row is not given by a whole number.") from None
    if numbers.size and int(numbers.min()) < 0:
        raise InputError("A row has a number below 0.")
    return np.unique(numbers)


def _url(params: Mapping[str, Any]) -> str:
    url = _text(params, "url").strip()
    if not url:
        raise InputError("It is not said where the data are (url).")
    return url


def _number(params: Mapping[str, Any], name: str) -> float:
    value = params.get(name)
    try:
        number = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        said = one_line(value, 40) if isinstance(value, str) else "something"
        raise InputError(f"The position has {said or 'nothing'} for {name}, which is no number of degrees.")
    return number


def _text(params: Mapping[str, Any], name: str) -> str:
    value = params.get(name, "")
    return value[:_MAX_TEXT] if isinstance(value, str) else ""


_READERS: Mapping[str, Callable[[Mapping[str, Any]], Content]] = {
    TABLE_VOTABLE: lambda params: _table(params, is_fits=False),
    TABLE_FITS: lambda params: _table(params, is_fits=True),
    SPECTRUM: _spectrum,
    IMAGE: _image,
    POINT_AT: _pointing,
    SELECT_ROWS: _selected,
    HIGHLIGHT_ROW: _highlighted,
}
