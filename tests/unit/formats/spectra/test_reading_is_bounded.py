"""However large or odd a file is, reading it ends soon, within bounds, in a spectrum or in a sentence."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from stopdesk.errors import Cancelled, FileError
from stopdesk.formats.spectra import MAX_BYTES, read_spectra
from tests.spectra import radio, write_image


def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "cube.fits"
    with path.open("wb") as file:
        file.write(b"SIMPLE  =                    T".ljust(2880))
        file.truncate(2 << 30)  # a hole: no bytes on the disk
    with pytest.raises(FileError, match=r"has 2\.1 GB; spectra of up to 537 MB are read"):
        read_spectra(path)
    assert MAX_BYTES < 2 << 30


def test_what_unpacks_to_more_than_the_bound_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.fits.gz"
    path.write_bytes(gzip.compress(b"\0" * 20_000_000))
    with pytest.raises(FileError, match="holds more than 10 MB"):
        read_spectra(path, max_bytes=10_000_000)


def test_a_damaged_gzip_file(tmp_path: Path) -> None:
    path = tmp_path / "a.fits.gz"
    path.write_bytes(gzip.compress(b"SIMPLE" * 1000)[:-20])
    with pytest.raises(FileError, match="damaged gzip file"):
        read_spectra(path)


def test_reading_can_be_given_up(tmp_path: Path) -> None:
    path = write_image(tmp_path / "a.fits", radio())
    with pytest.raises(Cancelled):
        read_spectra(path, cancelled=lambda: True)


def test_what_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="is a folder"):
        read_spectra(tmp_path)
    with pytest.raises(FileError, match="there is no such file"):
        read_spectra(tmp_path / "none.fits")
