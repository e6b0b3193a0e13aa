"""Spectra in tables of FITS, VOTable, ECSV and plain text: columns are found by what is said of them, or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from astropy import units
from astropy.io import fits
from astropy.table import Table

from stopdesk.domain.spectrum import AxisKind, Spectrum
from stopdesk.errors import FileError
from stopdesk.formats.spectra import read_spectra
from tests.spectra import SDM, line, write_eso, write_sdss, write_table


def only(path: Path) -> Spectrum:
    (spectrum,) = read_spectra(path)
    return spectrum


def text(tmp_path: Path, content: str, name: str = "a.csv") -> Path:
    path = tmp_path / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_row_of_arrays_as_the_eso_has_it(tmp_path: Path) -> None:
    found = only(write_eso(tmp_path / "eso.fits"))
    assert (found.axis_kind, found.frame, found.name) == (AxisKind.AIR_WAVELENGTH, "BARY", "HD 1")
    assert found.axis == pytest.approx(np.linspace(6000.0, 6010.0, 50))
    assert np.array_equal(found.flux, line(50).astype(float))
    assert (found.flux_unit, found.flux_name) == ("erg Angstrom-1 s-1 cm-2", "Flux density")
    assert found.kinds == (AxisKind.AIR_WAVELENGTH, AxisKind.CHANNEL), "its frequencies depend on the air"
    assert found.date == "55000.5"


def test_the_logarithms_of_the_sdss(tmp_path: Path) -> None:
    found = only(write_sdss(tmp_path / "spec.fits"))
    assert found.axis == pytest.approx(10 ** (3.58 + 1e-4 * np.arange(40)), rel=1e-6)
    assert (found.axis_kind, found.axis_unit) == (AxisKind.WAVELENGTH, "Angstrom")
    assert np.flatnonzero(found.mask).tolist() == [5]
    assert found.flux_unit == "1e-17 erg Angstrom-1 s-1 cm-2"


def test_several_rows_are_several_spectra(tmp_path: Path) -> None:
    axis = np.linspace(100.0, 101.0, 8)
    columns = [
        fits.Column("FREQUENCY", "8D", unit="GHz", array=[axis, axis + 1]),
        fits.Column("FLUX", "8E", unit="Jy", array=[np.ones(8), np.arange(8)]),
    ]
    first, second = read_spectra(write_table(tmp_path / "a.fits", columns))
    assert [each.part for each in (first, second)] == ["HDU 1, row 1", "HDU 1, row 2"]
    assert second.axis == pytest.approx(axis + 1)
    assert second.flux.tolist() == list(range(8))


def test_arrays_of_various_lengths(tmp_path: Path) -> None:
    x = np.array([np.linspace(1, 2, 5), np.linspace(1, 2, 9)], dtype=object)
    columns = [
        fits.Column("freq", "PD()", unit="GHz", array=x),
        fits.Column("flux", "PD()", unit="K", array=np.array([each * 2 for each in x], dtype=object)),
    ]
    assert [each.n_channels for each in read_spectra(write_table(tmp_path / "a.fits", columns))] == [5, 9]


def test_more_rows_than_can_be_shown_are_refused(tmp_path: Path) -> None:
    x = np.tile(np.linspace(1, 2, 4), (101, 1))
    columns = [fits.Column("freq", "4D", unit="GHz", array=x), fits.Column("flux", "4D", unit="K", array=x)]
    with pytest.raises(FileError, match="HDU 1 holds 101 spectra, a row each; up to 100"):
        read_spectra(write_table(tmp_path / "a.fits", columns))


def test_the_spectral_data_model_in_a_votable(tmp_path: Path) -> None:
    found = only(text(tmp_path, SDM, "sdm.vot"))
    assert (found.name, found.object, found.frame) == ("Orion KL", "Orion KL", "LSRK")
    assert found.axis_in(AxisKind.FREQUENCY, "GHz") == pytest.approx([115.0, 115.1, 115.2])
    assert found.flux[[0, 2]].tolist() == [10.0, 30.0]
    assert found.mask.tolist() == [False, True, False]
    assert (found.flux_unit, found.flux_scale) == ("mK", 1e-3)
    assert "TargetName" in [card.keyword for card in found.header]


@pytest.mark.parametrize("serialization", ["tabledata", "binary2"])
def test_a_votable_of_two_columns(tmp_path: Path, serialization: str) -> None:
    table = Table({"wavelength": np.linspace(0.5, 0.6, 10) * units.um, "intensity": np.arange(10.0) * units.Jy})
    path = tmp_path / "two.xml"
    table.write(path, format="votable", tabledata_format=serialization)
    found = only(path)
    assert found.axis_in(AxisKind.WAVELENGTH, "nm") == pytest.approx(np.linspace(500, 600, 10))
    assert found.flux.tolist() == list(range(10))


def test_ecsv_with_a_rest_frequency_among_its_data(tmp_path: Path) -> None:
    table = Table({"vrad": np.linspace(-5, 5, 11) * units.km / units.s, "t_mb": np.arange(11.0) * units.K})
    table.meta = {"OBJECT": "L1544", "RESTFRQ": 110.2013541e9, "SPECSYS": "LSRK"}
    table.write(tmp_path / "a.ecsv", format="ascii.ecsv")
    found = only(tmp_path / "a.ecsv")
    assert (found.name, found.frame, found.axis_kind) == ("L1544", "LSRK", AxisKind.RADIO_VELOCITY)
    assert found.axis_in(AxisKind.FREQUENCY, "GHz")[5] == pytest.approx(110.2013541, rel=1e-14)


@pytest.mark.parametrize(
    "content",
    [
        "Frequency [GHz],Flux [Jy]\n1.0,2\n1.1,3\n1.2,\n",
        "# rest frequency: 1.05e9\nFrequency (GHz);Flux (Jy)\n1.0;2\n1.1;3\n1.2;nan\n",
        "# Frequency [GHz]  Flux [Jy]\n1.0 2\n1.1 3\n1.2 nan\n",
        '"frequency [GHz]"\t"flux [Jy]"\n1.0\t2\n1.1\t3\n1.2\tnan\n',
        "CO 1-0: Frequency [GHz],CO 1-0: Flux [Jy]\n1.0,2\n1.1,3\n1.2,\n",
        "\ufeff! a remark\nfreq [MHz],flux [Jy],error [Jy]\n1000,2,1\n1100,3,1\n1200,nan,1\n",
    ],
)
def test_columns_of_numbers_under_names_with_units(tmp_path: Path, content: str) -> None:
    found = only(text(tmp_path, content, "my spectrum.csv"))
    assert found.axis_in(AxisKind.FREQUENCY, "GHz") == pytest.approx([1.0, 1.1, 1.2])
    assert found.flux[:2].tolist() == [2.0, 3.0]
    assert found.mask.tolist() == [False, False, True]
    assert (found.flux_unit, found.name) == ("Jy", "my spectrum")


def test_velocities_in_text_have_the_convention_that_their_name_has(tmp_path: Path) -> None:
    rows = "\n1,1\n2,2\n"
    found = only(text(tmp_path, "v_LSR [km/s],T_mb [K]" + rows))
    assert (found.axis_kind, found.frame, found.rest_frequency) == (AxisKind.VELOCITY, "LSRK", None)
    found = only(text(tmp_path, "# rest frequency: 110.2e9\nradio velocity [km/s],T_mb [K]" + rows))
    assert (found.axis_kind, found.rest_frequency) == (AxisKind.RADIO_VELOCITY, 110.2e9)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1 2\n3 4\n", "no line that names them, such as Frequency [GHz], Flux [Jy]"),
        ("frequency,flux\n1,2\n3,4\n", "does not say the unit of frequency"),
        ("frequency [GHz],a [Jy],b [Jy]\n1,2,3\n3,4,5\n", "does not say which of a, b is the flux"),
        ("frequency [GHz],error [Jy]\n1,2\n3,4\n", "has a spectral axis, frequency, but no flux"),
        ("time [s],flux [Jy]\n1,2\n3,4\n", "no column with a spectral axis"),
        ("frequency [parsnip],flux [Jy]\n1,2\n3,4\n", "in 'parsnip', which is no unit of frequency"),
        ("frequency [GHz],flux [Jy]\n1,2\n3,1.2.3\n", "one line is '3,1.2.3'"),
        ("frequency [GHz],flux [Jy]\n1,2\n3\n", "has lines of 2 and of 1 columns"),
        ("Dear all,\nhere is my letter.\n", "not one of columns of numbers"),
        ("frequency [GHz],flux [Jy]\n1,2\n", "has 1 channels, which is no spectrum"),
        ("<html><body>Log in</body></html>", "is a web page and no VOTable"),
        (SDM.replace('value="OK"', 'value="ERROR"'), "holds an error instead of a table"),
        ("\0\1\2\3", "no FITS file, no VOTable and no text"),
        ("", "is empty"),
    ],
)
def test_what_is_not_understood_is_said(tmp_path: Path, content: str, words: str) -> None:
    path = text(tmp_path, content)
    with pytest.raises(FileError) as failure:
        read_spectra(path)
    assert words in str(failure.value)
    assert str(path) in str(failure.value)


def test_columns_that_say_nothing_are_not_guessed(tmp_path: Path) -> None:
    columns = [fits.Column("a", "D", array=np.arange(5.0)), fits.Column("b", "D", array=np.arange(5.0))]
    with pytest.raises(FileError, match="HDU 1 has no column with a spectral axis"):
        read_spectra(write_table(tmp_path / "a.fits", columns))
