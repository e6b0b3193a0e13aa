"""What a form comes to as it stands: values, problems, what applies, the request; no widgets here."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from stopdesk.domain.grid import Grid
from stopdesk.domain.molecule import Molecule
from stopdesk.domain.parameter import Attachment, FileInput, MoleculeChoice, Value
from stopdesk.domain.session import FieldState
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import InputError, Problem
from stopdesk.ui.forms.reading import read_field


@dataclass(frozen=True)
class Filled:
    """A form read: the values that can be read and apply, the names that apply, and everything that is wrong.

    ``request`` is what would be sent; ``n_rows`` counts the rows of what can be read.
    """

    values: Mapping[str, Value]
    shown: frozenset[str]
    problems: tuple[Problem, ...]
    request: Mapping[str, str]
    n_rows: int


def fill(
    spec: ModelSpec,
    fields: Mapping[str, FieldState],
    molecule: Molecule | None,
    *,
    files: Mapping[str, Attachment],
    molecule_keys: Collection[str],
) -> Filled:
    """Read a form. ``files`` are the chosen files by parameter name; ``molecule_keys`` the molecules there are."""
    values: dict[str, Value] = {}
    unreadable: dict[str, str] = {}
    for parameter in spec.parameters:
        name = parameter.name
        if isinstance(parameter, FileInput):
            if name in files:
                values[name] = files[name]
            continue
        try:
            value = read_field(parameter, fields.get(name, FieldState()))
        except InputError as error:
            unreadable[name] = str(error)
            continue
        if isinstance(parameter, MoleculeChoice) and value not in molecule_keys:
            unreadable[name] = (
                f"There is no bundled molecule {value!r}; choose one of the list, or open a LAMDA file."
                if value
                else "Choose a molecule, or open a LAMDA file."
            )
        elif value is not None:
            values[name] = value
    shown = _applying(spec, values, unreadable, molecule)
    values = {name: value for name, value in values.items() if name in shown}
    unreadable = {name: text for name, text in unreadable.items() if name in shown}
    problems = [Problem((name,), text) for name, text in unreadable.items()]
    # rules and required values make no sense of a field that cannot be read yet
    checked = replace(spec, rules=()) if unreadable else spec
    problems += [p for p in checked.problems(values, molecule) if not unreadable.keys() & set(p.parameters)]
    order = [parameter.name for parameter in spec.parameters]
    problems.sort(key=lambda problem: order.index(problem.parameters[0]) if problem.parameters else len(order))
    n_rows = Grid.of(values).n_rows
    return Filled(values, shown, tuple(problems), spec.request(values), n_rows)


def _applying(
    spec: ModelSpec, values: Mapping[str, Value], unreadable: Mapping[str, str], molecule: Molecule | None
) -> frozenset[str]:
    """The parameters that mean something; a value that does not apply has no say in whether others do.

    Its own value has no say either: a profile chosen for a uniform sphere is out of place in an expanding one.
    """
    shown = frozenset(parameter.name for parameter in spec.parameters)
    if not spec.conditions:
        return shown
    for _ in spec.parameters:  # each pass settles at least one parameter
        present = {name: value for name, value in {**values, **unreadable}.items() if name in shown}
        settled = frozenset(
            parameter.name
            for parameter in spec.parameters
            if spec.applies(parameter.name, {k: v for k, v in present.items() if k != parameter.name}, molecule)
        )
        if settled == shown:
            break
        shown = settled
    return shown
