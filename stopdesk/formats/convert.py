"""Tables from one format to another, with a list of everything that the other format does not keep.

What is written is read back and compared before it takes its place, so what is not in the list is in the file.
"""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO, Literal, cast, get_args

from stopdesk.errors import FileError, InputError
from stopdesk.formats.tables.losses import Found, Loss, sentences
from stopdesk.formats.votable import MAX_BYTES, Serialization, read_table, write_table
from stopdesk.formats.votable.source import Source
from stopdesk.formats.votable.writer import writing

Format = Literal["votable", "fits", "ecsv", "csv", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
NAMES: dict[Format, str] = {"votable": "VOTable", "fits": "FITS", "ecsv": "ECSV", "csv": "CSV", "parquet": "Parquet"}

_ENDINGS: dict[str, Format] = {
    ".vot": "votable", ".votable": "votable", ".xml": "votable", ".vo": "votable",
    ".fits": "fits", ".fit": "fits", ".fts": "fits",
    ".ecsv": "ecsv", ".csv": "csv", ".parquet": "parquet", ".pq": "parquet", ".parq": "parquet",
}  # fmt: skip
_STARTS: dict[bytes, Format] = {b"SIMPLE  =": "fits", b"PAR1": "parquet", b"# %ECSV": "ecsv"}


@dataclass(frozen=True)
class Report:
    """What was converted: ``not_read`` of the source is not in the table, ``losses`` of the table not in the target."""

    source_format: Format
    target_format: Format
    n_rows: int
    n_columns: int
    losses: tuple[Loss, ...]
    not_read: tuple[Loss, ...]

    @property
    def sentences(self) -> list[str]:
        """A line for each kind of loss."""
        return [
            *sentences(self.not_read, f"what is read from {NAMES[self.source_format]}"),
            *sentences(self.losses, NAMES[self.target_format]),
        ]


def convert(
    source: Path | BinaryIO,
    target: Path | BinaryIO,
    *,
    source_format: Format | None = None,
    target_format: Format | None = None,
    serialization: Serialization = "binary2",
    table: int | str | None = None,
    overwrite: bool = False,
    max_bytes: int = MAX_BYTES,
    tell: Callable[[str], object] = lambda _: None,
) -> Report:
    """Write the table in ``source`` to ``target``; formats that are not given follow from endings, then from content.

    Names that end with ``.gz`` are packed. ``table`` is an index (from 0) or a name where a VOTable or a FITS file has
    several. A file that is there is replaced with ``overwrite`` only, and in one step. ``tell`` is called with words on
    what is done. Raises FileError for what cannot be read or written, InputError for what the format cannot take.
    """
    into = target_format or (format_of(target) if isinstance(target, Path) else None)
    if into is None:
        known = ", ".join(_ENDINGS)
        raise InputError(f"In which format is the table to be written? Say so with --to, or by an ending ({known}).")
    if isinstance(target, Path):
        _refuse_existing(target, overwrite=overwrite)
    found, out_of = read_any(source, source_format, table, max_bytes=max_bytes, tell=tell)
    if not found.table.colnames:
        raise FileError(_where(source), "has a table without columns; there is nothing to convert.")
    tell(f"writing {len(found.table):,} rows")
    try:
        with tempfile.TemporaryFile(dir=target.parent if isinstance(target, Path) else None) as spool:
            write_any(found.table, into, spool, serialization)
            tell("comparing what was written")
            losses = _losses(found.table, into, spool)
            if isinstance(target, Path):
                _refuse_existing(target, overwrite=overwrite)
            with writing(target) as put:
                spool.seek(0)
                while chunk := spool.read(1 << 20):
                    put(chunk)
    except OSError as error:
        if not isinstance(target, Path):
            raise
        raise FileError(target, f"cannot be written ({error.strerror or error}). Choose another place.") from error
    return Report(out_of, into, len(found.table), len(found.table.colnames), losses, found.losses)


def save_table(table: Any, target: Path, *, overwrite: bool = False) -> list[str]:
    """Write an astropy Table in the format that the ending says, as VOTable where it says none.

    Gives a sentence for each thing that the format does not keep. Raises FileError and InputError as ``convert``.
    """
    if format_of(target) in (None, "votable"):
        _refuse_existing(target, overwrite=overwrite)
        write_table(table, target)
        return []
    with tempfile.TemporaryFile() as spool:
        write_table(table, cast(BinaryIO, spool))
        spool.seek(0)
        return convert(cast(BinaryIO, spool), target, source_format="votable", overwrite=overwrite).sentences


def format_of(path: Path) -> Format | None:
    """The format that the ending of a name says, before ``.gz``."""
    name = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    return _ENDINGS.get(name.suffix.lower())


def _where(source: Path | BinaryIO, name: str = "the table") -> Path | str:
    return source if isinstance(source, Path) else name


def _refuse_existing(target: Path, *, overwrite: bool) -> None:
    if target.is_dir():
        raise FileError(target, "cannot be written: it is a folder. Choose the name of a file.")
    if target.exists() and not overwrite:
        raise FileError(target, "is there already. Choose another name, or --overwrite to replace it.")


def read_any(
    source: Path | BinaryIO,
    source_format: Format | None = None,
    table: int | str | None = None,
    *,
    name: str = "the table",
    max_bytes: int = MAX_BYTES,
    tell: Callable[[str], object] = lambda _: None,
) -> tuple[Found, Format]:
    """The table in a file or stream of any format, and the format; ``name`` is what a stream is called.

    Raises FileError.
    """
    known = source_format or (format_of(source) if isinstance(source, Path) else None)
    if known is None and isinstance(source, Path):
        known = _format_at_start(source)
    if known == "votable":
        return _read_votable(source, table, max_bytes, tell), known
    data = _whole(source, name, max_bytes)
    known = known or format_in(data)
    if known == "votable":
        return _read_votable(data, table, max_bytes, tell), known
    if table is not None and known != "fits":
        raise InputError(f"A {NAMES[known]} file has one table only; leave the name of a table out.")
    return _read(data, _where(source, name), known, table), known


def _format_at_start(path: Path) -> Format:
    try:
        with path.open("rb") as file:
            start = file.read(1 << 16)
    except OSError as error:
        raise FileError(path, f"cannot be read ({error.strerror or error}).") from error
    return format_in(start)


def format_in(data: bytes) -> Format:
    """The format of a file by its first bytes, unpacked; CSV where they are of no other."""
    if data.startswith(b"\x1f\x8b"):
        with suppress(zlib.error):
            data = zlib.decompressobj(wbits=31).decompress(data[: 1 << 16], 1 << 16)
    start = data[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((known for sign, known in _STARTS.items() if start.startswith(sign)), None) or (
        "votable" if start.startswith((b"<", b"\xff\xfe<", b"\xfe\xff")) else "csv"
    )


def _whole(source: Path | BinaryIO, name: str, max_bytes: int) -> bytes:
    """All bytes of a file, unpacked."""
    where = _where(source, name)
    kept = source if isinstance(source, Path) else source.read(max_bytes + 1)
    data = Source(kept, name=str(where), max_bytes=max_bytes).again(max_bytes)
    if not data.strip(b" \t\r\n\0"):
        raise FileError(where, "is empty; there is no table in it.")
    return data


def _read_votable(
    source: Path | bytes | BinaryIO, table: int | str | None, max_bytes: int, tell: Callable[[str], object]
) -> Found:
    from stopdesk.formats.tables.plain import plain

    read = read_table(source, table=table, max_bytes=max_bytes, progress=lambda n: tell(f"{n:,} rows read"))
    losses = [Loss("table", name) for name in read.meta.pop("other_tables", ())]
    renamed = [(column.meta.pop("_votable_name", None), column.name) for column in read.itercols()]
    losses += [Loss("name", old, f"is {new}") for old, new in renamed if old is not None]
    made = plain(read)
    return Found(made.table, (*losses, *made.losses))


def _read(data: bytes, where: Path | str, known: Format, table: int | str | None = None) -> Found:
    if known == "fits":
        from stopdesk.formats.tables.fits_reader import read_fits

        return read_fits(data, where, table)
    if known == "parquet":
        from stopdesk.formats.tables.parquet import read_parquet
        from stopdesk.formats.tables.plain import plain

        read = read_parquet(data, where)
        return Found((made := plain(read.table)).table, (*read.losses, *made.losses))
    if known == "ecsv":
        from stopdesk.formats.tables.ecsv import read_ecsv

        return read_ecsv(data, where)
    from stopdesk.formats.tables.csv_text import read_csv

    return read_csv(data, where)


def write_any(table: Any, into: Format, file: IO[bytes], serialization: Serialization = "binary2") -> None:
    """Write an astropy Table of plain columns (see `tables.plain`); InputError for what the format cannot hold."""
    binary = cast(BinaryIO, file)
    try:
        if into == "votable":
            from stopdesk.formats.tables.plain import sayable

            write_table(sayable(table), binary, serialization)
        elif into == "fits":
            from stopdesk.formats.tables.fits_writer import write_fits

            write_fits(table, binary.write)
        elif into == "parquet":
            from stopdesk.formats.tables.parquet import write_parquet

            write_parquet(table, binary)
        elif into == "ecsv":
            from stopdesk.formats.tables.ecsv import write_ecsv

            write_ecsv(table, binary)
        else:
            from stopdesk.formats.tables.csv_text import write_csv

            write_csv(table, binary)
    except UnicodeError as error:
        raise InputError(
            f"The table holds text that is no Unicode, which {NAMES[into]} cannot hold: {error}."
        ) from error


def _losses(table: Any, into: Format, spool: IO[bytes]) -> tuple[Loss, ...]:
    """What is lost in what was written, found by reading it."""
    from stopdesk.formats.tables.compare import losses_between

    spool.seek(0)
    if into == "votable":
        back = _read_votable(cast(BinaryIO, spool), None, 1 << 62, lambda _: None)
    else:
        back = _read(spool.read(), "what was written", into)
    return losses_between(table, back.table)
