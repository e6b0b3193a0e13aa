"""``stopdesk models``: the models and their parameters, for reading and for programs."""

from __future__ import annotations

import json
import sys
import textwrap
from typing import Any

from stopdesk.domain.models import MODELS, model_spec
from stopdesk.domain.parameter import Choice, MoleculeChoice, Number, Parameter, show_number
from stopdesk.domain.spec import ModelSpec
from stopdesk.formats.molecules import bundled


def show(name: str | None, *, as_json: bool) -> int:
    """Print one model, or all."""
    specs = MODELS if name is None else (model_spec(name),)
    if as_json:
        described = [describe(spec) for spec in specs]
        json.dump(described if name is None else described[0], sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    elif name is None:
        for spec in specs:
            sys.stdout.write(f"{spec.name:8} {spec.summary}\n")
        sys.stdout.write("\nstopdesk models NAME lists the parameters of one.\n")
    else:
        sys.stdout.write(text_of(specs[0]))
    return 0


def describe(spec: ModelSpec) -> dict[str, Any]:
    """A model as plain values."""
    return {
        "name": spec.name,
        "title": spec.title,
        "summary": spec.summary,
        "description": spec.description,
        "reference": spec.reference,
        "parameters": [_describe(parameter) for parameter in spec.parameters],
        "outputs": [
            {
                "name": output.name,
                "per": output.per,
                "unit": output.unit,
                "ucd": output.ucd,
                "description": output.description,
            }
            for output in spec.outputs
        ],
    }


def _describe(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "kind": type(parameter).__name__,
        "label": parameter.label,
        "unit": parameter.unit_text,
        "default": parameter.default_value,
        "permitted": parameter.range_text,
        "help": parameter.help,
    }
    if isinstance(parameter, Number):
        described["axis"] = parameter.axis
    if isinstance(parameter, Choice):
        described["options"] = list(parameter.options)
    if isinstance(parameter, MoleculeChoice):
        described["options"] = [molecule.key for molecule in bundled()]
    return described


def text_of(spec: ModelSpec) -> str:
    """A model for reading in a terminal."""
    lines = [f"{spec.title}: {spec.summary}", "", *textwrap.wrap(spec.description, 88), ""]
    for group in spec.groups:
        lines.append(group.label)
        for parameter in (each for each in spec.parameters if each.group == group.name):
            default = f"   default {_default(parameter)}" if parameter.default_value is not None else ""
            lines.append(f"  {parameter.name:22} {parameter.range_text}{default}")
            lines += textwrap.wrap(parameter.help, 88, initial_indent=" " * 25, subsequent_indent=" " * 25)
            if isinstance(parameter, MoleculeChoice):
                names = " ".join(molecule.key for molecule in bundled())
                lines += textwrap.wrap(names, 88, initial_indent=" " * 25, subsequent_indent=" " * 25)
        lines.append("")
    lines.append("Outputs")
    for output in spec.outputs:
        unit = f" ({output.unit})" if output.unit else ""
        lines.append(f"  {output.name:22} {output.description}{unit}")
    lines += [
        "",
        "A number that may be an axis is written min:max:n or min:max:n:log.",
        f"Reference: {spec.reference}",
        "",
    ]
    return "\n".join(lines)


def manual() -> str:
    """The page of the manual that lists all models, parameters, outputs and bundled molecules, in Markdown."""
    lines = ["# The models and their parameters", "", "This page is made from the declarations in the program.", ""]
    for spec in MODELS:
        lines += [f"## {spec.title}: {spec.summary}", "", spec.description, "", f"Reference: {spec.reference}.", ""]
        lines += [
            "| parameter | unit | permitted | default | axis | what it is |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        lines += [_manual_row(parameter) for parameter in spec.parameters]
        lines += ["", "| output | unit | one a | what it is |", "| --- | --- | --- | --- |"]
        lines += [f"| `{o.name}` | {o.unit} | {_PER[o.per]} | {o.description} |" for o in spec.outputs]
        lines.append("")
    lines += [
        "## The molecules that come with the program",
        "",
        "| name | molecule | reference |",
        "| --- | --- | --- |",
    ]
    lines += [
        f"| `{each.key}` | {each.title or each.name} | {each.reference.replace('|', '/')} |" for each in bundled()
    ]
    return "\n".join(lines) + "\n"


def _default(parameter: Parameter) -> str:
    value = parameter.default_value
    return "" if value is None else show_number(value) if isinstance(value, float) else str(value)


_PER = {"line": "line and row", "row": "row", "transition": "line"}


def _manual_row(parameter: Parameter) -> str:
    axis = "yes" if isinstance(parameter, Number) and parameter.axis else ""
    permitted = parameter.range_text.removesuffix(f" {parameter.unit_text}")
    cells = (f"`{parameter.name}`", parameter.unit_text, permitted, _default(parameter), axis, parameter.help)
    return f"| {' | '.join(cells)} |"
