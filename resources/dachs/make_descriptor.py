"""Print the DaCHS resource descriptor of our models: ``python resources/dachs/make_descriptor.py > …/stop/q.rd``.

The input parameters are those of the declarations in ``stopdesk.domain``; nothing of them is written by hand.
"""

from __future__ import annotations

import sys
from xml.sax.saxutils import escape, quoteattr

from stopdesk.domain.models import MODELS
from stopdesk.domain.parameter import Choice, FileInput, MoleculeChoice, Number, Parameter
from stopdesk.domain.spec import ModelSpec
from stopdesk.formats import molecules

_HEAD = """\
<resource schema="stop" resdir=".">
  <!-- Made by resources/dachs/make_descriptor.py from the declarations of the models: change those, not this.

    Numbers are of type text, since each of them may be an axis of a grid, written min:max:n or min:max:n:log, or a
    number with a unit behind it; the unit given here is that of a number without one. -->
  <meta name="creationDate">2026-11-20T12:00:00Z</meta>
  <meta name="title">Models of molecular lines</meta>
  <meta name="description">Level populations and line intensities of interstellar molecules, in local thermodynamic
    equilibrium or with escape probabilities, for one set of conditions or a grid of them.</meta>
  <meta name="subject">radiative-transfer-simulations</meta>
  <meta name="creator">The stopdesk authors</meta>
  <meta name="type">Simulation</meta>

  <!-- DaCHS looks at its queue once a minute only. This works where stop/q is among the preloadRDs. -->
  <execute title="stop: start what is queued" every="3">
    <job><code>
      for name in {names}:
        rd.getById(name).core.start_queued()
    </code></job>
  </execute>

  <!-- A job that was deleted behind the back of its service leaves its engine behind. -->
  <execute title="stop: end what is left of deleted jobs" every="15">
    <job><code>
      rd.getById({first!r}).core.end_orphans()
    </code></job>
  </execute>
"""

_SERVICE = """
  <service id={name} allowed="async,api">
    <meta name="shortName">stopdesk {title}</meta>
    <meta name="title">{title}: {summary}</meta>
    <meta name="description">{description} Reference: {reference}.</meta>
    <customCore module="bin/stop_core">
      <property name="model">{model}</property>
      <inputTable>
{keys}
      </inputTable>
    </customCore>
  </service>
"""

#: Names of molecules may come in capitals, which the list of options does not have.
_PREPARSE = "return input and input.strip().lower()"


def descriptor() -> str:
    """The whole resource descriptor."""
    names = [spec.name for spec in MODELS]
    services = "".join(_service(spec) for spec in MODELS)
    return f"{_HEAD.format(names=names, first=names[0])}{services}</resource>\n"


def _service(spec: ModelSpec) -> str:
    return _SERVICE.format(
        name=quoteattr(spec.name),
        model=escape(spec.name),
        title=escape(spec.title),
        summary=escape(spec.summary),
        description=escape(spec.description),
        reference=escape(spec.reference),
        keys="\n".join(_key(parameter) for parameter in spec.parameters),
    )


def _key(parameter: Parameter) -> str:
    is_file = isinstance(parameter, FileInput)
    attributes = {
        "name": parameter.name,
        "type": "file" if is_file else "text",
        "unit": parameter.unit_text,
        "ucd": parameter.ucd,
        "tablehead": parameter.label,
        "required": "True" if parameter.required else "",
        "multiplicity": "" if is_file else "single",
        "preparse": _PREPARSE if isinstance(parameter, MoleculeChoice) else "",
        "description": _description(parameter),
    }
    words = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items() if value)
    values = _values(parameter)
    return f"        <inputKey {words}>{values}</inputKey>" if values else f"        <inputKey {words}/>"


def _description(parameter: Parameter) -> str:
    """Everything in words, as the capabilities that DaCHS writes have no options and no defaults."""
    words = [parameter.help]
    if isinstance(parameter, Number):
        words.append(f"Range: {parameter.range_text}.")
    if options := _options(parameter):
        words.append(f"Options: {', '.join(options)}.")
    if parameter.default_value is not None:
        words.append(f"Default: {parameter.format(parameter.default_value)}.")
    if isinstance(parameter, Number) and parameter.axis:
        words.append("An axis of a grid is written min:max:n or min:max:n:log.")
    if isinstance(parameter, FileInput):
        words.append(f"Upload a part PART and announce it as UPLOAD={parameter.name},param:PART.")
    return " ".join(words)


def _values(parameter: Parameter) -> str:
    options = "".join(f"<option>{escape(option)}</option>" for option in _options(parameter))
    default = parameter.default_value
    if default is None and not options:
        return ""
    said = "" if default is None else f" default={quoteattr(parameter.format(default))}"
    return f"<values{said}>{options}</values>" if options else f"<values{said}/>"


def _options(parameter: Parameter) -> tuple[str, ...]:
    if isinstance(parameter, MoleculeChoice):
        return tuple(molecule.key for molecule in molecules.bundled())
    return parameter.options if isinstance(parameter, Choice) else ()


if __name__ == "__main__":
    sys.stdout.write(descriptor())
