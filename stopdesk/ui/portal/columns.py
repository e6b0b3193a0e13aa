"""How the cells of observations read: as the service gave them, or in another unit, as a date or sexagesimal."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from stopdesk.domain.target import Position
from stopdesk.errors import InputError
from stopdesk.ui.plots.quantity import pretty_unit, show_value
from stopdesk.vo.rows import PORTAL, Kind, RowColumn, Rows

#: Units that take each other's place, by what they measure.
_FAMILIES = (
    ("deg", "arcmin", "arcsec", "mas"),
    ("s", "min", "h", "d"),
    ("m / s", "km / s"),
    ("Jy", "mJy", "uJy"),
    ("byte", "kbyte", "Mbyte", "Gbyte"),
    ("Hz", "kHz", "MHz", "GHz", "THz"),
)
_SPECTRAL = ("m", "mm", "um", "nm", "Angstrom", "MHz", "GHz", "THz", "1 / cm", "eV", "keV")

#: Digits that mean something in numbers of double and of single precision.
_DIGITS, _FEW_DIGITS = 8, 6

#: Where modified Julian dates begin, and what their zero is as a Julian date.
_MJD_ZERO, _JULIAN = datetime(1858, 11, 17), 2400000.5
_LEAST_MJD, _LEAST_JULIAN = 1e4, 1e6

_ARRAY_SHOWN, _TIP_SHOWN = 3, 2000
_SPLIT = re.compile(r"[\s:hdms°'\"′″]+")

#: What is shown unless one chooses otherwise: ObsCore's main columns, what they are called elsewhere, and roles.
_MAIN_NAMES = (
    "target_name",
    "obs_collection",
    "facility_name",
    "instrument_name",
    "dataproduct_type",
    "t_exptime",
    "s_resolution",
    "em_res_power",
    "obs_title",
    "access_format",
)
_MAIN_ROLES = ("name", "target", "ra", "dec", "low", "high", "start", "field", "title", "access_url")
_MAIN_ORDER = (
    "(portal)", "name", "target", "target_name", "ra", "dec", "obs_collection", "facility_name", "instrument_name",
    "dataproduct_type", "low", "high", "em_res_power", "start", "t_exptime", "field", "s_resolution", "title",
    "obs_title", "access_url", "access_format",
)  # fmt: skip

#: A table with no more columns than this is shown whole, and so many are shown of one without any main columns.
_FEW_COLUMNS, _SHOWN_AT_LEAST = 16, 12


@dataclass(frozen=True)
class Form:
    """One way to show a column of numbers.

    ``key`` tells it from the others, "" for the numbers as they are; ``unit`` stands in the header. ``text`` makes a
    cell of a number, ``read`` a number of the column of what is typed (InputError). ``reverses`` tells that what is
    large in the column is small here.
    """

    key: str
    label: str
    unit: str
    text: Callable[[float], str]
    read: Callable[[str], float]
    reverses: bool = False


def forms_of(column: RowColumn) -> tuple[Form, ...]:
    """The ways to show a column, the one as it is first; that one alone for what is no number."""
    found: tuple[Form, ...] = column.remembered("forms", lambda: _forms(column))
    return found


def _forms(column: RowColumn) -> tuple[Form, ...]:
    native = Form("", pretty_unit(column.unit) or "as it is", column.unit, number_text(column), read_number)
    if column.kind is not Kind.NUMBER:
        return (native,)
    found = [native]
    if is_date(column):
        julian = _first(column) > _LEAST_JULIAN
        found.append(Form("date", "date", "UTC", _DATES[julian], _READ_DATES[julian]))
    for names, form in ((_RIGHT_ASCENSIONS, _HOURS), (_DECLINATIONS, _DEGREES)):
        if (names.match(column.ucd.lower()) or column.role == form.key[:3].strip()) and column.unit in ("deg", ""):
            found.append(Form("sexagesimal", form.label, form.unit, form.text, form.read))
    return (*found, *_in_other_units(column))


def form_of(column: RowColumn, key: str) -> Form:
    """The way of that key, or the column as it is."""
    forms = forms_of(column)
    return next((form for form in forms if form.key == key), forms[0])


def _in_other_units(column: RowColumn) -> list[Form]:
    from astropy import units as u

    if not column.unit or is_date(column):
        return []
    try:
        unit = u.Unit(column.unit)
        families = [family for family in _FAMILIES if unit.is_equivalent(u.Unit(family[0]))]
    except (ValueError, TypeError):
        return []
    equivalent = u.spectral() if is_spectral(column) else []
    names = _SPECTRAL if is_spectral(column) and unit.is_equivalent(u.m, equivalent) else sum(families, ())
    forms = []
    for name in names:
        other = u.Unit(name)
        if other != unit:
            one, two = (np.array([1.0, 2.0]) * unit).to_value(other, equivalencies=equivalent).tolist()
            forms.append(_scaled(name, one, column, divided=two < one))
    return forms


def _scaled(name: str, factor: float, column: RowColumn, *, divided: bool) -> Form:
    def text(value: float) -> str:
        if divided:
            return show_value(factor / value, digits) if value else ""
        return show_value(value * factor, digits)

    def read(typed: str) -> float:
        number = read_number(typed)
        if not divided:
            return number / factor
        if number <= 0:
            raise InputError(f"{typed.strip()} {pretty} does not exist; write a number above 0.")
        return factor / number

    digits = _digits(column)
    pretty = pretty_unit(name).replace("um", "µm").replace("uJy", "µJy").replace("Angstrom", "Å").replace("1 / ", "1/")
    return Form(name, pretty, pretty, text, read, reverses=divided)


def is_date(column: RowColumn) -> bool:
    """Whether the numbers of a column are (modified) Julian dates."""
    if column.kind is not Kind.NUMBER or column.unit not in ("d", "day", ""):
        return False
    words = column.role in ("start", "end") or column.ucd.lower().startswith(("time.epoch", "time.start", "time.end"))
    named = "mjd" in column.name.lower() or column.xtype.lower() in ("mjd", "jd")
    return (words or named) and _LEAST_MJD < _first(column) < 1e7


def is_spectral(column: RowColumn) -> bool:
    """Whether a column holds wavelengths, frequencies or energies of light."""
    return column.role in ("low", "high") or column.ucd.lower().startswith("em.") or column.name.startswith("em_")


def _first(column: RowColumn) -> float:
    """The first number of those at the beginning of a column; NaN where there is none."""
    known = [float(column.values[row]) for row in range(min(1000, len(column.values))) if not column.is_missing(row)]
    return next((value for value in known if math.isfinite(value)), math.nan)


# ---- numbers and texts ---------------------------------------------------------------------------------------------


def number_text(column: RowColumn) -> Callable[[float], str]:
    """How a number of the column is written: with the digits that the service declares, or that mean something."""
    if column.kind is Kind.NUMBER and column.values.dtype.kind in "iu":
        return str
    declared = column.precision.upper()
    if declared.lstrip("FE").isdecimal() and column.kind is Kind.NUMBER:
        digits = min(int(declared.lstrip("FE")), 17)
        if not declared.startswith("E"):
            return lambda value: f"{value:.{digits}f}"
        return lambda value: show_value(value, digits)
    if column.role in ("ra", "dec") and column.unit in ("deg", ""):
        return lambda value: f"{value:.6f}"  # 4 mas
    if is_date(column):
        return lambda value: f"{value:.5f}"  # a second
    digits = _digits(column)
    return lambda value: show_value(value, digits)


def _digits(column: RowColumn) -> int:
    return _FEW_DIGITS if column.values.dtype.itemsize <= 4 and column.values.dtype.kind == "f" else _DIGITS


def read_number(typed: str) -> float:
    """A number as it is typed; InputError for what is none."""
    text = typed.strip().replace("−", "-").replace(",", "")
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{typed.strip()!r} is no number; write for example 12.5 or 1e-3.")
    return value


def cell_text(column: RowColumn, form: Form, row: int) -> str:
    """The cell of a row, "" where there is no value."""
    if column.kind is Kind.TEXT:
        return " ".join(column.text(row).split())
    if column.is_missing(row):
        return ""
    value = column.values[row]
    if column.kind is Kind.NUMBER:
        return form.text(value.item())
    if column.kind is Kind.FLAG:
        return "yes" if value else "no"
    return _array_text(value, _ARRAY_SHOWN)


def copied_text(column: RowColumn, form: Form, row: int) -> str:
    """A cell on one line as it is copied: in a form other than its own as it is shown, else with all that it holds."""
    if form.key and not column.is_missing(row):
        return cell_text(column, form, row)
    return " ".join(whole_text(column, row).split())


def whole_text(column: RowColumn, row: int) -> str:
    """All that a cell holds, with all digits and without its unit."""
    if column.kind is Kind.TEXT:
        return column.text(row)
    if column.is_missing(row):
        return ""
    value = column.values[row]
    if column.kind is Kind.FLAG:
        return "yes" if value else "no"
    if np.ndim(value) == 0:
        return str(value)
    return ", ".join(
        "–" if each is None or each is np.ma.masked else str(each) for each in np.ma.asarray(value).ravel()
    )


def tip_text(column: RowColumn, row: int) -> str:
    """What a cell holds, with its unit; of long texts and arrays the beginning."""
    is_array = column.kind is Kind.OTHER and not column.is_missing(row)
    text = _array_text(column.values[row], 400) if is_array else whole_text(column, row)
    if column.kind is Kind.NUMBER and text:
        text = f"{text} {pretty_unit(column.unit)}".rstrip()
    return text if len(text) <= _TIP_SHOWN else f"{text[:_TIP_SHOWN]}…"


def _array_text(value: Any, most: int) -> str:
    """The first elements of an array and how many there are; a complex number as it is."""
    flat = np.ma.asarray(value).ravel()
    if np.ndim(value) == 0:
        return str(value)
    if not flat.size:
        return ""
    shown = [_element_text(each) for each in flat[:most].tolist()]
    return f"{', '.join(shown)}, … ({flat.size:,})" if flat.size > most else ", ".join(shown)


def _element_text(value: Any) -> str:
    if value is None:
        return "–"
    return show_value(value, _FEW_DIGITS) if isinstance(value, float) else str(value)


def link_of(rows: Rows, column: RowColumn, row: int) -> str:
    """The web address that a cell leads to, "" for none: the cell itself, or what its column's LINK makes of it."""
    if column.href:
        if column.is_missing(row) or (column.kind is Kind.TEXT and not column.text(row)):
            return ""
        address = re.sub(r"\$\{([^}]*)\}", lambda match: _value_for(rows, match.group(1), row), column.href)
    elif column.kind is Kind.TEXT:
        address = column.text(row)
    else:
        return ""
    return address if address.lower().startswith(("http://", "https://")) and " " not in address else ""


def _value_for(rows: Rows, name: str, row: int) -> str:
    from urllib.parse import quote

    column = rows.named(name)
    if column is None or column.is_missing(row):
        return ""
    return quote(column.text(row) if column.kind is Kind.TEXT else str(column.values[row]), safe="")


# ---- dates and angles ----------------------------------------------------------------------------------------------


def _date_text(value: float) -> str:
    if not -6e5 < value < 2.9e6:  # the years 1 to 9999, about
        return show_value(value, _DIGITS)
    moment = _MJD_ZERO + timedelta(seconds=round(value * 86400))
    return moment.isoformat(sep=" ")


def _read_date(typed: str) -> float:
    text = typed.strip()
    if re.fullmatch(r"\d{4}", text):
        text += "-01-01"
    elif re.fullmatch(r"\d{4}-\d{2}", text):
        text += "-01"
    try:
        return (datetime.fromisoformat(text).replace(tzinfo=None) - _MJD_ZERO) / timedelta(days=1)
    except ValueError:
        pass
    try:
        return read_number(typed)
    except InputError as error:
        raise InputError(f"{typed.strip()!r} is no date; write for example 2016-04-01 or 57479.") from error


_DATES = (_date_text, lambda value: _date_text(value - _JULIAN))
_READ_DATES = (_read_date, lambda typed: _read_date(typed) + _JULIAN)


def _hours_text(value: float) -> str:
    return Position(ra=value % 360.0, dec=0.0).sexagesimal.split()[0] if math.isfinite(value) else ""


def _degrees_text(value: float) -> str:
    return Position(ra=0.0, dec=value).sexagesimal.split()[1] if abs(value) <= 90.0 else show_value(value)


def _read_angle(typed: str, per_part: float, example: str) -> float:
    """Sexagesimal or decimal degrees; ``per_part`` are the degrees of the first of three parts."""
    text = typed.strip().replace("−", "-")
    parts = [part for part in _SPLIT.split(text.lstrip("+-")) if part]
    if len(parts) <= 1:
        return read_number(text)
    try:
        numbers = [float(part) for part in parts]
    except ValueError:
        numbers = []
    if not 2 <= len(numbers) <= 3 or min(numbers) < 0 or max(numbers[1:]) >= 60:
        raise InputError(f"{typed.strip()!r} is no angle; write for example {example} or decimal degrees.")
    value = sum(number / 60**place for place, number in enumerate(numbers)) * per_part
    return float(-value if text.startswith("-") else value)


_RIGHT_ASCENSIONS, _DECLINATIONS = re.compile(r"pos[._]eq[._]ra"), re.compile(r"pos[._]eq[._]dec")
_HOURS = Form("ra", "h:m:s", "h:m:s", _hours_text, lambda typed: _read_angle(typed, 15.0, "16:32:22.9"))
_DEGREES = Form("dec", "d:m:s", "d:m:s", _degrees_text, lambda typed: _read_angle(typed, 1.0, "-24:28:36"))


# ---- which columns -------------------------------------------------------------------------------------------------


def default_columns(rows: Rows) -> list[str]:
    """The keys of the columns to begin with, in order: portals, what was put beside them, ObsCore's main ones first."""
    ranked, others = [], []
    for place, column in enumerate(rows.columns):
        names = [name for name in (column.key, column.role, column.name.lower()) if name in _MAIN_ORDER]
        if column.key.startswith("(extra)"):
            ranked.append((0, place, column.key))
        elif names and (column.key == PORTAL or column.role in _MAIN_ROLES or column.name.lower() in _MAIN_NAMES):
            ranked.append((min(map(_MAIN_ORDER.index, names)), place, column.key))
        else:
            others.append(column.key)
    main = [key for _, _, key in sorted(ranked)]
    room = len(others) if len(rows.columns) <= _FEW_COLUMNS else max(0, _SHOWN_AT_LEAST - len(main))
    return main + others[:room]
