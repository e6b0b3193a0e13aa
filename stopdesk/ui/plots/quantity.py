"""Names, units and numbers as plots and tables show them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


@dataclass(frozen=True)
class Quantity:
    """What stands on an axis: a name and a unit as astropy writes it, empty where there is none.

    ``short`` is the name where there is little room.
    """

    name: str
    unit: str = ""
    short: str = ""

    @property
    def title(self) -> str:
        """As an axis says it: ``Frequency (GHz)``."""
        return f"{self.name} ({pretty_unit(self.unit)})" if self.unit else self.name

    def fitted(self, fits: Callable[[str], bool]) -> str:
        """The longest title that ``fits``: whole, with the short name, or with a name cut short; never without unit."""
        titles = [self.title]
        for name in filter(None, (self.short, self.name)):
            if name != self.name:
                titles.append(Quantity(name, self.unit).title)
            titles += [Quantity(f"{name[:n].rstrip()}…", self.unit).title for n in range(len(name) - 1, 0, -1)]
        return next((title for title in titles if fits(title)), titles[-1])

    @property
    def header(self) -> str:
        """As a file says it, in plain letters: ``Frequency [GHz]``."""
        return f"{self.name} [{self.unit}]" if self.unit else self.name

    def show(self, value: float, digits: int = 5) -> str:
        """A value of it with its unit."""
        return f"{show_value(value, digits)} {pretty_unit(self.unit)}".rstrip()


def pretty_unit(unit: str) -> str:
    """A unit with raised exponents: ``W m-2 sr-1`` becomes ``W m⁻² sr⁻¹``."""
    return re.sub(r"(?<=[A-Za-z])-?\d+", lambda match: superscript(match.group()), unit)


def molecule_name(text: str) -> str:
    """The name of a molecule in few letters: files say ``SO2 spectrum up to 38.1 cm^-1 above ground from ...``."""
    return (text.split() or ["?"])[0].rstrip(",;:")


def superscript(text: str) -> str:
    """Digits and signs, raised."""
    return text.translate(_SUPERSCRIPTS)


def show_value(value: float, digits: int = 5) -> str:
    """A number with so many significant digits, ``1e16`` rather than ``1e+16``; nothing for NaN."""
    if math.isnan(value):
        return ""
    mantissa, e, exponent = f"{value:.{digits}g}".partition("e")
    return f"{mantissa}e{int(exponent)}" if e else mantissa


def show_exponent(value: float, digits: int = 5) -> str:
    """A number with so many significant digits and always with an exponent: ``2.5e-3``; nothing for NaN."""
    if math.isnan(value):
        return ""
    mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def show_frequency(gigahertz: float) -> str:
    """A line's frequency with its unit; four digits behind the point everywhere, so that lists of them line up."""
    return f"{gigahertz:.4f} GHz"


def tick_text(value: float, spacing: float) -> str:
    """A number beside a tick, with the digits that the spacing asks for; powers of ten raised."""
    if value == 0 or abs(value) < spacing * 1e-6:
        return "0"
    size = math.floor(math.log10(abs(value)))
    last = math.floor(math.log10(spacing) + 1e-9)
    if last >= 5 or size < -3 or (size >= 5 and last >= 3):
        mantissa = f"{value / 10.0**size:.{max(0, size - last)}f}"
        if float(mantissa) in (10.0, -10.0):
            mantissa, size = mantissa.replace("10", "1"), size + 1
        power = "10" + superscript(str(size))
        return {"1": power, "-1": f"-{power}"}.get(mantissa, f"{mantissa}×{power}")
    return f"{value:.{max(0, -last)}f}"


def log_tick_text(value: float, decades: float) -> str:
    """A number beside a tick of a logarithmic axis: ``10¹⁶``, ``2×10¹⁵``, ``0.1``, ``20``.

    Only 1, 2 and 5 of each decade are written where the axis spans more ``decades`` than one, else the rest runs into
    each other.
    """
    size = math.floor(math.log10(value) + 1e-9)
    is_plain = -2 <= size <= 2
    mantissa = f"{value / 10.0**size:.2g}"
    if mantissa not in ("1", "2", "5") and (decades > 1 or (not is_plain and mantissa != "3")):
        return ""
    if is_plain:
        return f"{value:.3g}"
    return ("" if mantissa == "1" else f"{mantissa}×") + "10" + superscript(str(size))
