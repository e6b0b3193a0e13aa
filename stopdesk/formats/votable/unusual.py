"""What our own codec does not know (FITS in a VOTable, odd arraysizes, …), read by astropy within the same bounds."""

from __future__ import annotations

import binascii
import io
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from stopdesk.errors import FileError
from stopdesk.formats.votable.model import Element, UnusualError
from stopdesk.formats.votable.to_astropy import describe_column

#: astropy needs many times the memory of what it reads.
MAX_UNUSUAL = 256 << 20


_TROUBLES = (ValueError, LookupError, TypeError, AttributeError, OSError)
_FITS = re.compile(rb"<(?:\w+:)?FITS\b([^>]*)>\s*<(?:\w+:)?STREAM\b[^>]*>([A-Za-z0-9+/=\s]*)<")
_EXTENSION = re.compile(rb"\bextnum\s*=\s*[\"'](\d{1,6})[\"']")


def read_unusual(data: bytes, tables: Sequence[Element], index: int, where: Path | str, why: str) -> Any:
    """The astropy Table of one of the ``tables`` in ``data``, which has been followed to its end.

    So nothing in it is nested too deep, or lies in another file, which opening this one must not fetch.
    """
    from astropy.io import votable

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # files with small faults are the rule
            if _has_fits(tables[index]):
                return _read_fits(data, sum(map(_has_fits, tables[:index])), tables[index])
            parsed = votable.parse(io.BytesIO(data), verify="ignore", table_number=index)
            return parsed.get_table_by_index(index).to_table(use_names_over_ids=True)
    except (
        votable.exceptions.VOWarning,
        UnusualError,
        ValueError,
        LookupError,
        TypeError,
        AttributeError,
        OSError,
    ) as error:
        words = " ".join(str(error).split())[:300]
        raise FileError(where, f"{why}, and cannot be read: {words}") from error


def _has_fits(table: Element) -> bool:
    return any(child.name == "FITS" for data in table.all("DATA") for child in data.children)


def _read_fits(data: bytes, number: int, about: Element) -> Any:
    """The rows of a TABLE in FITS, the ``number``-th such in a document, with what its FIELDs say."""
    from astropy.table import Table

    attributes, text = _FITS.findall(data)[number]
    extension = _EXTENSION.search(attributes)
    fits = binascii.a2b_base64(text)
    found = Table.read(io.BytesIO(fits), format="fits", hdu=int(extension[1]) if extension else 1)
    found.meta.clear()
    for name, field in zip(list(found.colnames), about.all("FIELD"), strict=True):
        describe_column(found[name], field)
    return found
