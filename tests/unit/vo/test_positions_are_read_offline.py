"""Positions in every notation that astronomers use are read without a network; names are left alone."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.domain.target import Position, separation
from stopdesk.errors import InputError
from stopdesk.vo.positions import read_named_position, read_position

RA, DEC = 248.0954166667, -24.4766666667


def near(position: Position | None, ra: float, dec: float, arcsec: float = 0.001) -> bool:
    return position is not None and float(separation(position.ra, position.dec, ra, dec)) < arcsec


@pytest.mark.parametrize(
    "text",
    [
        "16:32:22.9 -24:28:36",
        "16:32:22.9,-24:28:36",
        "16:32:22.9; -24:28:36",
        " 16:32:22.9   -24:28:36 ",
        "16:32:22.9-24:28:36",
        "16 32 22.9 -24 28 36",
        "16h32m22.9s -24d28m36s",
        "16h32m22.9s-24d28m36s",
        "16h 32m 22.9s  -24d 28m 36s",
        "16H32M22.9S -24D28M36S",
        "16h32m22.9s −24°28′36″",
        "16ʰ32ᵐ22.9ˢ -24° 28' 36\"",
        "16 32 22.9 –24 28 36",
        "248.0954166667 -24.4766666667",
        "248.0954166667, −24.4766666667",
        "248.0954166667d -24.4766666667d",
        "248.0954166667° -24.4766666667°",
        "16.5396944444h -24.4766666667",
        "RA 16:32:22.9 Dec -24:28:36",
        "RA=248.0954166667, Dec=-24.4766666667",
        "α 16:32:22.9 δ -24:28:36",
        "ICRS 16:32:22.9 -24:28:36",
        "16:32:22.9 -24:28:36 ICRS",
        "16:32:22.9\t-24:28:36",
        "(248.0954166667, -24.4766666667)",
        "[248.0954166667 -24.4766666667]",
        "ICRS (16:32:22.9 -24:28:36)",
    ],
)
def test_one_place_in_many_notations(text: str) -> None:
    assert near(read_position(text), RA, DEC), read_position(text)


@pytest.mark.parametrize(
    ("text", "ra", "dec"),
    [
        ("00 00 01 -00 00 01", 15 / 3600, -1 / 3600),
        ("0:0:0 +0:0:0", 0.0, 0.0),
        ("00:42.5 +41:16.2", 10.625, 41.27),
        ("05 35 17.3 05 23 28", 83.8220833, 5.3911111),
        ("05h35m17.3s 05d23m28s", 83.8220833, 5.3911111),
        ("83.8220833 5.3911111", 83.8220833, 5.3911111),
        ("83.8220833+5.3911111", 83.8220833, 5.3911111),
        ("1e2 -2e1", 100.0, -20.0),
        ("-90 10", 270.0, 10.0),
        ("359.9999 90", 359.9999, 90.0),
    ],
)
def test_signs_and_short_forms(text: str, ra: float, dec: float) -> None:
    assert near(read_position(text), ra, dec), read_position(text)


@pytest.mark.parametrize(
    ("text", "ra", "dec"),
    [
        ("J2000 16:32:22.9 -24:28:36", RA, DEC),
        ("16:32:22.9 -24:28:36 J2000.0", RA, DEC),
        ("16:32:22.9 -24:28:36 (J2000)", RA, DEC),
        ("16:32:22.9 -24:28:36 (2000)", RA, DEC),
        ("FK5 16:32:22.9 -24:28:36", RA, DEC),
        ("B1950 16:29:21.05 -24:22:15.9", RA, DEC),
        ("16:29:21.05 -24:22:15.9 (1950)", RA, DEC),
        ("Galactic 0 0", 266.404988, -28.936178),
        ("l=0 b=0", 266.404988, -28.936178),
        ("0.0 0.0 gal", 266.404988, -28.936178),
        ("GAL 000:00:00 +00:00:00", 266.404988, -28.936178),
        ("galactic 10 +90", 192.85948, 27.12825),
    ],
)
def test_frames_are_turned_into_icrs(text: str, ra: float, dec: float) -> None:
    assert near(read_position(text), ra, dec, 5.0 if "1950" in text else 0.1)


@pytest.mark.parametrize(
    "text",
    [
        *("M31", "M 31", "3C 273", "NGC 1333", "IRAS 16293-2422", "G34.3+0.2", "B335", "L1544", "W3(OH)", "IRAS 4A"),
        *(
            "HH 212",
            "2MASS J16322288-2428364",
            "TW Hya",
            "Sgr B2(N)",
            "l1448-mm",
            "BHR 71",
            "PKS 1830-211",
            "",
            " ",
            "-",
        ),
        *(
            "12345",
            "J2000",
            "Galactic",
            "16:32:22.9",
            "1:2:3:4 5:6:7:8",
            "10 -20 -30",
            "J2000 B1950 10 20",
            "d 5",
            "5h",
            "16 32 22.9 S24 28 36",
            "(10, 20",
        ),
    ],
)
def test_names_are_no_positions(text: str) -> None:
    assert read_position(text) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("16:75:00 +10:00:00", "minutes of the right ascension '16:75:00' have to be below 60"),
        ("16:00:60 +10:00:00", "seconds of the right ascension"),
        ("10 95", "declination '95' is not within -90 to 90"),
        ("10:00:00 -91:00:00", "is not within -90 to 90"),
        ("25:00:00 +1:00:00", "right ascension '25:00:00' is not within 0 to 24 hours"),
        ("361 0", "not within 0 to 360 degrees"),
        ("10h 5h", "'5h' is in hours; it has to be in degrees"),
        ("Galactic 10 100", "Galactic latitude '100'"),
        ("1e999 5", "too large for a number"),
    ],
)
def test_what_is_not_on_the_sky_is_a_sentence(text: str, words: str) -> None:
    with pytest.raises(InputError) as caught:
        read_position(text)
    assert words in str(caught.value)


def test_a_name_behind_a_position_is_the_target_s() -> None:
    named = read_named_position("16:32:22.9 -24:28:36 IRAS 16293")
    assert named is not None
    assert named[0] == "IRAS 16293"
    assert near(named[1], RA, DEC)
    for text in ("16:32:22.9 -24:28:36 J2000", "16:29:21.05 -24:22:15.9 (B1950)", "16:32:22.9 -24:28:36 (2000)"):
        plain = read_named_position(text)
        assert plain is not None
        assert plain[0] == text
        assert near(plain[1], RA, DEC, 5.0), "in the frame that it names"
    assert read_named_position("IRAS 16293-2422") is None


@given(
    ra=st.floats(0, 359.9999, allow_nan=False),
    dec=st.floats(-89.999, 89.999, allow_nan=False),
)
def test_what_is_shown_is_read_back(ra: float, dec: float) -> None:
    shown = Position(ra=ra, dec=dec).sexagesimal
    assert near(read_position(shown), ra, dec, 0.02), shown


def test_what_rounds_up_is_carried() -> None:
    assert Position(ra=359.99999999, dec=-0.000000001).sexagesimal == "00:00:00.000 -00:00:00.00"
    assert Position(ra=14.9999999, dec=59.99999999).sexagesimal == "01:00:00.000 +60:00:00.00"


@given(st.text(max_size=40))
def test_no_text_is_more_than_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        read_named_position(text)


@given(st.text(alphabet="0123456789 :.+-hdms°'\",eE", max_size=30))
def test_nothing_that_looks_like_a_position_is_more_than_refused(text: str) -> None:
    with contextlib.suppress(InputError):
        position = read_position(text)
        assert position is None or -90 <= position.dec <= 90
