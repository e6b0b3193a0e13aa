"""Spectra in text: ECSV, and columns of numbers under a line that names them with their units."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stopdesk.domain.spectrum import HeaderCard
from stopdesk.formats.spectra.axes import UnclearError
from stopdesk.formats.spectra.headers import Header
from stopdesk.formats.spectra.tables import Column, table_columns

FloatArray = NDArray[np.float64]

_COMMENT = "#!%;"
_NAMED = re.compile(r"\s*([^\[(]*?)\s*[\[(]([^\])]*)[\])]\s*")
_NOTHING = ("", "--", "-", "null", "na", "n/a", "none")
_NO_COLUMNS = "is text, but not one of columns of numbers"
_KEY = re.compile(r"([A-Za-z][\w .*-]{1,30}?)\s*[:=]\s*(\S.*)")


def read_text(data: bytes) -> tuple[Header, list[Column]]:
    """Header and columns of a text; UnclearError where it is not one of columns of numbers."""
    if data.startswith(b"# %ECSV"):
        return _ecsv(data)
    text = _decoded(data)
    comments, names, body, delimiter = _parts(text)
    numbers = _numbers(body, delimiter)
    if not names:
        raise UnclearError("has columns of numbers, but no line that names them, such as Frequency [GHz], Flux [Jy]")
    if len(names) != numbers.shape[1]:
        raise UnclearError(f"names {len(names)} columns, but has {numbers.shape[1]}")
    columns = [Column(name, numbers[:, i], unit) for i, (name, unit) in enumerate(names)]
    return Header(tuple(_card(line) for line in comments)), columns


def _numbers(body: str, delimiter: str | None) -> FloatArray:
    """The numbers as an array of shape (rows, columns); NaN where a cell is empty or says that there is none."""
    try:
        numbers = np.loadtxt(io.StringIO(body), delimiter=delimiter, comments="#", ndmin=2)
    except ValueError:  # for empty cells, which cost a hundred times as long
        numbers = _patchy_numbers(body, delimiter)
    if numbers.shape[1] < 2:
        raise UnclearError(_NO_COLUMNS)
    return numbers


def _patchy_numbers(body: str, delimiter: str | None) -> FloatArray:
    rows: list[list[float]] = []
    for line in body.splitlines():
        words = line.partition("#")[0].split(delimiter)
        if not any(word.strip() for word in words):
            continue
        try:
            rows.append([float("nan" if word.strip().lower() in _NOTHING else word) for word in words])
        except ValueError as error:
            raise UnclearError(f"{_NO_COLUMNS}; one line is {line.strip()[:40]!r}") from error
        if len(words) != len(rows[0]):
            raise UnclearError(f"has lines of {len(rows[0])} and of {len(words)} columns; one is {line.strip()[:40]!r}")
    return np.array(rows, dtype=np.float64).reshape(len(rows), -1)


def _decoded(data: bytes) -> str:
    if b"\0" in data[:65536]:
        raise UnclearError("is no FITS file, no VOTable and no text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _parts(text: str) -> tuple[list[str], list[tuple[str, str]], str, str | None]:
    """Comments, names with units, the lines of numbers, and what parts them (None: blanks)."""
    comments: list[str] = []
    start = 0
    first = ""
    for line in io.StringIO(text):
        if line.strip() and line.lstrip()[0] not in _COMMENT:
            first = line
            break
        comments.append(line.strip().lstrip(_COMMENT).strip())
        start += len(line)
    delimiter = next((each for each in (",", ";", "\t") if each in first), None)
    comments = [line for line in comments if line]
    if _are_numbers(first, delimiter):
        last = comments[-1] if comments else ""
        names = _names(last, next((each for each in (",", ";", "\t") if each in last), None))
        n_columns = len(first.split(delimiter))
        return comments, names if len(names) == n_columns else [], text[start:], delimiter
    return comments, _names(first, delimiter), text[start + len(first) :], delimiter


def _are_numbers(line: str, delimiter: str | None) -> bool:
    for word in line.split(delimiter):
        try:
            float(word.strip() or "nan")
        except ValueError:
            return False
    return True


def _names(line: str, delimiter: str | None) -> list[tuple[str, str]]:
    """Names with units: ``Frequency [GHz], Flux (Jy)``; by blanks only where each has a unit, or none has."""
    if delimiter is None:
        named = _NAMED.findall(line)
        if named:
            return [(name.strip(" |"), unit) for name, unit in named]
        return [(word, "") for word in line.split()]
    found = []
    for word in line.split(delimiter):
        plain = word.strip().strip('"')
        match = _NAMED.fullmatch(plain)
        found.append((match[1], match[2]) if match else (plain, ""))
    return found


def _card(line: str) -> HeaderCard:
    match = _KEY.fullmatch(line)
    return HeaderCard(match[1].strip(), match[2].strip()) if match else HeaderCard("COMMENT", line)


def _ecsv(data: bytes) -> tuple[Header, list[Column]]:
    """Header and columns of an ECSV file (APE 6, https://docs.astropy.org/en/stable/io/ascii/ecsv.html)."""
    from astropy.table import Table  # late: slow to import

    try:
        table = Table.read(io.BytesIO(data), format="ascii.ecsv")
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UnclearError(f"is no ECSV file that can be read: {str(error).strip().splitlines()[0]}") from error
    return Header(_cards(table.meta)), list(table_columns(table))


def _cards(meta: object) -> tuple[HeaderCard, ...]:
    pairs: Sequence[tuple[object, object]] = list(meta.items()) if isinstance(meta, dict) else []
    cards = []
    for name, value in pairs:
        values = value if isinstance(value, list) and str(name) in ("comments", "COMMENT", "HISTORY") else [value]
        cards += [HeaderCard("COMMENT" if name == "comments" else str(name), str(each)) for each in values]
    return tuple(cards)
