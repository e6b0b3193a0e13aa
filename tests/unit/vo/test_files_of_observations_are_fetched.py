"""The file behind an observation is fetched, by way of DataLink, kept for the next time, and known by its bytes."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from stopdesk.errors import Cancelled, FileError, Gone, Malformed, Refused, WebPage
from stopdesk.formats.votable import write_table
from stopdesk.net.http import Http
from stopdesk.vo.content import Content, recognise
from stopdesk.vo.download import fetch, file_name, trim
from tests.fakes import portal_documents as documents
from tests.fakes.file_server import file_server
from tests.fakes.portal_server import PortalServer


def fits_bytes(*units: object) -> bytes:
    file = io.BytesIO()
    fits.HDUList(list(units)).writeto(file)
    return file.getvalue()


def image(shape: tuple[int, ...], *axes: str) -> fits.PrimaryHDU:
    unit = fits.PrimaryHDU(np.zeros(shape, dtype="f4"))
    for number, name in enumerate(axes, 1):
        unit.header[f"CTYPE{number}"] = name
    return unit


def table_unit(columns: dict[str, object], **header: str) -> fits.BinTableHDU:
    unit = fits.BinTableHDU(Table(columns))
    unit.header.update(header)
    return unit


def votable_bytes() -> bytes:
    file = io.BytesIO()
    write_table(Table({"a": [1, 2]}), file)
    return file.getvalue()


def archive(kind: str) -> bytes:
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as packed:
            packed.writestr("a", "b")
    else:
        with tarfile.open(fileobj=file, mode=kind) as packed:  # type: ignore[call-overload]
            packed.addfile(tarfile.TarInfo("a"), io.BytesIO())
    return file.getvalue()


SPECTRUM = fits_bytes(image((100,), "FREQ"))

KINDS: dict[str, tuple[bytes, Content]] = {
    "spectrum": (SPECTRUM, Content.FITS_SPECTRUM),
    "spectrum with more axes": (
        fits_bytes(image((1, 1, 1, 100), "FREQ", "RA", "DEC", "STOKES")),
        Content.FITS_SPECTRUM,
    ),
    "gzipped spectrum": (gzip.compress(SPECTRUM), Content.FITS_SPECTRUM),
    "image": (fits_bytes(image((8, 9), "RA---SIN", "DEC--SIN")), Content.FITS_IMAGE),
    "image with short axes": (fits_bytes(image((1, 1, 8, 9), "RA---SIN", "DEC--SIN", "FREQ")), Content.FITS_IMAGE),
    "cube": (fits_bytes(image((1, 7, 8, 9), "RA---SIN", "DEC--SIN", "FREQ", "STOKES")), Content.FITS_CUBE),
    "cube in an extension": (
        fits_bytes(fits.PrimaryHDU(), fits.ImageHDU(np.zeros((7, 8, 9), dtype="f4"))),
        Content.FITS_CUBE,
    ),
    "spectrum in a table": (
        fits_bytes(fits.PrimaryHDU(), table_unit({"x": [1.0], "y": [2.0]}, TUCD1="em.freq", TUCD2="phot.flux.density")),
        Content.FITS_SPECTRUM,
    ),
    "spectrum by utypes": (
        fits_bytes(fits.PrimaryHDU(), table_unit({"x": [1.0]}, TUTYP1="spec:Data.SpectralAxis.Value")),
        Content.FITS_SPECTRUM,
    ),
    "spectrum of CLASS": (
        fits_bytes(fits.PrimaryHDU(), table_unit({"SPECTRUM": np.zeros((1, 9))}, EXTNAME="MATRIX")),
        Content.FITS_SPECTRUM,
    ),
    "table": (fits_bytes(fits.PrimaryHDU(), table_unit({"ra": [1.0], "dec": [2.0]})), Content.FITS_TABLE),
    "header alone": (fits_bytes(fits.PrimaryHDU()), Content.FITS),
    "cut off header": (SPECTRUM[:400], Content.FITS),
    "VOTable": (votable_bytes(), Content.VOTABLE),
    "gzipped VOTable": (gzip.compress(votable_bytes()), Content.VOTABLE),
    "spectrum in a VOTable": (
        b'<VOTABLE version="1.3"><RESOURCE type="results"><TABLE utype="spec:Spectrum"><FIELD name="f" '
        b'utype="spec:Spectrum.Data.SpectralAxis.Value" datatype="double"/></TABLE></RESOURCE></VOTABLE>',
        Content.VOTABLE_SPECTRUM,
    ),
    "links": (documents.votable(documents.DATALINK, []), Content.DATALINK),
    "tar": (archive("w"), Content.TAR),
    "gzipped tar": (archive("w:gz"), Content.TAR),
    "zip": (archive("zip"), Content.ZIP),
    "page": (b"\n<!DOCTYPE html><html><body>x</body></html>", Content.HTML),
    "page in XML": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"></html>', Content.HTML),
    "XML": (b"\xef\xbb\xbf<?xml version='1.0'?><a/>", Content.XML),
    "PDF": (b"%PDF-1.4 ...", Content.PDF),
    "picture": (b"\x89PNG\r\n\x1a\n....", Content.PICTURE),
    "text": (b"# nu T\n115.27 1.2\n", Content.TEXT),
    "nothing": (b"", Content.EMPTY),
    "noise": (bytes(range(256)), Content.UNKNOWN),
    "damaged gzip": (b"\x1f\x8b\x08damaged", Content.UNKNOWN),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_file_is_known_by_its_bytes(tmp_path: Path, name: str) -> None:
    content, kind = KINDS[name]
    path = tmp_path / "misleading.jpg"
    path.write_bytes(content)
    assert recognise(path) is kind


def link(url: str, semantics: str = "#this", fault: str = "", service: str = "") -> list[str]:
    return ["ivo://x/1", url, service, fault, f"the {semantics.lstrip('#')}", semantics, "application/fits", "5760"]


@pytest.fixture
def archive_server(portal: PortalServer) -> PortalServer:
    portal.files = {
        "spec.fits": ("text/plain", SPECTRUM),
        "page": ("application/fits", b"<html><head><title>Log in</title></head></html>"),
        "fault": ("application/fits", documents.error("No such dataset")),
        "empty": ("application/fits", b""),
    }
    return portal


def test_a_file_is_fetched_once_and_kept(http: Http, archive_server: PortalServer) -> None:
    url = f"{archive_server.url}/files/spec.fits"
    told: list[tuple[int, int | None]] = []
    found = fetch(http, url, progress=lambda done, whole: told.append((done, whole)))
    assert (found.content, found.size, found.name) == (Content.FITS_SPECTRUM, len(SPECTRUM), "spec.fits")
    assert found.path.read_bytes() == SPECTRUM
    assert told[-1] == (len(SPECTRUM), len(SPECTRUM))
    kept = fetch(http, url)
    assert (kept.is_cached, kept.date, kept.path) == (True, found.date, found.path)
    assert len(archive_server.requests) == 1
    assert not fetch(http, url, again=True).is_cached
    assert len(archive_server.requests) == 2
    found.path.write_bytes(b"damaged")
    assert not fetch(http, url).is_cached


def test_links_are_followed_to_the_observation_itself(http: Http, archive_server: PortalServer) -> None:
    url = f"{archive_server.url}/links?ID=1"
    archive_server.links = [
        link(f"{archive_server.url}/preview", "#preview"),
        link("", "#proc", service="cutout"),
        link("/files/spec.fits", "http://www.ivoa.net/rdf/datalink/core#this"),
    ]
    found = fetch(http, url)
    assert (found.content, found.url) == (Content.FITS_SPECTRUM, f"{archive_server.url}/files/spec.fits")
    again = fetch(http, url)
    assert again.is_cached
    assert len(archive_server.asked("/links")) == 2, "links change, files stay"


def test_where_there_are_several_the_choice_is_given(http: Http, archive_server: PortalServer) -> None:
    archive_server.links = [
        link("/files/spec.fits", "#auxiliary"),
        link("/files/b.fits", "#calibration"),
        link("", "#preview", fault="NotFoundFault: gone"),
    ]
    found = fetch(http, f"{archive_server.url}/links?ID=2")
    assert found.content is Content.DATALINK
    assert [each.title for each in found.links] == [
        "the auxiliary (application/fits)",
        "the calibration (application/fits)",
    ]
    assert found.links[0].size == 5760
    assert fetch(http, found.links[0].url).content is Content.FITS_SPECTRUM
    archive_server.links = [link("/files/spec.fits"), link("/files/b.fits"), link("/files/c.fits", "#preview")]
    both = fetch(http, f"{archive_server.url}/links?ID=3")
    assert [each.url.rpartition("/")[2] for each in both.links] == ["spec.fits", "b.fits"]


def test_an_observation_without_files_says_why(http: Http, archive_server: PortalServer) -> None:
    archive_server.links = [link("", fault="NotFoundFault: no such observation")]
    with pytest.raises(Refused, match="has no file for this observation: NotFoundFault: no such observation"):
        fetch(http, f"{archive_server.url}/links?ID=4")
    archive_server.links = []
    with pytest.raises(Refused, match="the list is empty"):
        fetch(http, f"{archive_server.url}/links?ID=5")


def test_lists_that_lead_to_lists_are_given_up(http: Http, archive_server: PortalServer) -> None:
    archive_server.links = [link(f"{archive_server.url}/links?ID=a")]
    found = fetch(http, f"{archive_server.url}/links?ID=a")
    assert found.content is Content.DATALINK, "one that leads to itself is no way on"
    names = iter(range(100))

    class Endless(list[list[str]]):
        def __iter__(self):  # type: ignore[no-untyped-def]
            return iter([link(f"{archive_server.url}/links?ID=b{next(names)}")])

    archive_server.links = Endless()
    with pytest.raises(Malformed, match="from list to list"):
        fetch(http, f"{archive_server.url}/links?ID=b")


@pytest.mark.parametrize(
    ("name", "error", "words"),
    [
        ("page", WebPage, "a web page in place of the file: Log in"),
        ("fault", Refused, "says: No such dataset"),
        ("empty", Malformed, "an empty file"),
        ("missing", Gone, "is not there"),
    ],
)
def test_what_is_no_file_is_told_and_not_kept(
    http: Http, archive_server: PortalServer, home: Path, name: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        fetch(http, f"{archive_server.url}/files/{name}")
    assert not [path for path in (home / "cache").rglob("*") if path.is_file()]


def test_a_file_that_is_too_large_or_given_up_is_told(http: Http, archive_server: PortalServer) -> None:
    url = f"{archive_server.url}/files/spec.fits"
    with pytest.raises(Malformed, match="more than 1000 bytes"):
        fetch(http, url, max_bytes=1000)
    with pytest.raises(Cancelled):
        fetch(http, url, cancelled=lambda: True)
    assert fetch(http, url).size == len(SPECTRUM)


def test_a_transfer_that_broke_off_goes_on_where_it_stopped(http: Http) -> None:
    with file_server(SPECTRUM) as server:
        server.breaks_at = [1000]
        assert fetch(http, server.url).path.read_bytes() == SPECTRUM
        assert [headers.get("range") for _, headers in server.requests] == [None, "bytes=1000-"]


def test_the_files_not_used_for_longest_go_first(http: Http, archive_server: PortalServer, home: Path) -> None:
    for name in "abc":
        archive_server.files[name] = ("text/plain", name.encode() * 1000)
    urls = [f"{archive_server.url}/files/{name}" for name in "abc"]
    for age, url in enumerate(urls[:2]):
        found = fetch(http, url)
        for path in found.path.parent.iterdir():
            os.utime(path, (1000 + age, 1000 + age))
    fetch(http, urls[0])
    fetch(http, urls[2], cache_bytes=2800)
    assert [fetch(http, url, cache_bytes=10**9).is_cached for url in urls] == [True, False, True]
    assert trim(0) == 0
    assert list((home / "cache" / "observations").iterdir()) == []


def test_a_cache_that_cannot_be_made_is_a_sentence(http: Http, archive_server: PortalServer, home: Path) -> None:
    (home / "cache").mkdir(parents=True)
    (home / "cache" / "observations").write_text("in the way")
    with pytest.raises(FileError, match="cannot be made"):
        fetch(http, f"{archive_server.url}/files/spec.fits")


@pytest.mark.parametrize(
    ("url", "content", "name"),
    [
        ("https://a.example/data/co%20map.fits", Content.FITS_CUBE, "co_map.fits"),
        ("https://a.example/get?file=../../etc/spec.fits.gz&x=1", Content.FITS_SPECTRUM, "spec.fits.gz"),
        ("https://a.example/get?ID=ivo://x/y", Content.VOTABLE, "y.vot"),
        ("https://a.example/", Content.FITS_IMAGE, "observation.fits"),
        ("https://a.example/..", Content.UNKNOWN, "observation"),
        ("https://a.example/" + "x" * 500, Content.TAR, "x" * 100 + ".tar"),
    ],
)
def test_names_to_save_by_are_never_paths(url: str, content: Content, name: str) -> None:
    assert file_name(url, content) == name
