"""A damaged LAMDA file gets one sentence that names the line, whatever the damage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stopdesk.domain.molecule import Molecule
from stopdesk.errors import FileError
from stopdesk.formats.lamda import parse_molecule

WHOLE = """!MOLECULE
HX
!MOLECULAR WEIGHT
29.0
!NUMBER OF ENERGY LEVELS
3
!LEVEL + ENERGIES(cm^-1) + WEIGHT + J
1 0.0 1.0 0
2 3.0 3.0 1
3 9.0 5.0 2
!NUMBER OF RADIATIVE TRANSITIONS
2
!TRANS + UP + LOW + EINSTEINA(s^-1) + FREQ(GHz) + E_u(K)
1 2 1 1.0e-5 89.937 4.3
2 3 2 1.0e-4 179.875 12.9
!NUMBER OF COLL PARTNERS
1
!COLLISIONS BETWEEN
1 HX-H2
!NUMBER OF COLL TRANS
2
!NUMBER OF COLL TEMPS
3
!COLL TEMPS
10 50 100
!TRANS + UP + LOW + COLLRATES(cm^3 s^-1)
1 2 1 1e-11 2e-11 3e-11
2 3 1 1e-11 2e-11 3e-11
"""
LINES = WHOLE.splitlines()


def test_the_file_is_whole_before_it_is_damaged() -> None:
    assert parse_molecule(WHOLE.encode(), "hx.dat").n_levels == 3


@pytest.mark.parametrize(
    ("line", "text", "reported", "words"),
    [
        (4, "twenty", 4, "should be a number, but 'twenty'"),
        (4, "0", 4, "must be above zero"),
        (6, "4", 12, "a level needs its number, its energy and its statistical weight"),
        (6, "2", 10, "the number of radiative transitions should stand here by itself"),
        (6, "1000000000000", 6, "1000000000000 energy levels are announced, but the file has only 22 more lines"),
        (6, "2.5", 6, "must be a whole number"),
        (6, "-3", 6, "negative"),
        (8, "1 0.0", 8, "its energy and its statistical weight"),
        (9, "2 3.0 nan 1", 9, "should be a number, but 'nan'"),
        (9, "2 1e300 3.0 1", 9, "not a possible one"),
        (9, "2 3.0 0 1", 9, "weight is zero"),
        (9, "7 3.0 3.0 1", 9, "level 2 should stand here, but the line begins with '7'"),
        (12, "0", 12, "at least 1"),
        (14, "1 2 9 1.0e-5 89.9 4.3", 14, "'9' is not the number of a level (1 to 3)"),
        (14, "1 2 0 1.0e-5 89.9 4.3", 14, "'0' is not the number of a level (1 to 3)"),
        (14, "1 1 2 1.0e-5 89.9 4.3", 14, "level 1 does not lie above level 2"),
        (14, "1 2 1 -1.0e-5 89.9 4.3", 14, "the Einstein coefficient is negative (-1.0e-5)"),
        (14, "1 2 1 1.0e-5 89,9 4.3", 14, "the frequency should be a number, but '89,9'"),
        (14, "1 2 1 1.0e-5 5.0 4.3", 14, "is 5 GHz, but the energies of levels 2 and 1 make it 89.9377 GHz"),
        (15, "2 3 2 1.0e-4 1.8e5 12.9", 15, "is 180000 GHz, but the energies of levels 3 and 2 make it 179.875 GHz"),
        (14, "1 2", 14, "its two levels and its Einstein coefficient"),
        (17, "2", 28, "the file ends where a collision partner should stand"),
        (19, "8 HX-He", 19, "begin with its code, 1 to 7"),
        (19, "HX-H2", 19, "begin with its code, 1 to 7"),
        (21, "30", 21, "30 collisional transitions are announced, but the file has only 7 more lines"),
        (21, "3", 28, "the file ends where collisional transition 3 should stand"),
        (23, "4", 25, "4 temperatures should stand here, but there are 3"),
        (25, "10 100 50", 25, "must be above zero and ascend"),
        (25, "10 50 50", 25, "must be above zero and ascend"),
        (25, "0 50 100", 25, "must be above zero and ascend"),
        (27, "1 2 1 1e-11 2e-11", 27, "3 rates should stand here, but there are 2"),
        (27, "1 2 1 1e-11 2e-11 x", 27, "a rate should be a number, but 'x'"),
        (27, "1 2 1 1e-11 2e-11 -3e-11", 27, "a rate is negative (-3e-11)"),
        (27, "1 2 2 1e-11 2e-11 3e-11", 27, "needs two different levels"),
    ],
)  # fmt: skip
def test_one_wrong_line_is_named(line: int, text: str, reported: int, words: str) -> None:
    lines = [*LINES[: line - 1], text, *LINES[line:]]
    with pytest.raises(FileError) as caught:
        parse_molecule("\n".join(lines).encode(), "hx.dat")
    assert caught.value.line == reported
    assert str(caught.value).startswith(f"hx.dat, line {reported}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize("kept", range(28))
def test_a_file_cut_short_is_refused_at_its_end(kept: int) -> None:
    data = "\n".join(LINES[:kept]).encode()
    if kept in (15, 16):  # nothing is missing but the collisions, which LTE does not need
        assert parse_molecule(data, "hx.dat").partners == ()
    else:
        with pytest.raises(FileError, match=r"the file ends where|are announced, but the file has only") as caught:
            parse_molecule(data, "hx.dat")
        assert 1 <= (caught.value.line or 0) <= max(1, kept)


@pytest.mark.parametrize(
    "data", [b"", b"\x00", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, b"<html>\n" * 50, b"!\n" * 1000]
)
def test_what_is_no_lamda_file_at_all_is_refused_with_a_line(data: bytes) -> None:
    with pytest.raises(FileError) as caught:
        parse_molecule(data, "other.bin")
    assert caught.value.line is not None


WORDS = st.one_of(
    st.sampled_from(["", "!", "1e999", "-1", "0", "nan", "inf", "1_0", "9" * 5000, "0" * 30 + "2" * 4000, "1e29", "٣"]),
    st.text(max_size=12),
    st.integers(-5, 40).map(str),
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """The whole file after up to four mutilations of lines and words, and one of bytes."""
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(lines) - 1)))
        match draw(st.sampled_from(["word", "delete", "double", "swap", "cut", "insert"])):
            case "word":
                words = lines[at].split() or [""]
                words[draw(st.integers(0, len(words) - 1))] = draw(WORDS)
                lines[at] = " ".join(words)
            case "delete":
                del lines[at]
            case "double":
                lines.insert(at, lines[at])
            case "swap":
                other = draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "cut":
                lines = lines[: at + 1]
            case _:
                lines.insert(at, draw(WORDS))
        lines = lines or [""]
    data = bytearray("\n".join(lines).encode("utf-8", "surrogatepass"))
    if data and draw(st.booleans()):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


def consistent(molecule: Molecule) -> bool:
    """Whether everything that the rest of the program relies on holds."""
    n_levels = molecule.n_levels
    return bool(
        np.isfinite(molecule.level_energy).all()
        and (molecule.level_weight > 0).all()
        and (molecule.level_energy[molecule.upper] > molecule.level_energy[molecule.lower]).all()
        and (molecule.frequency > 0).all()
        and (molecule.einstein_a >= 0).all()
        and len(molecule.level_name) == n_levels
        and all(
            partner.rates.shape == (len(partner.upper), len(partner.temperatures))
            and (partner.rates >= 0).all()
            and (np.diff(partner.temperatures) > 0).all()
            and partner.upper.max() < n_levels
            and partner.lower.max() < n_levels
            for partner in molecule.partners
        )
    )


def parsed(data: bytes) -> tuple[Molecule | None, int]:
    """The molecule, or the line that the complaint names (0 where it names none)."""
    try:
        return parse_molecule(data, "hx.dat"), 0
    except FileError as error:
        return None, error.line or 0


@settings(max_examples=400, deadline=None)
@given(damaged())
def test_any_mutilation_gives_a_line_or_a_sound_molecule(data: bytes) -> None:
    molecule, line = parsed(data)
    assert (molecule is not None and consistent(molecule)) or 1 <= line <= data.count(b"\n") + data.count(b"\r") + 1
