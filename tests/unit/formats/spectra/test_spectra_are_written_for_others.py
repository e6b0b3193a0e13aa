"""A spectrum as other programs get it: its channels as a table, which we read back, and what SSA says of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from stopdesk import paths
from stopdesk.domain.spectrum import Spectrum
from stopdesk.formats.spectra import read_spectra
from stopdesk.formats.spectra.writing import spectrum_table, ssa_meta
from stopdesk.samp.tables import TableFormat, write


def example() -> Spectrum:
    (spectrum,) = read_spectra(paths.resources() / "spectra" / "example.fits")
    return spectrum


def test_a_written_spectrum_is_the_same_when_it_is_read(tmp_path: Path) -> None:
    spectrum = example()
    mask = np.zeros(spectrum.n_channels, dtype=bool)
    mask[3] = True
    path = tmp_path / "spectrum.vot"
    write(spectrum_table(replace(spectrum, mask=mask)), TableFormat.VOTABLE, path)
    (back,) = read_spectra(path)
    np.testing.assert_allclose(back.axis * back.axis_scale, spectrum.axis * spectrum.axis_scale, rtol=1e-14)
    assert back.axis_kind is spectrum.axis_kind
    assert back.flux_unit == spectrum.flux_unit
    assert back.mask.tolist() == mask.tolist()
    np.testing.assert_array_equal(back.flux[~mask], spectrum.flux[~mask])


def test_what_is_said_of_a_spectrum_names_its_columns_and_units() -> None:
    spectrum = example()
    table = spectrum_table(spectrum)
    meta = ssa_meta(spectrum, "application/x-votable+xml", as_table=True)
    assert meta["vox:spectrum_axes"].split() == table.colnames
    assert meta["Dataset.SpectralAxis"], meta["Dataset.FluxAxis"] == table.colnames
    assert meta["Access.Format"] == "application/x-votable+xml"
    assert meta["Target.Name"] == (spectrum.object or spectrum.name)
    assert all(meta.values())
    alone = ssa_meta(spectrum, "application/fits", as_table=False)
    assert "vox:spectrum_axes" not in alone
