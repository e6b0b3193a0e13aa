"""Spectra in VOTables: the columns by our reader, and what parameters and remarks say of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from stopdesk.domain.spectrum import HeaderCard
from stopdesk.formats.spectra.headers import Header
from stopdesk.formats.spectra.tables import Column, table_columns
from stopdesk.formats.votable import read_table

#: What parameters of the Spectral Data Model are called in FITS, by the end of their utype in lower case.
_KEYWORDS = {
    "target.name": "OBJECT",
    "spectralframe.refpos": "SPECSYS",
    "spectralframe.referenceposition": "SPECSYS",
    "char.spectralaxis.unit": "SPECTRALUNIT",
    "char.fluxaxis.unit": "BUNIT",
    "char.timeaxis.coverage.location.value": "DATE-OBS",
}


def read_votable(data: bytes, name: Path | str, max_bytes: int) -> tuple[Header, list[Column]]:
    """Header and columns of the first table; FileError where the VOTable cannot be read."""
    table = read_table(data, name=str(name), max_bytes=max_bytes)
    return _header(table.meta), list(table_columns(table))


def _header(meta: Mapping[str, Any]) -> Header:
    cards: list[HeaderCard] = []
    also: dict[str, str] = {}
    for element in _valued([meta.get(name) for name in ("infos", "params", "groups")]):
        value, utype, unit = str(element["value"]), str(element.get("utype", "")), str(element.get("unit", ""))
        comment = " ".join(filter(None, (f"[{unit}]" if unit else "", utype or str(element.get("ucd", "")))))
        cards.append(HeaderCard(str(element["name"]), value, comment))
        model = utype.lower().replace(":", ".")
        for end, keyword in _KEYWORDS.items():
            if model.endswith(f".{end}"):
                also.setdefault(keyword, value)
    return Header(tuple(cards), also)


def _valued(about: Any) -> Iterator[Mapping[str, Any]]:
    """Every INFO and PARAM in the metadata of a table, in groups and outside of them."""
    if isinstance(about, Mapping):
        if "name" in about and "value" in about:
            yield about
        else:
            for each in about.values():
                yield from _valued(each)
    elif isinstance(about, list):
        for each in about:
            yield from _valued(each)
