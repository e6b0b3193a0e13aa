"""LAMDA files as people have them are read, and what is written is read back the same."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import pytest

from stopdesk.domain.molecule import Molecule
from stopdesk.errors import FileError
from stopdesk.formats.lamda import parse_molecule, read_molecule, write_molecule
from stopdesk.formats.molecules import BundledMolecule, bundled, load

UNTIDY = """!MOLECULE
HX  made up \t
! MASS
29.5  ! amu
NUMBER OF ENERGY LEVELS
3 ! three of them

!LEVEL + ENERGIES(cm^-1) + WEIGHT + J
 1   0.0D0  1.0  ' 0  1.5'
 2   3.0    3    "01"      ! the first excited one
 3   9.0    5.0
!NUMBER OF RADIATIVE TRANSITIONS
  3
!TRANS + UP + LOW + EINSTEINA(s^-1)
 1  2 1  1.0e-05
 2  3 2  4.0E-4   179.9  12.9  and more
 3  3 1  0.0      0.0
!NUMBER OF COLL PARTNERS
2
!COLLISIONS BETWEEN
2 HX+ - p-H2 from Nobody & M\u00fcller (2020)  ! scaled by 1.4
!NUMBER OF COLL TRANS
2
!NUMBER OF COLL TEMPS
2
!COLL TEMPS
10. 100
!TRANS + UP + LOW + COLLRATES(cm^3 s^-1)
1 2 1  1e-11 2e-11
2 3 2  1.D-11 2e-11
! second partner
4 'HX-e'
! N
1
! N
1
! T
300
! rates
1 2 1 1e-7
!NOTES:
! Nothing is known.
"""


def same(one: Molecule, other: Molecule) -> bool:
    arrays = ("level_energy", "level_weight", "upper", "lower", "einstein_a", "frequency", "upper_energy")
    return (
        all(np.array_equal(getattr(one, name), getattr(other, name)) for name in arrays)
        and (one.level_name, one.weight, one.partner_names) == (other.level_name, other.weight, other.partner_names)
        and all(
            np.array_equal(a.rates, b.rates) and np.array_equal(a.temperatures, b.temperatures) and a.code == b.code
            and np.array_equal(a.upper, b.upper) and np.array_equal(a.lower, b.lower) and a.description == b.description
            for a, b in zip(one.partners, other.partners, strict=True)
        )
    )  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1", "utf-8-sig"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_untidy_file_is_read(encoding: str, line_end: str) -> None:
    data = UNTIDY.replace("\n", line_end).encode(encoding)
    molecule = parse_molecule(data, "folder/hx.dat")
    assert (molecule.name, molecule.weight, molecule.file_name) == ("HX  made up", 29.5, "hx.dat")
    assert molecule.level_name == ("0_1.5", "1", "3")
    assert molecule.level_energy.tolist() == [0.0, 3.0, 9.0]
    assert molecule.transition_names == ("1-0_1.5", "3-1", "3-0_1.5")
    assert molecule.frequency == pytest.approx([3 * 29.9792458, 179.9, 9 * 29.9792458])
    assert molecule.upper_energy == pytest.approx([4.31633, 12.94899, 12.94899], rel=1e-5)
    assert molecule.partner_names == ("para-H2", "e")
    assert molecule.partner("para-H2").description == "HX+ - p-H2 from Nobody & Müller (2020) scaled by 1.4"
    assert molecule.partner("para-H2").rates.tolist() == [[1e-11, 2e-11], [1e-11, 2e-11]]
    assert molecule.partner("e").temperatures.tolist() == [300.0]
    assert molecule.notes == "NOTES:\nNothing is known."
    assert molecule.sha256 == hashlib.sha256(data).hexdigest()


def test_a_file_without_collisions_is_read() -> None:
    molecule = parse_molecule(UNTIDY.partition("!NUMBER OF COLL PARTNERS")[0].encode(), "hx.dat")
    assert molecule.partners == ()
    assert molecule.n_lines == 3


def test_what_is_written_reads_back_the_same(tmp_path: Path) -> None:
    molecule = parse_molecule(UNTIDY.encode(), "hx.dat")
    write_molecule(molecule, tmp_path / "clean.dat")
    again = read_molecule(tmp_path / "clean.dat")
    assert same(molecule, again)
    assert again.notes == molecule.notes


@pytest.mark.parametrize("entry", bundled(), ids=lambda entry: entry.key)
def test_every_bundled_molecule_is_whole_and_reads_back_the_same(entry: BundledMolecule, tmp_path: Path) -> None:
    molecule = load(entry.key)
    assert molecule.sha256 == entry.sha256
    assert entry.reference
    assert molecule.partners
    assert molecule.frequency.min() > 0
    step = molecule.level_energy[molecule.upper] - molecule.level_energy[molecule.lower]
    assert molecule.frequency == pytest.approx(step * 29.9792458, rel=5e-3), "frequencies and levels contradict"
    write_molecule(molecule, tmp_path / "clean.dat")
    assert same(molecule, read_molecule(tmp_path / "clean.dat"))


def test_carbon_monoxide_is_carbon_monoxide() -> None:
    molecule = load("CO")
    assert molecule.frequency[0] == pytest.approx(115.2712018)
    assert molecule.einstein_a[0] == pytest.approx(7.203e-8)
    assert molecule.upper_energy[0] == pytest.approx(5.532, rel=1e-3)
    assert molecule.transition_names[0] == "1-0"
    assert molecule.partner_names == ("para-H2", "ortho-H2")
    assert load("co") is molecule


def test_a_file_that_is_not_there_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"nothing\.dat: cannot be read \(No such file"):
        read_molecule(tmp_path / "nothing.dat")


FITTING = UNTIDY.replace("0.0D0", "0.0000").replace("  3.0 ", "  3.0000 ").replace("  9.0 ", "  9.0000 ")


def test_a_frequency_that_hardly_fits_its_levels_is_kept_and_told_of() -> None:
    molecule = parse_molecule(FITTING.replace("179.9", "183.0").encode(), "hx.dat")
    assert molecule.frequency[1] == 183.0
    assert molecule.doubts == (
        "The file gives 183 GHz for the line 3-1, and its level energies make it 179.875 GHz; the numbers are computed "
        "with the latter.",
    )
    assert parse_molecule(FITTING.encode(), "hx.dat").doubts == ()


def test_a_frequency_far_from_its_levels_is_refused_unless_they_are_too_coarse_to_tell() -> None:
    wrong = FITTING.replace("179.9", "230.0")
    with pytest.raises(FileError, match=r"hx\.dat, line 16: the frequency is 230 GHz, .* make it 179\.875 GHz"):
        parse_molecule(wrong.encode(), "hx.dat")
    coarse = parse_molecule(UNTIDY.replace("179.9", "210.0").replace("9.0  ", "9  ").encode(), "hx.dat")
    assert coarse.frequency[1] == 210.0
    assert len(coarse.doubts) == 1


@pytest.mark.parametrize("entry", bundled(), ids=lambda entry: entry.key)
def test_bundled_molecules_have_short_names_and_frequencies_that_fit(entry: BundledMolecule) -> None:
    molecule = load(entry.key)
    assert molecule.name == entry.name
    assert molecule.doubts == ()
