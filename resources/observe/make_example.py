"""Writes example.vot, the answer that the Observe workspace shows without a network.

It is one record of ALMA's archive: the observations of M83 of project 2017.1.00079.S, member uid://A001/X1295/X35, as
the archive gave it on 2019-12-11 in its table ivoa.obscore; it is kept by astroquery as test data
(astroquery/alma/tests/data/alma-onerow.txt). The archive has one row for all four spectral windows; here each window,
as the column frequency_support lists it, has a row, and the other values are those of the record.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from astropy.table import Column, Table

from stopdesk.formats.votable import write_table

_LIGHT = 299792458.0

#: Lowest and highest frequency (GHz), channel width (kHz) and sensitivity at 10 km/s (mJy/beam) of each window.
_WINDOWS = ((112.35, 114.23, 1952.95, 8.0), (113.81, 115.79, 31247.16, 9.9), (114.84, 115.31, 488.24, 8.2),
            (114.95, 115.19, 122.06, 8.2))  # fmt: skip

_REGION = (
    "Polygon ICRS 204.319476 -29.894283 204.314307 -29.893360 204.174614 -29.893832 204.159606 -29.886181 204.153471 "
    "-29.877399 204.157057 -29.856075 204.152987 -29.849020 204.155142 -29.845057 204.159570 -29.842949 204.165241 "
    "-29.843807 204.183416 -29.843187 204.297720 -29.843831 204.302372 -29.842863 204.307818 -29.845083 204.310143 "
    "-29.850046 204.314283 -29.849063 204.334321 -29.849727 204.337744 -29.852341 204.343021 -29.861027 204.339032 "
    "-29.868522 204.342934 -29.888997 204.337052 -29.894104"
)

_PLACE = "obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2"
_BOUNDS = "obscore:Char.SpectralAxis.Coverage.Bounds.Limits"
_TIME = "obscore:Char.TimeAxis.Coverage.Bounds.Limits"


def _column(name: str, values: Any, unit: str, ucd: str, utype: str, description: str) -> Column:
    column = Column([values] * len(_WINDOWS) if not isinstance(values, list) else values, name=name, unit=unit or None)
    column.description = description
    column.meta.update({"ucd": ucd, "utype": utype})
    return column


def example() -> Table:
    """The record, a row a window."""
    low, high = ([window[side] * 1e9 for window in _WINDOWS] for side in (0, 1))
    page = "http://almascience.org/aq?member_ous_id=uid://A001/X1295/X35"
    columns = (
        ("obs_publisher_did", "ADS/JAO.ALMA#2017.1.00079.S", "", "meta.ref.ivoid", "obscore:Curation.PublisherDID", ""),
        ("obs_id", "uid://A001/X1295/X35", "", "meta.id", "obscore:DataID.observationID", "Member of the project"),
        ("target_name", "M83", "", "meta.id;src", "obscore:Target.Name", "Name of the target"),
        ("dataproduct_type", "cube", "", "meta.id", "obscore:ObsDataset.dataProductType", "Kind of data"),
        ("s_ra", 204.24712522989094, "deg", "pos.eq.ra", f"{_PLACE}.C1", "Right ascension of the centre"),
        ("s_dec", -29.868853678162907, "deg", "pos.eq.dec", f"{_PLACE}.C2", "Declination of the centre"),
        ("s_region", _REGION, "", "pos.outline;obs.field", "obscore:Char.SpatialAxis.Coverage.Support.Area", ""),
        ("s_resolution", 1.5779219110458824, "arcsec", "pos.angResolution", "", "Angular resolution"),
        ("em_min", [_LIGHT / each for each in high], "m", "em.wl;stat.min", f"{_BOUNDS}.LoLimit", ""),
        ("em_max", [_LIGHT / each for each in low], "m", "em.wl;stat.max", f"{_BOUNDS}.HiLimit", ""),
        ("t_min", 58480.431262, "d", "time.start;obs.exposure", f"{_TIME}.StartTime", "Start, as MJD"),
        ("t_max", 58488.516277, "d", "time.end;obs.exposure", f"{_TIME}.StopTime", "End, as MJD"),
        ("t_exptime", 156.52, "s", "time.duration;obs.exposure", "", "Time on source"),
        ("channel_width", [each[2] for each in _WINDOWS], "kHz", "spect.resolution", "", "Width of a channel"),
        ("sensitivity_10kms", [each[3] for each in _WINDOWS], "mJy/beam", "", "", "Sensitivity at 10 km/s"),
        ("facility_name", "JAO", "", "meta.id;instr.tel", "obscore:Provenance.ObsConfig.Facility.name", ""),
        ("instrument_name", "ALMA", "", "meta.id;instr", "obscore:Provenance.ObsConfig.Instrument.name", ""),
        ("obs_creator_name", "Koda, Jin", "", "meta.id", "obscore:DataID.Creator", "Principal investigator"),
        ("access_url", page, "", "meta.ref.url", "obscore:Access.Reference", "Page of the archive"),
        ("access_format", "text/html", "", "meta.code.mime", "obscore:Access.Format", ""),
    )
    table = Table([_column(*each) for each in columns])
    table.meta["description"] = (__doc__ or "").partition("\n\n")[2]
    return table


if __name__ == "__main__":
    write_table(example(), Path(__file__).with_name("example.vot"), "tabledata")
