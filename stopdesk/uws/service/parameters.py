"""Turns the form of a creating request into a checked submission, or refuses it with every problem in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from stopdesk.domain.grid import Grid
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Attachment, FileInput, Values
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import InputError, InvalidParameters, Problem
from stopdesk.formats import molecules
from stopdesk.formats.lamda import parse_molecule
from stopdesk.uws.service.forms import Form, Part
from stopdesk.uws.service.records import is_xml_text, read_time

#: Names with a meaning of their own when a job is created; in whatever case (DALI 1.1, section 3).
CONTROLS = ("PHASE", "RUNID", "EXECUTIONDURATION", "DESTRUCTION", "UPLOAD")

_MAX_RUN_ID = 1000
#: What a request costs beyond its rows, in seconds; measured.
_OVERHEAD = 0.1


@dataclass(frozen=True, kw_only=True)
class Submission:
    """A job to be: complete values as on the wire, files by parameter, and what was asked of the service.

    ``execution_duration`` in seconds, ``destruction`` in ms since 1970, ``estimate`` in seconds.
    """

    model: str
    request: Mapping[str, str]
    files: Mapping[str, Part]
    run_id: str | None
    run: bool
    execution_duration: int | None
    destruction: int | None
    estimate: float


def read_submission(spec: ModelSpec, form: Form, *, n_workers: int) -> Submission:
    """The submission in a form; InputError (all problems of the values at once) when there is anything wrong."""
    run = _wants_run(form)
    run_id = _run_id(form)
    duration, destruction = form.control("EXECUTIONDURATION"), form.control("DESTRUCTION")
    request = _own_fields(form)
    files = _files(spec, form, request)
    attachments = {name: _attachment(part) for name, part in files.items()}
    values = spec.read(request, attachments)
    molecule = _molecule(spec, values, files)
    complete = spec.check(values, molecule)
    return Submission(
        model=spec.name,
        request=spec.request(complete),
        files=files,
        run_id=run_id,
        run=run,
        execution_duration=None if duration is None else read_duration(duration),
        destruction=None if destruction is None else read_time(destruction) // 1000,
        estimate=_OVERHEAD + Grid.of(complete).n_rows * spec.seconds_per_row(molecule) / n_workers,
    )


def read_duration(text: str) -> int:
    """An execution duration in seconds; InputError when it is no whole number or negative."""
    try:
        seconds = int(text)
    except ValueError:
        seconds = -1
    if seconds < 0:
        raise InputError(f"EXECUTIONDURATION is a whole number of seconds, 0 for no limit, not {text!r}.")
    return seconds


def _wants_run(form: Form) -> bool:
    phase = form.control("PHASE")
    if phase not in (None, "RUN"):
        raise InputError(f"At creation PHASE can only be RUN, not {phase!r}.")
    return phase == "RUN"


def _run_id(form: Form) -> str | None:
    run_id = form.control("RUNID")
    if run_id and (len(run_id) > _MAX_RUN_ID or not is_xml_text(run_id)):
        raise InputError(f"RUNID is a text of at most {_MAX_RUN_ID} characters without control characters.")
    return run_id or None


def _own_fields(form: Form) -> dict[str, str]:
    """The model's own parameters; none of them takes several values."""
    request: dict[str, str] = {}
    problems = []
    for name, value in form.fields:
        if name.upper() in CONTROLS:
            continue
        if name in request:
            problems.append(Problem((name,), "This parameter is given more than once; give it once."))
        request[name] = value
    if problems:
        raise InvalidParameters(problems)
    return request


def _files(spec: ModelSpec, form: Form, request: dict[str, str]) -> dict[str, Part]:
    """The uploaded files by parameter; references to parts (``NAME=param:part``) are taken out of ``request``.

    A part may also be named like its parameter, or be assigned by ``UPLOAD=NAME,param:part`` (DALI 1.1, section 3.4.5).
    """
    known = {parameter.name for parameter in spec.parameters if isinstance(parameter, FileInput)}
    references = {name: request.pop(name) for name in known if request.get(name, "").startswith("param:")}
    for text in (value for name, value in form.fields if name.upper() == "UPLOAD"):
        for pair in filter(None, text.split(";")):
            name, _, reference = pair.partition(",")
            references[name.strip()] = reference.strip()
    for name in known & form.parts.keys():
        references.setdefault(name, f"param:{name}")
    problems = []
    files: dict[str, Part] = {}
    for name, reference in references.items():
        kind, _, part = reference.partition(":")
        if name not in known:
            problems.append(Problem((name,), f"The {spec.name} model takes no file of this name."))
        elif kind != "param":
            problems.append(Problem((name,), "Files are not fetched from elsewhere: send the file with the request."))
        elif part not in form.parts:
            problems.append(Problem((name,), f"The request has no file named {part!r}."))
        else:
            files[name] = form.parts[part]
    used = {reference.partition(":")[2] for reference in references.values()}
    problems += [
        Problem((name,), f"The {spec.name} model takes no file of this name.") for name in form.parts.keys() - used
    ]
    if problems:
        raise InvalidParameters(problems)
    return files


def _attachment(part: Part) -> Attachment:
    return Attachment(part.file_name, hashlib.sha256(part.data).hexdigest(), len(part.data))


def _molecule(spec: ModelSpec, values: Values, files: Mapping[str, Part]) -> Molecule:
    """The molecule that the values speak of; InputError when its file is damaged or there is none of that name."""
    if "molecule_file" in files:
        return parse_molecule(files["molecule_file"].data, files["molecule_file"].file_name)
    return molecules.load(str(values.get("molecule", spec.parameter("molecule").default_value)))
