"""The VOSI documents: whether the service is available, what it offers, and every parameter of a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from stopdesk.domain.models import MODELS
from stopdesk.domain.parameter import Choice, FileInput, MoleculeChoice, Number, Parameter
from stopdesk.domain.spec import ModelSpec
from stopdesk.formats import molecules
from stopdesk.uws.service.documents import DECLARATION, attribute, text
from stopdesk.uws.service.records import show_time

_NAMESPACES = (
    'xmlns:cap="http://www.ivoa.net/xml/VOSICapabilities/v1.0" xmlns:vs="http://www.ivoa.net/xml/VODataService/v1.1" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)
_VOSI = "ivo://ivoa.net/std/VOSI"
_UWS = "ivo://ivoa.net/std/UWS"

_CONTROLS = (
    ("PHASE", "RUN starts the job as soon as it is made; otherwise it waits for PHASE=RUN at its phase.", ""),
    ("RUNID", "A name for the job that is given back as it is.", ""),
    ("EXECUTIONDURATION", "Seconds after which the job is aborted; 0 asks for the longest time there is.", "s"),
    ("DESTRUCTION", "When the job and its files are removed, as 2026-11-20T12:00:00Z.", ""),
    ("UPLOAD", "NAME,param:PART gives the uploaded part PART to the parameter NAME.", ""),
)


def availability(since: int) -> str:
    """The availability of the service, which is up since ``since`` (ms)."""
    return (
        f'{DECLARATION}<availability xmlns="http://www.ivoa.net/xml/VOSIAvailability/v1.0">'
        f"<available>true</available><upSince>{show_time(since)}</upSince></availability>\n"
    )


def service(base: str) -> str:
    """What the service at ``base`` (without a slash at its end) offers."""
    return _document(_vosi(base, base) + [_model(spec, base, with_parameters=False) for spec in MODELS])


def model(spec: ModelSpec, base: str) -> str:
    """What a model offers, with every parameter: type, unit, range, options, description."""
    return _document([*_vosi(base, f"{base}/{spec.name}"), _model(spec, base, with_parameters=True)])


def _document(capabilities: Iterable[str]) -> str:
    content = "\n".join(capabilities)
    return f"{DECLARATION}<cap:capabilities {_NAMESPACES}>\n{content}\n</cap:capabilities>\n"


def _vosi(base: str, described: str) -> list[str]:
    return [
        f'<capability standardID="{_VOSI}#{name}"><interface xsi:type="vs:ParamHTTP" role="std">'
        f'<accessURL use="full">{text(url)}</accessURL></interface></capability>'
        for name, url in (("capabilities", f"{described}/capabilities"), ("availability", f"{base}/availability"))
    ]


def _model(spec: ModelSpec, base: str, *, with_parameters: bool) -> str:
    """The job list of a model: jobs are made by a POST of these parameters to it."""
    parameters = ""
    if with_parameters:
        own = (_parameter(parameter) for parameter in spec.parameters)
        controls = (_param(name, words, unit=unit, std=True) for name, words, unit in _CONTROLS)
        parameters = "".join(f"\n{param}" for param in (*own, *controls))
    return (
        f'<capability standardID="{_UWS}"><description>{text(f"{spec.title}: {spec.description}")}</description>'
        f'<interface xsi:type="vs:ParamHTTP" role="std" version="1.1">'
        f'<accessURL use="base">{text(f"{base}/{spec.name}/jobs")}</accessURL>'
        f"<queryType>POST</queryType><resultType>text/xml</resultType>{parameters}</interface></capability>"
    )


def _parameter(parameter: Parameter) -> str:
    return _param(
        parameter.name,
        " ".join([parameter.help, *_words(parameter)]),
        unit=parameter.unit_text,
        ucd=parameter.ucd,
        data_type="real" if isinstance(parameter, Number) else "string",
        kind=_kind(parameter),
        required=parameter.required,
    )


def _param(
    name: str,
    description: str,
    *,
    unit: str = "",
    ucd: str = "",
    data_type: str = "string",
    kind: str = "",
    required: bool = False,
    std: bool = False,
) -> str:
    extended = f" extendedType={attribute(kind)}" if kind else ""
    return (
        f'<param use="{"required" if required else "optional"}" std="{"true" if std else "false"}">'
        f"<name>{text(name)}</name><description>{text(description)}</description>"
        + (f"<unit>{text(unit)}</unit>" if unit else "")
        + (f"<ucd>{text(ucd)}</ucd>" if ucd else "")
        + f'<dataType xsi:type="vs:SimpleDataType"{extended}>{data_type}</dataType></param>'
    )


def _kind(parameter: Parameter) -> str:
    """What the type does not say: that a number may be an axis, that a text is a choice, or a file."""
    if isinstance(parameter, Number):
        return "stopdesk:axis" if parameter.axis else "stopdesk:number"
    if isinstance(parameter, FileInput):
        return "stopdesk:file"
    return "stopdesk:choice"


def _words(parameter: Parameter) -> list[str]:
    """Range, options, default and ways of writing, as sentences; the schema has no elements for them."""
    words = []
    options = _options(parameter)
    if options:
        words.append(f"Options: {', '.join(options)}.")
    else:
        words.append(f"Range: {parameter.range_text}.")
    if parameter.default_value is not None:
        words.append(f"Default: {parameter.format(parameter.default_value)}.")
    if isinstance(parameter, Number) and parameter.axis:
        words.append("An axis of a grid is written min:max:n or min:max:n:log.")
    if isinstance(parameter, FileInput):
        words.append(f"Upload a part of this name, or send {parameter.name}=param:PART with a part PART.")
    return words


def _options(parameter: Parameter) -> Sequence[str]:
    if isinstance(parameter, MoleculeChoice):
        return [molecule.key for molecule in molecules.bundled()]
    return parameter.options if isinstance(parameter, Choice) else ()
