"""The declaration of a model: its parameters, groups, rules, outputs and presets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from stopdesk.domain.grid import MAX_ROWS, Grid
from stopdesk.domain.kinds import Several
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import FileInput, Parameter, Value, Values
from stopdesk.errors import InputError, InvalidParameters, Problem

#: A cross-check: values and, when it is known, the molecule in; problems out.
Rule = Callable[[Values, Molecule | None], Iterable[Problem]]
#: Why a parameter means nothing, given the other values and the molecule, as a sentence; None when it does.
Condition = Callable[[Values, Molecule | None], str | None]


class Uploads(StrEnum):
    """How a service wants the file of a parameter NAME in a multipart request.

    ``REFERENCE`` is a part of another name, announced as ``NAME=param:part`` (UWS 1.1, section 2.2.3.1.1) and as
    ``UPLOAD=NAME,param:part`` (DALI 1.1, section 3.4.5): DaCHS takes a part called NAME for the parameter's text.
    ``PART`` is a part called NAME: OPUS (``Job.set_from_post``) and vollt's uwslib (``MultipartParser``) look for the
    file under the name of the parameter. ``EITHER`` is a part called NAME that is announced as an UPLOAD as well, for
    a service of which nothing is known: all of these take it.
    """

    REFERENCE = "reference"
    PART = "part"
    EITHER = "either"


@dataclass(frozen=True)
class Group:
    """Parameters that stand together in the form; an advanced group starts folded."""

    name: str
    label: str
    advanced: bool = False


@dataclass(frozen=True, kw_only=True)
class Output:
    """What a model gives: one number a line and row (``line``), a row (``row``) or a line (``transition``)."""

    name: str
    label: str
    description: str
    unit: str = ""
    ucd: str = ""
    per: str = "line"
    kind: type[float] | type[bool] | type[str] = float


@dataclass(frozen=True)
class Preset:
    """A named set of values on the wire that fills the form."""

    name: str
    help: str
    request: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ModelSpec:
    """One model, declared. ``seconds_per_row`` estimates the time of one row on one core from the molecule.

    ``origin`` is the address where a service describes the model, empty for those of ours. A ``free`` spec stands for a
    service that describes nothing: it declares no parameters and takes any. ``uploads`` is how files go.
    """

    name: str
    title: str
    summary: str
    description: str
    reference: str
    groups: tuple[Group, ...]
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    presets: tuple[Preset, ...]
    seconds_per_row: Callable[[Molecule | None], float]
    rules: tuple[Rule, ...] = ()
    conditions: Mapping[str, Condition] = field(default_factory=dict)
    origin: str = ""
    free: bool = False
    uploads: Uploads = Uploads.REFERENCE

    def parameter(self, name: str) -> Parameter:
        """The parameter of that name; KeyError when there is none."""
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

    def outputs_per(self, per: str) -> tuple[Output, ...]:
        """The outputs of one kind: ``line``, ``row`` or ``transition``."""
        return tuple(output for output in self.outputs if output.per == per)

    def why_not(self, name: str, values: Values, molecule: Molecule | None) -> str | None:
        """Why the parameter means nothing with these values and this molecule; None when it does."""
        condition = self.conditions.get(name)
        return condition(values, molecule) if condition else None

    def applies(self, name: str, values: Values, molecule: Molecule | None) -> bool:
        """Whether the parameter means anything with these values and this molecule."""
        return self.why_not(name, values, molecule) is None

    def read(self, request: Mapping[str, str], attachments: Values | None = None) -> dict[str, Value]:
        """Values from a request as it stands on the wire, in the order of declaration and without defaults.

        Raises InvalidParameters with everything that cannot be read, unknown names included.
        """
        known = {parameter.name: parameter for parameter in self.parameters}
        unknown = f"The {self.name} model has no such parameter."
        problems = [Problem((name,), unknown) for name in request if name not in known]
        values: dict[str, Value] = {}
        for name, parameter in known.items():
            if isinstance(parameter, FileInput):
                if attachments and name in attachments:
                    values[name] = attachments[name]
                elif request.get(name, "").strip():
                    problems.append(Problem((name,), "This parameter is a file: upload it."))
            elif request.get(name, "").strip():
                try:
                    values[name] = parameter.parse(request[name])
                except InputError as error:
                    problems.append(Problem((name,), str(error)))
        if problems:
            raise InvalidParameters(problems)
        return values

    def complete(self, values: Values, molecule: Molecule | None) -> dict[str, Value]:
        """The values with defaults for what is absent and applies, in the order of declaration."""
        complete: dict[str, Value] = {}
        merged = {p.name: p.default_value for p in self.parameters if p.default_value is not None} | dict(values)
        for parameter in self.parameters:
            name = parameter.name
            if name in values:
                complete[name] = values[name]
            elif name in merged and self.applies(name, merged, molecule):
                complete[name] = merged[name]
        return complete

    def problems(self, values: Values, molecule: Molecule | None) -> tuple[Problem, ...]:
        """Everything that is wrong with the values (completed with defaults), in words."""
        found = []
        complete = self.complete(values, molecule)
        for parameter in self.parameters:
            value = complete.get(parameter.name)
            if value is None:
                if parameter.required:
                    found.append(Problem((parameter.name,), "A value is needed here."))
                continue
            reason = self.why_not(parameter.name, complete, molecule)
            text = reason if reason and value != parameter.default_value else parameter.problem(value)
            if text:
                found.append(Problem((parameter.name,), text))
        grid = Grid.of(complete)
        if grid.n_rows > MAX_ROWS and not any(axis.problem for _, axis in grid.axes):
            text = f"The grid has {grid.n_rows:,} rows; at most {MAX_ROWS:,} can be computed at once."
            found.append(Problem(grid.axis_names, text))
        if not found:  # rules may rely on each value being right by itself
            for rule in self.rules:
                found.extend(rule(complete, molecule))
        return tuple(found)

    def check(self, values: Values, molecule: Molecule | None) -> dict[str, Value]:
        """The completed values; InvalidParameters when anything is wrong with them."""
        problems = self.problems(values, molecule)
        if problems:
            raise InvalidParameters(problems)
        return self.complete(values, molecule)

    def request(self, values: Values) -> dict[str, str]:
        """The values as they go on the wire, files left out."""
        return {
            parameter.name: parameter.format(values[parameter.name])
            for parameter in self.parameters
            if parameter.name in values and not isinstance(parameter, FileInput)
        }

    def fields(self, request: Mapping[str, str]) -> dict[str, str | tuple[str, ...]]:
        """A request as form fields: where a parameter is repeated, each line of its text is a value of its own."""
        repeated = {p.name for p in self.parameters if isinstance(p, Several) and not p.joined}
        return {
            name: tuple(text.splitlines()) if (self.free or name in repeated) and "\n" in text else text
            for name, text in request.items()
        }
