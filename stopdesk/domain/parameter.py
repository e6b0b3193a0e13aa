"""The kinds of parameter that a model can declare, and how each reads, checks and writes its values.

A parameter is declared once; the form field, the request to a service, the service's capabilities, the table column,
the manual and the tests follow from it. On the wire every value is text in the parameter's own unit.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
from numpy.typing import NDArray

from stopdesk.errors import InputError

#: An axis longer than this is a slip of the hand.
MAX_AXIS_LENGTH = 1_000_000


@dataclass(frozen=True)
class Axis:
    """A number opened to an axis of a grid: ``n`` values from ``minimum`` to ``maximum``, both included."""

    minimum: float
    maximum: float
    n: int
    log: bool = False

    @classmethod
    def parse(cls, text: str) -> Axis:
        """Read ``min:max:n`` or ``min:max:n:log``; InputError says what is wrong with it."""
        parts = [part.strip() for part in text.split(":")]
        if len(parts) not in (3, 4) or (len(parts) == 4 and parts[3].lower() not in ("log", "lin")):
            raise InputError(f"An axis is written min:max:n or min:max:n:log, not {text!r}.")
        minimum, maximum = read_number(parts[0]), read_number(parts[1])
        return cls(minimum, maximum, read_count(parts[2]), len(parts) == 4 and parts[3].lower() == "log")

    def __str__(self) -> str:
        return f"{show_number(self.minimum)}:{show_number(self.maximum)}:{self.n}{':log' if self.log else ''}"

    @property
    def problem(self) -> str | None:
        """What is wrong with the axis itself, as a sentence; None when nothing is."""
        if self.n < 1:
            return "An axis needs at least one value."
        if self.n > MAX_AXIS_LENGTH:
            return f"An axis holds at most {MAX_AXIS_LENGTH:,} values."
        if self.n > 1 and not self.minimum < self.maximum:
            return "The minimum must be smaller than the maximum."
        if self.log and self.minimum <= 0:
            return "A logarithmic axis needs a minimum above zero."
        return None

    def values(self) -> NDArray[np.float64]:
        """The values, shape (n,), ends exact."""
        if self.n == 1:
            return np.array([self.minimum])
        space = np.geomspace if self.log else np.linspace
        values = np.asarray(space(self.minimum, self.maximum, self.n), dtype=np.float64)
        values[0], values[-1] = self.minimum, self.maximum
        return values

    def middle(self) -> float:
        """The value in the middle of the axis (the lower one of two)."""
        return float(self.values()[(self.n - 1) // 2])


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a request: its name without folder, and the hash and size of its bytes."""

    file_name: str
    sha256: str
    size: int


Value = float | int | bool | str | Axis | Attachment | tuple[float | int | bool | str, ...]
#: Values of a spec by parameter name; what is not given is absent.
Values = Mapping[str, Value]


def read_number(text: str) -> float:
    """A finite number as people type it (``1e14``, ``1.5``, ``-3``); InputError otherwise."""
    cleaned = text.strip().replace("−", "-")
    if re.fullmatch(r"[+-]?\d+,\d+", cleaned):
        raise InputError(f"Write the decimal sign as a point: {cleaned.replace(',', '.')}.")
    try:
        number = float(cleaned)
    except ValueError:
        raise InputError(f"{text.strip()!r} is not a number.") from None
    if not math.isfinite(number):
        raise InputError(f"{text.strip()!r} is not a finite number.")
    return number


def read_count(text: str) -> int:
    """The number of values on an axis, also as ``1e3`` or ``1000.0``; InputError where it is no whole number.

    One beyond all that can be computed stands for any such.
    """
    stripped = text.strip()
    try:
        number = Decimal(stripped.replace("−", "-"))
    except InvalidOperation:
        number = Decimal("nan")
    if not number.is_finite() or number != number.to_integral_value():
        raise InputError(f"The number of values on an axis is a whole number, not {stripped!r}.")
    return int(max(min(number, Decimal(10**18)), Decimal(-(10**18))))


def read_quantity(text: str) -> tuple[float, str]:
    """A number and the unit typed behind it, with or without a blank (``1e18 m-2``, ``20K``); no unit is empty."""
    number, _, unit = text.strip().partition(" ")
    glued = re.fullmatch(r"([+\-−]?(?:\d+\.?\d*|\.\d+)(?:[eE][+\-−]?\d+)?)([^\W\d_].*)", number)
    if glued and not re.fullmatch(r"[eE][+\-−]?\d*", glued[2]):  # that is an exponent, perhaps still being typed
        number, unit = glued[1], f"{glued[2]} {unit}"
    return read_number(number), unit.strip()


#: How much of each unit makes the first unit of its kind; what the forms offer, converted without astropy.
_SCALES = (
    {"cm-2": 1.0, "m-2": 1e-4},
    {"cm-3": 1.0, "m-3": 1e-6},
    {"km/s": 1.0, "m/s": 1e-3},
    {"GHz": 1.0, "MHz": 1e-3, "Hz": 1e-9},
)


def convert(value: float, unit: str, to: str) -> float:
    """``value`` in ``unit`` as a value in ``to`` (both as astropy writes them); InputError when they do not fit.

    The result is rounded to 15 significant digits, so that 3.3e14 cm-2 are 3.3e18 m-2 and back again.
    """
    if unit == to:
        return value
    for scales in _SCALES:
        if unit in scales and to in scales:
            return _rounded(value * scales[unit] / scales[to])
    from astropy import units as u  # late: a quarter of a second that most sessions never need

    try:
        source, target = u.Unit(unit), u.Unit(to)
    except ValueError:
        raise InputError(f"{unit!r} is not a unit that is known here; use {to or 'a plain number'}.") from None
    try:
        with np.errstate(divide="ignore", over="ignore"):
            converted = float(source.to(target, value, equivalencies=u.temperature() + u.spectral()))
    except u.UnitConversionError:
        raise InputError(f"A value in {unit} cannot be turned into {to or 'a plain number'}.") from None
    if not math.isfinite(converted):
        raise InputError(f"{show_number(value)} {unit} cannot be written in {to}.")
    return _rounded(converted)


def _rounded(value: float) -> float:
    return float(f"{value:.14e}")


def show_number(value: float) -> str:
    """The shortest text that reads back as ``value``, powers of ten from 1e5 up and below 1e-3."""
    text = repr(float(value))
    if value and (abs(value) >= 1e5 or abs(value) < 1e-3):
        sign, digits, exponent = Decimal(text).as_tuple()
        figures = "".join(map(str, digits)).rstrip("0")
        power = int(exponent) + len(digits) - 1
        mantissa = f"{figures[0]}.{figures[1:]}" if len(figures) > 1 else figures
        return f"{'-' if sign else ''}{mantissa}e{power}"
    return text.removesuffix(".0")


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """What all kinds have: the request name, a label, a sentence of help, and the group it stands in.

    ``symbol`` is the letter that astronomers write for it, for where there is little room; empty where there is none.
    """

    name: str
    label: str
    help: str
    group: str
    ucd: str = ""
    symbol: str = ""
    required: bool = False

    @property
    def unit_text(self) -> str:
        """The unit on the wire, empty where there is none."""
        return ""

    @property
    def default_value(self) -> Value | None:
        """What the parameter is when nobody says; None when it is then absent."""
        return None

    def parse(self, text: str) -> Value:
        """Read a value as it stands on the wire; InputError says what is wrong."""
        raise TypeError(f"{type(self).__name__} is read elsewhere")

    def format(self, value: Value) -> str:
        """Write a value as it goes on the wire."""
        return str(value)

    def problem(self, value: Value) -> str | None:
        """What is wrong with the value by itself, as a sentence; None when nothing is."""
        return None

    @property
    def range_text(self) -> str:
        """The permitted values in words, for the help and the manual."""
        return ""


@dataclass(frozen=True, kw_only=True)
class Number(Parameter):
    """A physical number with a unit, which may be opened to an axis.

    ``units`` are what the form offers, the first being the unit of the wire; ``words`` are values that are words
    (``thermal``); ``log`` is how an axis of it starts; with ``above`` the minimum itself is not permitted.
    """

    units: tuple[str, ...] = ("",)
    default: float | str | None = None
    minimum: float | None = None
    maximum: float | None = None
    above: bool = False
    axis: bool = True
    log: bool = False
    words: tuple[str, ...] = ()

    @property
    def unit_text(self) -> str:
        """The unit on the wire."""
        return self.units[0]

    @property
    def default_value(self) -> Value | None:
        """The default, in the unit of the wire."""
        return self.default

    def parse(self, text: str) -> Value:
        """Read a number, ``number unit``, a word, or (where permitted) an axis."""
        stripped = text.strip()
        if stripped.lower() in self.words:
            return stripped.lower()
        if ":" in stripped:
            if not self.axis:
                raise InputError("This parameter takes one value, not an axis.")
            return Axis.parse(stripped)
        value, unit = read_quantity(stripped)
        return convert(value, unit, self.unit_text) if unit else value

    def format(self, value: Value) -> str:
        """The shortest text that reads back as the same value."""
        return show_number(value) if isinstance(value, float) else str(value)

    def problem(self, value: Value) -> str | None:
        """A sentence when the value, or any value of the axis, is out of range."""
        if isinstance(value, str):
            return (
                None if value in self.words else f"{value!r} is neither a number nor one of: {', '.join(self.words)}."
            )
        if isinstance(value, Axis):
            return value.problem or self._out_of_range(value.minimum) or self._out_of_range(value.maximum)
        return self._out_of_range(float(value)) if isinstance(value, (int, float)) else "A number is needed here."

    def _out_of_range(self, value: float) -> str | None:
        too_low = self.minimum is not None and (value <= self.minimum if self.above else value < self.minimum)
        too_high = self.maximum is not None and value > self.maximum
        return f"{show_number(value)} is out of range: {self.range_text}." if too_low or too_high else None

    @property
    def range_text(self) -> str:
        """The permitted range in words, with the unit."""
        unit = f" {self.unit_text}" if self.unit_text else ""
        low = None if self.minimum is None else show_number(self.minimum)
        high = None if self.maximum is None else show_number(self.maximum)
        words = "".join(f", or {word}" for word in self.words)
        if low is not None and high is not None:
            return f"{'above ' if self.above else ''}{low} to {high}{unit}{words}"
        if low is not None:
            return f"{'above' if self.above else 'at least'} {low}{unit}{words}"
        return f"at most {high}{unit}{words}" if high is not None else f"any number{words}"


@dataclass(frozen=True, kw_only=True)
class Choice(Parameter):
    """One of a few words; ``labels`` are what the form shows for them."""

    options: tuple[str, ...]
    labels: tuple[str, ...] = ()
    default: str | None = None

    @property
    def default_value(self) -> Value | None:
        """The default option."""
        return self.default

    def parse(self, text: str) -> Value:
        """Read one of the options."""
        return text.strip()

    def problem(self, value: Value) -> str | None:
        """A sentence when the value is none of the options."""
        return None if value in self.options else f"{value!r} is not one of: {', '.join(self.options)}."

    def label_of(self, option: str) -> str:
        """What the form shows for an option."""
        return self.labels[self.options.index(option)] if self.labels else option

    @property
    def range_text(self) -> str:
        """The options."""
        return ", ".join(self.options)


@dataclass(frozen=True, kw_only=True)
class MoleculeChoice(Parameter):
    """The name of a molecule; which names there are is known where the molecules lie."""

    default: str | None = None

    @property
    def default_value(self) -> Value | None:
        """The default molecule."""
        return self.default

    def parse(self, text: str) -> Value:
        """Read a name; names are lower case."""
        return text.strip().lower()

    def problem(self, value: Value) -> str | None:
        """A sentence when there is no name at all."""
        return None if isinstance(value, str) and value else "Choose a molecule, or open a LAMDA file."

    @property
    def range_text(self) -> str:
        """In words."""
        return "the name of a bundled molecule"


@dataclass(frozen=True, kw_only=True)
class FileInput(Parameter):
    """A file that is uploaded with the request; ``patterns`` are for the file dialog."""

    patterns: tuple[str, ...] = ("*",)

    def problem(self, value: Value) -> str | None:
        """A sentence when the value is not a file."""
        return None if isinstance(value, Attachment) else "A file is needed here."

    @property
    def range_text(self) -> str:
        """In words."""
        return f"a file ({' '.join(self.patterns)})"
