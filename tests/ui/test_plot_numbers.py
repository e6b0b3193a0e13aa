"""Numbers and units as plots and tables write them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stopdesk.ui.plots.colours import map_colours
from stopdesk.ui.plots.quantity import (
    Quantity,
    log_tick_text,
    molecule_name,
    pretty_unit,
    show_exponent,
    show_value,
    tick_text,
)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1e16, "1e16"), (1.23456789, "1.2346"), (0.0, "0"), (-2.5e-9, "-2.5e-9"), (float("nan"), ""), (12345.6, "12346")],
)
def test_five_digits_and_short_exponents(value: float, text: str) -> None:
    assert show_value(value) == text


@pytest.mark.parametrize(("value", "text"), [(1000.0, "1e3"), (0.00022, "2.2e-4"), (3162.27766, "3.1623e3")])
def test_exponents_throughout_a_column(value: float, text: str) -> None:
    assert show_exponent(value) == text


@given(st.floats(min_value=1e-30, max_value=1e30) | st.floats(min_value=-1e30, max_value=-1e-30))
def test_what_is_shown_reads_back_as_the_same_number_to_five_digits(value: float) -> None:
    assert float(show_value(value)) == pytest.approx(value, rel=1e-4)
    assert float(show_exponent(value)) == pytest.approx(value, rel=1e-4)


@pytest.mark.parametrize(
    ("unit", "text"), [("cm-3", "cm⁻³"), ("W m-2 sr-1", "W m⁻² sr⁻¹"), ("K km/s", "K km/s"), ("GHz", "GHz"), ("", "")]
)
def test_units_have_raised_exponents(unit: str, text: str) -> None:
    assert pretty_unit(unit) == text


def test_a_quantity_has_a_title_for_eyes_and_a_header_for_files() -> None:
    density = Quantity("Density", "cm-3")
    assert (density.title, density.header, density.show(1e4)) == ("Density (cm⁻³)", "Density [cm-3]", "10000 cm⁻³")
    assert Quantity("τ").title == "τ"


@pytest.mark.parametrize(
    ("value", "spacing", "text"),
    [
        (345.796, 0.0005, "345.7960"),
        (0.0, 0.5, "0"),
        (15.0, 5.0, "15"),
        (2e-9, 1e-9, "2×10⁻⁹"),
        (1.5e-9, 5e-10, "1.5×10⁻⁹"),
        (1e6, 1e6, "10⁶"),
        (1e6, 1e5, "1.0×10⁶"),
        (12000.0, 2000.0, "12000"),
    ],
)
def test_ticks(value: float, spacing: float, text: str) -> None:
    assert tick_text(value, spacing) == text


def test_logarithmic_ticks_leave_out_what_would_run_into_each_other() -> None:
    assert [log_tick_text(v, 4.0) for v in (1e16, 2e16, 3e16, 0.1, 20.0)] == ["10¹⁶", "2×10¹⁶", "", "0.1", "20"]
    assert [log_tick_text(v, 0.8) for v in (7.0, 8.0, 10.0)] == ["7", "8", "10"]


def test_a_molecule_is_called_by_its_first_word() -> None:
    assert molecule_name("SO2 spectrum up to 38.1 cm^-1 above ground") == "SO2"
    assert molecule_name("CO") == "CO"


def test_map_colours_run_from_dark_to_bright_and_leave_holes() -> None:
    image = map_colours(np.array([[0.0, 0.5, 1.0, np.nan]]), 0.0, 1.0)
    assert image.shape == (1, 4, 4)
    brightness = image[0, :3, :3].sum(axis=1).astype(int)
    assert brightness[0] < brightness[1] < brightness[2]
    assert list(image[0, :, 3]) == [255, 255, 255, 0]
