"""Tells what a file is by its bytes: names and media types of archives are often wrong."""

from __future__ import annotations

import gzip
import re
import warnings
import zlib
from enum import StrEnum
from pathlib import Path
from typing import Any

from stopdesk.net.documents import is_html

#: So much of a file is looked at, in bytes.
_HEAD = 65536

#: So many units of a FITS file are looked at.
_MOST_UNITS = 20

#: Names of columns of spectra, where a table has no UCDs or utypes.
_SPECTRUM_COLUMNS = {"wave", "wavelength", "freq", "frequency", "spectral", "spectral_axis", "velocity", "lambda"}


class Content(StrEnum):
    """What a file can be; the words are for people."""

    FITS_SPECTRUM = "spectrum (FITS)"
    FITS_IMAGE = "image (FITS)"
    FITS_CUBE = "cube (FITS)"
    FITS_TABLE = "table (FITS)"
    FITS = "FITS file without data"
    VOTABLE = "table (VOTable)"
    VOTABLE_SPECTRUM = "spectrum (VOTable)"
    DATALINK = "list of links (DataLink)"
    TAR = "archive (tar)"
    ZIP = "archive (zip)"
    HTML = "web page"
    XML = "XML document"
    PDF = "PDF document"
    PICTURE = "picture"
    HDF5 = "HDF5 file"
    TEXT = "text"
    EMPTY = "empty file"
    UNKNOWN = "file of an unknown kind"

    @property
    def suffix(self) -> str:
        """The end of a file name for it; "" where there is none that is right."""
        return _SUFFIXES.get(self, "")


_SUFFIXES = {
    **dict.fromkeys((Content.FITS_SPECTRUM, Content.FITS_IMAGE, Content.FITS_CUBE, Content.FITS_TABLE), ".fits"),
    **dict.fromkeys((Content.VOTABLE, Content.VOTABLE_SPECTRUM, Content.DATALINK), ".vot"),
    Content.FITS: ".fits",
    Content.TAR: ".tar",
    Content.ZIP: ".zip",
    Content.HTML: ".html",
    Content.XML: ".xml",
    Content.PDF: ".pdf",
    Content.HDF5: ".h5",
    Content.TEXT: ".txt",
}

_MAGIC = (
    (b"SIMPLE  =", Content.FITS),
    (b"PK\x03\x04", Content.ZIP),
    (b"%PDF-", Content.PDF),
    (b"\x89PNG\r\n", Content.PICTURE),
    (b"\xff\xd8\xff", Content.PICTURE),
    (b"GIF8", Content.PICTURE),
    (b"\x89HDF\r\n", Content.HDF5),
)


def recognise(path: Path) -> Content:
    """What the file is, compressed with gzip or not; OSError where it cannot be read."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith(b"\x1f\x8b"):
        head = _unpacked(path)
    if not head:
        return Content.EMPTY
    for magic, content in _MAGIC:
        if head.startswith(magic):
            return _fits(path) if content is Content.FITS else content
    if head[257:262] == b"ustar":
        return Content.TAR
    if is_html(head):
        return Content.HTML
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return _xml(head)
    return Content.TEXT if _is_text(head) else Content.UNKNOWN


def _unpacked(path: Path) -> bytes:
    """The first bytes of what is compressed; those of the file itself where it is damaged from the start."""
    try:
        with gzip.open(path) as file:
            return file.read(_HEAD)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        return b"\x1f\x8b"


def _is_text(head: bytes) -> bool:
    return b"\0" not in head and sum(byte < 32 and byte not in b"\t\r\n\f" for byte in head) == 0


def _xml(head: bytes) -> Content:
    text = head.decode("utf-8", "replace")
    root = re.search(r"<(?![?!])(?:\w+:)?(\w+)", text)
    if root is None or root[1].upper() != "VOTABLE":
        return Content.HTML if root is not None and root[1].lower() == "html" else Content.XML
    lowered = text.lower()
    if re.search(r"datalink#links", lowered) or _has_fields(text, "access_url", "semantics", "service_def"):
        return Content.DATALINK
    if re.search(r"utype\s*=\s*[\"'](?:\w+:)?spec(?:trum)?[:.][\w.:]*spectralaxis\.value|spec:spectrum", lowered):
        return Content.VOTABLE_SPECTRUM
    return Content.VOTABLE


def _has_fields(text: str, *names: str) -> bool:
    found = {match[1].lower() for match in re.finditer(r"<(?:\w+:)?FIELD\b[^>]*?\bname\s*=\s*[\"']([^\"']*)", text)}
    return set(names) <= found


def _fits(path: Path) -> Content:
    """What the first unit with data is; headers only are read."""
    from astropy.io import fits  # late: slow to import

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # headers with small faults are the rule
            with fits.open(path, memmap=False, lazy_load_hdus=True, ignore_missing_simple=True) as units:
                for number in range(_MOST_UNITS):
                    try:
                        kind = _unit(units[number])
                    except IndexError:
                        break
                    if kind is not None:
                        return kind
    except (OSError, ValueError, TypeError, KeyError, AttributeError, fits.VerifyError, EOFError):
        return Content.FITS
    return Content.FITS


def _unit(unit: Any) -> Content | None:
    """What a unit of a FITS file holds; None for nothing."""
    header = unit.header
    if header.get("XTENSION", "").strip() in ("BINTABLE", "TABLE"):
        return Content.FITS_SPECTRUM if _is_spectrum_table(header) else Content.FITS_TABLE
    sizes = [int(header.get(f"NAXIS{axis}", 1)) for axis in range(1, int(header.get("NAXIS", 0)) + 1)]
    if not sizes or 0 in sizes:
        return None
    long = [axis for axis, size in enumerate(sizes, 1) if size > 1]
    if len(long) <= 1:
        return Content.FITS_SPECTRUM
    return Content.FITS_IMAGE if len(long) == 2 else Content.FITS_CUBE


def _is_spectrum_table(header: Any) -> bool:
    """A table with a spectral axis and something over it: by utype, UCD or name of its columns, or as CLASS writes."""
    if str(header.get("EXTNAME", "")).strip().upper() == "MATRIX":  # CLASS: a spectrum a row
        return True
    if str(header.get("VOCLASS", "")).strip().upper().startswith("SPECTRUM"):
        return True
    columns = range(1, int(header.get("TFIELDS", 0)) + 1)
    utypes = [str(header.get(f"TUTYP{i}", "")).lower() for i in columns]
    ucds = [str(header.get(f"TUCD{i}", "")).lower() for i in columns]
    names = {str(header.get(f"TTYPE{i}", "")).strip().lower() for i in columns}
    if any("spectralaxis.value" in utype or "fluxaxis.value" in utype for utype in utypes):
        return True
    if any(ucd.startswith(("em.freq", "em.wl", "em.wave", "spect.dopplerveloc")) for ucd in ucds):
        return any(ucd.startswith(("phot", "phys.temperature", "arith.ratio")) for ucd in ucds)
    return bool(names & _SPECTRUM_COLUMNS) and len(columns) <= 12 and int(header.get("NAXIS2", 0)) != 0
