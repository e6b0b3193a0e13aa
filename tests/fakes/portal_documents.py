"""The documents of portals as the stand-in answers them: VOTables, Sesame's XML, jobs and capabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

#: Name, datatype, unit, UCD and utype of a column.
Column = tuple[str, str, str, str, str]

OBSCORE: tuple[Column, ...] = (
    ("obs_publisher_did", "char", "", "meta.ref.ivoid", "obscore:Curation.PublisherDID"),
    ("obs_id", "char", "", "meta.id", "obscore:DataID.observationID"),
    ("target_name", "char", "", "meta.id;src", "obscore:Target.Name"),
    ("s_ra", "double", "deg", "pos.eq.ra", "obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C1"),
    ("s_dec", "double", "deg", "pos.eq.dec", "obscore:Char.SpatialAxis.Coverage.Location.Coord.Position2D.Value2.C2"),
    ("em_min", "double", "m", "em.wl;stat.min", "obscore:Char.SpectralAxis.Coverage.Bounds.Limits.LoLimit"),
    ("em_max", "double", "m", "em.wl;stat.max", "obscore:Char.SpectralAxis.Coverage.Bounds.Limits.HiLimit"),
    ("access_url", "char", "", "meta.ref.url", "obscore:Access.Reference"),
    ("access_format", "char", "", "meta.code.mime", "obscore:Access.Format"),
)
CONE: tuple[Column, ...] = (
    ("obs_id", "char", "", "ID_MAIN", ""),
    ("RA", "double", "deg", "POS_EQ_RA_MAIN", ""),
    ("DEC", "double", "deg", "POS_EQ_DEC_MAIN", ""),
)
SIA: tuple[Column, ...] = (
    ("title", "char", "", "VOX:Image_Title", ""),
    ("ra", "double", "deg", "POS_EQ_RA_MAIN", ""),
    ("dec", "double", "deg", "POS_EQ_DEC_MAIN", ""),
    ("format", "char", "", "VOX:Image_Format", ""),
    ("url", "char", "", "VOX:Image_AccessReference", ""),
)
#: The columns of ObsPortal as ASPRO 2 reads them; positions in degrees, no UCDs.
OBSPORTAL: tuple[Column, ...] = (
    ("exp_id", "int", "", "", ""),
    ("exp_mjd_start", "double", "d", "", ""),
    ("exp_mjd_end", "double", "d", "", ""),
    ("instrument_name", "char", "", "", ""),
    ("target_name", "char", "", "", ""),
    ("target_ra", "double", "deg", "", ""),
    ("target_dec", "double", "deg", "", ""),
)
DATALINK: tuple[Column, ...] = (
    ("ID", "char", "", "meta.id;meta.main", ""),
    ("access_url", "char", "", "meta.ref.url", ""),
    ("service_def", "char", "", "meta.ref", ""),
    ("error_message", "char", "", "meta.code.error", ""),
    ("description", "char", "", "meta.note", ""),
    ("semantics", "char", "", "meta.code", ""),
    ("content_type", "char", "", "meta.code.mime", ""),
    ("content_length", "long", "byte", "phys.size;meta.file", ""),
)


@dataclass(frozen=True)
class Observation:
    """One row of the stand-in's archive: degrees, and wavelengths in metres."""

    number: int
    target: str
    ra: float
    dec: float
    em_min: float = 1.29e-3
    em_max: float = 1.31e-3
    url: str = ""

    def cells(self, columns: Sequence[Column]) -> list[str]:
        values = {
            "obs_publisher_did": f"ivo://x-stand-in/{self.number}",
            "obs_id": f"obs{self.number}",
            "exp_id": str(self.number),
            "exp_mjd_start": str(59000.5 + self.number),
            "exp_mjd_end": str(59000.6 + self.number),
            "instrument_name": "GRAVITY",
            "target_name": self.target,
            "title": self.target,
            "em_min": repr(self.em_min),
            "em_max": repr(self.em_max),
            "access_url": self.url,
            "url": self.url,
            "access_format": "application/x-votable+xml;content=datalink",
            "format": "image/fits",
        }
        values |= dict.fromkeys(("s_ra", "ra", "RA", "target_ra"), repr(self.ra))
        values |= dict.fromkeys(("s_dec", "dec", "DEC", "target_dec"), repr(self.dec))
        return [values[name] for name, *_ in columns]


def fields(columns: Sequence[Column]) -> str:
    parts = []
    for name, datatype, unit, ucd, utype in columns:
        more = {"unit": unit, "ucd": ucd, "utype": utype, "arraysize": "*" if datatype == "char" else ""}
        attributes = "".join(f" {key}={quoteattr(value)}" for key, value in more.items() if value)
        parts.append(f'<FIELD name="{name}" datatype="{datatype}"{attributes}/>')
    return "\n".join(parts)


def head(columns: Sequence[Column], status: str = "OK") -> str:
    """A document up to its rows."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
        f'<INFO name="QUERY_STATUS" value="{status}"/><TABLE>{fields(columns)}<DATA><TABLEDATA>\n'
    )


def row(cells: Iterable[str]) -> str:
    return "<TR>" + "".join(f"<TD>{escape(cell)}</TD>" for cell in cells) + "</TR>\n"


TAIL = "</TABLEDATA></DATA></TABLE></RESOURCE></VOTABLE>"


def votable(columns: Sequence[Column], rows: Iterable[Sequence[str]], status: str = "OK") -> bytes:
    return (head(columns, status) + "".join(row(cells) for cells in rows) + TAIL).encode()


def with_link_service(document: bytes, url: str) -> bytes:
    """The answer with a service of links, asked by publisher's identifiers, as DaCHS describes it."""
    descriptor = (
        '<RESOURCE name="links" type="meta" utype="adhoc:service"><GROUP name="inputParams">'
        '<PARAM name="ID" datatype="char" arraysize="*" ref="did" value=""/>'
        '<PARAM name="RESPONSEFORMAT" datatype="char" arraysize="*" value="votable"/></GROUP>'
        '<PARAM name="standardID" datatype="char" arraysize="*" value="ivo://ivoa.net/std/DataLink#links-1.1"/>'
        f'<PARAM name="accessURL" datatype="char" arraysize="*" value={quoteattr(url)}/></RESOURCE></VOTABLE>'
    )
    named = document.replace(b'<FIELD name="obs_publisher_did"', b'<FIELD ID="did" name="obs_publisher_did"')
    return named.replace(b"</VOTABLE>", descriptor.encode())


def error(words: str) -> bytes:
    """An error by DALI 1.1, section 4.4.2."""
    return (
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE type="results">'
        f'<INFO name="QUERY_STATUS" value="ERROR">{escape(words)}</INFO></RESOURCE></VOTABLE>'
    ).encode()


def cone_error(words: str) -> bytes:
    """An error as DaCHS answers cone searches with."""
    return (
        '<VOTABLE version="1.4" xmlns="http://www.ivoa.net/xml/VOTable/v1.3"><RESOURCE>'
        f'<INFO ID="Error" name="Error" value={quoteattr(words)}/></RESOURCE></VOTABLE>'
    ).encode()


def resolver(origin: str, ra: float, dec: float, name: str, kind: str = "") -> str:
    """What one data base knows, in Sesame's words."""
    return (
        f'<Resolver name="{origin}"><!-- delay: 3ms --><INFO>from cache</INFO><otype>{kind}</otype>'
        f"<jpos>00:00:00</jpos><jradeg> {ra}</jradeg><jdedeg>{dec} </jdedeg><oname>{name}</oname></Resolver>"
    )


def sesame(targets: Sequence[tuple[str, str]]) -> bytes:
    """Sesame's answer: each name with its resolvers, or with nothing."""
    parts = [
        f'<Target option="SNV"><name>{escape(name)}</name><!-- Q1 #1 -->'
        f"{inside or '<INFO>*** Nothing found ***</INFO>'}</Target>"
        for name, inside in targets
    ]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<Sesame xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:noNamespaceSchemaLocation="http://vizier.u-strasbg.fr/xml/sesame_4x.xsd">'
        f"{''.join(parts)}</Sesame>\n<!--- ====Done==== -->\n"
    ).encode()


def capabilities(url: str) -> bytes:
    """The VOSI capabilities of a SIA 2 service whose queries go to ``url``."""
    return (
        '<?xml version="1.0"?><cap:capabilities xmlns:cap="http://www.ivoa.net/xml/VOSICapabilities/v1.0" '
        'xmlns:vr="http://www.ivoa.net/xml/VOResource/v1.0" xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<capability standardID="ivo://ivoa.net/std/SIA#query-2.0"><interface xsi:type="vs:ParamHTTP" role="std" '
        f'version="2.0"><accessURL use="base">{url}</accessURL></interface></capability></cap:capabilities>'
    ).encode()


def job(url: str, phase: str, words: str = "") -> bytes:
    """A job of TAP."""
    results = f'<uws:result id="result" xlink:href="{url}/results/result"/>' if phase == "COMPLETED" else ""
    summary = f'<uws:errorSummary type="fatal" hasDetail="false"><uws:message>{escape(words)}</uws:message>'
    return (
        '<?xml version="1.0"?><uws:job xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" version="1.1" '
        f'xmlns:xlink="http://www.w3.org/1999/xlink"><uws:jobId>{url.rpartition("/")[2]}</uws:jobId>'
        f"<uws:phase>{phase}</uws:phase><uws:executionDuration>60</uws:executionDuration>"
        f"<uws:parameters/><uws:results>{results}</uws:results>"
        f"{summary + '</uws:errorSummary>' if words else ''}</uws:job>"
    ).encode()
