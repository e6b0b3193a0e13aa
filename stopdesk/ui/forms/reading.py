"""Between a field as it stands (text and unit as typed) and a value on the wire; no widgets here."""

from __future__ import annotations

from stopdesk.domain.kinds import Several
from stopdesk.domain.parameter import (
    Axis,
    Choice,
    FileInput,
    Number,
    Parameter,
    Value,
    convert,
    read_count,
    read_quantity,
    show_number,
)
from stopdesk.domain.session import FieldState
from stopdesk.errors import InputError

#: An axis opened for the first time has so many values.
_FIRST_N = 5

_SIGNS = {"um": "µm", "Angstrom": "Å", "solMass": "M☉", "solLum": "L☉"}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def unit_label(unit: str) -> str:
    """A unit as it is shown: ``cm⁻²`` for ``cm-2``."""
    if unit in _SIGNS:
        return _SIGNS[unit]
    letters = unit.rstrip("-0123456789")
    return letters + unit[len(letters) :].translate(_SUPERSCRIPTS)


def read_field(parameter: Parameter, state: FieldState) -> Value | None:
    """The value of a field in the unit of the wire, None when it is empty; InputError says what is wrong.

    A unit typed behind a number counts more than the field's own; an axis may be typed too (``min:max:n``).
    """
    if not isinstance(parameter, Number):
        return parameter.parse(state.text) if state.text.strip() else None
    unit = state.unit or parameter.unit_text
    if state.is_axis:
        return _read_axis(parameter, state, unit)
    text = state.text.strip()
    if not text:
        return None
    if text.lower() in parameter.words:
        return text.lower()
    if ":" in text:
        axis = parameter.parse(text)
        assert isinstance(axis, Axis)
        low, high = (convert(end, unit, parameter.unit_text) for end in (axis.minimum, axis.maximum))
        return Axis(low, high, axis.n, axis.log)
    return _read_number(parameter, text, unit)


def _read_number(parameter: Number, text: str, unit: str) -> float:
    value, typed = read_quantity(text)
    return convert(value, typed or unit, parameter.unit_text)


def _read_axis(parameter: Number, state: FieldState, unit: str) -> Axis:
    if not (state.minimum.strip() and state.maximum.strip() and state.n.strip()):
        raise InputError("An axis needs a minimum, a maximum and the number of its values.")
    n = read_count(state.n)
    low, high = (_read_number(parameter, text, unit) for text in (state.minimum, state.maximum))
    return Axis(low, high, n, state.log)


def field_from_wire(parameter: Parameter, text: str) -> FieldState:
    """The field that shows a value as it stands on the wire; what cannot be read is shown as it is."""
    if isinstance(parameter, Several):
        return FieldState(text=("\n" if parameter.by_line else " ").join(parameter.parts(text)))
    if not isinstance(parameter, Number):
        return FieldState(text=text)
    if parameter.axis and ":" in text:
        try:
            axis = Axis.parse(text)
        except InputError:
            return FieldState(text=text, unit=parameter.unit_text)
        return FieldState(
            text=show_number(axis.middle()) if axis.problem is None else "",
            unit=parameter.unit_text,
            is_axis=True,
            minimum=show_number(axis.minimum),
            maximum=show_number(axis.maximum),
            n=str(axis.n),
            log=axis.log,
        )
    return FieldState(text=text, unit=parameter.unit_text, log=parameter.log)


def default_field(parameter: Parameter) -> FieldState:
    """The field of a parameter that nobody has set."""
    value = parameter.default_value
    return field_from_wire(parameter, "" if value is None else parameter.format(value))


def is_default(parameter: Parameter, state: FieldState) -> bool:
    """Whether the field means the same as one that nobody has set."""
    if isinstance(parameter, FileInput):
        return not state.text
    try:
        value = read_field(parameter, state)
    except InputError:
        return False
    return value is None or value == parameter.default_value


def with_unit(parameter: Number, state: FieldState, unit: str) -> FieldState:
    """The same quantity in another unit: every number that can be read is converted; words and slips are left."""

    def converted(text: str) -> str:
        try:
            value, typed = read_quantity(text)
            return show_number(convert(value, typed or state.unit or parameter.unit_text, unit))
        except InputError:
            return text

    return state.model_copy(
        update={
            "unit": unit,
            "text": converted(state.text),
            "minimum": converted(state.minimum),
            "maximum": converted(state.maximum),
        }
    )


def settled(parameter: Number, state: FieldState) -> FieldState:
    """The field once typing has ended: an axis typed as one word is opened, a unit that the menu has is taken there."""
    if state.is_axis:
        return state
    if ":" in state.text:
        opened_up = field_from_wire(parameter, state.text.strip())
        return opened_up.model_copy(update={"unit": state.unit, "text": ""}) if opened_up.is_axis else state
    try:
        value, typed = read_quantity(state.text)
    except InputError:
        return state
    if typed not in parameter.units:
        return state
    return state.model_copy(update={"text": show_number(value), "unit": typed}) if typed else state


def opened(parameter: Number, state: FieldState) -> FieldState:
    """The field as an axis: as it was when last open, else around its number."""
    if any((state.minimum.strip(), state.maximum.strip(), state.n.strip())):
        return state.model_copy(update={"is_axis": True})
    low, high = state.text, ""
    try:
        value, typed = read_quantity(state.text)
        unit = state.unit or parameter.unit_text
        value = convert(value, typed, unit) if typed else value
        low, high = _around(parameter, value, unit)
    except InputError:  # no number yet, or a word: the astronomer fills in the ends
        low = ""
    return state.model_copy(
        update={"is_axis": True, "minimum": low, "maximum": high, "n": str(_FIRST_N), "log": parameter.log}
    )


def _around(parameter: Number, value: float, unit: str) -> tuple[str, str]:
    """A decade either way where axes of the parameter are logarithmic, else half to twice, inside the range."""
    factor = 10.0 if parameter.log else 2.0
    low, high = float(f"{value / factor:.14e}"), float(f"{value * factor:.14e}")
    if parameter.maximum is not None:
        high = min(high, convert(parameter.maximum, parameter.unit_text, unit))
    if parameter.minimum is not None and not parameter.above:
        low = max(low, convert(parameter.minimum, parameter.unit_text, unit))
    return show_number(low), show_number(high)


def closed(parameter: Number, state: FieldState) -> FieldState:
    """The field as one number: the one it was, else the middle of the axis. What the axis was is kept."""
    text = state.text
    if not text.strip():
        try:
            axis = read_field(parameter, state)
            if isinstance(axis, Axis) and axis.problem is None:
                text = show_number(convert(axis.middle(), parameter.unit_text, state.unit or parameter.unit_text))
        except InputError:  # nothing to take the middle of
            text = ""
    return state.model_copy(update={"is_axis": False, "text": text})


def label_of_value(parameter: Parameter, value: Value) -> str:
    """A value of one row in words: number and unit, or the label of a choice."""
    if isinstance(parameter, Choice):
        return parameter.label_of(str(value))
    if isinstance(value, float | int) and not isinstance(value, bool):
        return f"{show_number(float(f'{value:.4g}'))} {unit_label(parameter.unit_text)}".rstrip()
    return parameter.format(value)
