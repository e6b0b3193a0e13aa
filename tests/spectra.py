"""Files of spectra as instruments, archives and programs write them, all of them computed here."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
from astropy.io import fits
from numpy.typing import NDArray

#: 13CO 1-0 and HCO+ 3-2, in Hz.
REST_13CO, REST_HCOP = 110.2013541e9, 267.5576259e9


def line(n: int = 64, *, centre: float = 0.5, height: float = 2.0) -> NDArray[np.float32]:
    """A Gaussian line with a tenth of the channels as its width."""
    return (height * np.exp(-0.5 * ((np.arange(n) / n - centre) / 0.1) ** 2)).astype(np.float32)


def write_image(path: Path, cards: dict[str, Any], *, data: NDArray[Any] | None = None) -> Path:
    """A FITS file with one image and these cards."""
    unit = fits.PrimaryHDU(line() if data is None else data)
    for keyword, value in cards.items():
        if keyword in ("COMMENT", "HISTORY"):
            unit.header.add_comment(value) if keyword == "COMMENT" else unit.header.add_history(value)
        else:
            unit.header[keyword] = value
    unit.writeto(path)
    return path


def radio(**more: Any) -> dict[str, Any]:
    """The cards of a spectrum of 13CO over LSRK velocities by the radio convention, the velocity falling."""
    return {
        "CTYPE1": "VRAD",
        "CUNIT1": "km/s",
        "CRVAL1": 3.8,
        "CDELT1": -0.25,
        "CRPIX1": 32.5,
        "BUNIT": "K",
        "SPECSYS": "LSRK",
        "RESTFRQ": REST_13CO,
        "OBJECT": "L1544",
        **more,
    }


def class_made(velocity: float | None = 0.0, **more: Any) -> dict[str, Any]:
    """The cards of a spectrum by CLASS: frequencies counted from the rest frequency; the velocity in m/s."""
    step = -1.0e6
    cards = {
        "CTYPE1": "FREQ",
        "CRVAL1": (0.0, "Offset frequency"),
        "CDELT1": (step, "Frequency resolution"),
        "CRPIX1": 32.5,
        "CTYPE2": "RA---GLS",
        "EQUINOX": 2000.0,
        "CRVAL2": 272.1558333333,
        "CDELT2": 0.0,
        "CRPIX2": 0.0,
        "CTYPE3": "DEC--GLS",
        "CRVAL3": -20.31791666667,
        "CDELT3": 0.0,
        "CRPIX3": 0.0,
        "CTYPE4": "STOKES",
        "CRVAL4": 1.0,
        "CDELT4": 0.0,
        "CRPIX4": 0.0,
        "BUNIT": "K",
        "OBJECT": "10074-190",
        "LINE": "HCOP(3-2)",
        "RESTFREQ": REST_HCOP,
        "DELTAV": (-299792458.0 * step / REST_HCOP, "Velocity spacing of channels"),
        "BEAMEFF": 0.75,
        "ORIGIN": "CLASS-Grenoble",
        "DATE-OBS": "2011-02-28T07:29:39.858",
    }
    if velocity is not None:
        cards["VELO-LSR"] = (velocity, "Velocity of reference channel")
    return {**cards, **more}


def write_class(path: Path, velocity: float | None = 0.0, **more: Any) -> Path:
    """A spectrum as CLASS writes it: four axes, three of them of one pixel."""
    return write_image(path, class_made(velocity, **more), data=line()[None, None, None, :])


def write_table(path: Path, columns: list[fits.Column], primary: dict[str, Any] | None = None, **cards: Any) -> Path:
    """A FITS file with one table behind an empty primary unit."""
    table = fits.BinTableHDU.from_columns(columns)
    for keyword, value in cards.items():
        table.header[keyword] = value
    first = fits.PrimaryHDU()
    for keyword, value in (primary or {}).items():
        first.header[keyword] = value
    fits.HDUList([first, table]).writeto(path)
    return path


def write_eso(path: Path) -> Path:
    """A spectrum as the ESO's phase 3 asks for it: one row, an array a column, wavelengths in air."""
    n = 50
    columns = [
        fits.Column("WAVE", f"{n}D", unit="angstrom", array=[np.linspace(6000.0, 6010.0, n)]),
        fits.Column("FLUX", f"{n}E", unit="erg cm**(-2) s**(-1) angstrom**(-1)", array=[line(n)]),
        fits.Column("ERR", f"{n}E", unit="erg cm**(-2) s**(-1) angstrom**(-1)", array=[line(n) / 10]),
    ]
    cards = {"TUTYP1": "spec:Data.SpectralAxis.Value", "TUCD1": "em.wl;obs.atmos"}
    cards |= {"TUTYP2": "spec:Data.FluxAxis.Value", "TUCD2": "phot.flux.density;em.wl"}
    cards |= {"TUTYP3": "spec:Data.FluxAxis.Accuracy.StatError", "TUCD3": "stat.error;phot.flux.density;em.wl"}
    return write_table(path, columns, {"OBJECT": "HD 1", "SPECSYS": "BARYCENT", "MJD-OBS": 55000.5}, **cards)


def write_sdss(path: Path) -> Path:
    """A spectrum as the SDSS has it: the logarithm of the wavelength, no units, weights of 0 where there is none."""
    n = 40
    weight = np.ones(n)
    weight[5] = 0.0
    columns = [
        fits.Column("flux", "E", array=line(n)),
        fits.Column("loglam", "E", array=3.58 + 1e-4 * np.arange(n)),
        fits.Column("ivar", "E", array=weight),
        fits.Column("and_mask", "J", array=np.zeros(n)),
        fits.Column("model", "E", array=line(n)),
    ]
    return write_table(path, columns, {"BUNIT": "1E-17 erg/cm^2/s/Ang"}, EXTNAME="COADD")


SDM = """<?xml version="1.0"?>
<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results" utype="spec:Spectrum">
<INFO name="QUERY_STATUS" value="OK"/>
<TABLE utype="spec:Spectrum">
<GROUP utype="spec:Spectrum.Target"><PARAM name="TargetName" utype="spec:Spectrum.Target.Name" datatype="char"
 arraysize="*" value="Orion KL"/></GROUP>
<PARAM name="RefPos" utype="spec:Spectrum.CoordSys.SpectralFrame.RefPos" datatype="char" arraysize="*" value="LSRK"/>
<FIELD name="f" utype="spec:Spectrum.Data.SpectralAxis.Value" ucd="em.freq" unit="GHz" datatype="double"/>
<FIELD name="t" utype="spec:Spectrum.Data.FluxAxis.Value" ucd="phys.temperature" unit="mK" datatype="float"/>
<FIELD name="e" utype="spec:Spectrum.Data.FluxAxis.Accuracy.StatError" ucd="stat.error" unit="mK" datatype="float"/>
<DATA><TABLEDATA>
<TR><TD>115.0</TD><TD>10</TD><TD>1</TD></TR><TR><TD>115.1</TD><TD></TD><TD>1</TD></TR>
<TR><TD>115.2</TD><TD>30</TD><TD>1</TD></TR></TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"""


def write_many_channels(path: Path, n: int) -> Path:
    """A spectrum of so many channels of noise, with a line of height 50 a channel wide in the middle."""
    data = np.random.default_rng(1).standard_normal(n).astype(np.float32)
    data[n // 2] = 50.0
    return write_image(path, radio(CDELT1=1e-4, CRPIX1=n / 2), data=data)


def packed(path: Path) -> Path:
    """The same file, gzipped, beside it."""
    target = path.with_name(path.name + ".gz")
    target.write_bytes(gzip.compress(path.read_bytes()))
    return target
