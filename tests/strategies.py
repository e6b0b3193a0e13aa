"""Hypothesis strategies made from the specs: values that are right, and forms right or wrong."""

from __future__ import annotations

import math
import string

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from stopdesk.domain.parameter import Axis, Choice, FileInput, MoleculeChoice, Number, Parameter, Value
from stopdesk.domain.session import FieldState, FormState
from stopdesk.domain.spec import ModelSpec

# how long an example takes depends on what else the machine does
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")

#: What people type, and what slips in; no control characters, which no field can hold.
TYPED = st.text(alphabet=string.ascii_letters + string.digits + " .,:+-eE−µ²?/", max_size=12)


def numbers(parameter: Number) -> st.SearchStrategy[float]:
    """Values in range, over many decades where the range has them."""
    low = parameter.minimum if parameter.minimum is not None else 1e-6
    high = parameter.maximum if parameter.maximum is not None else 1e12
    start = max(low, 1e-6) if low >= 0 else low
    spread = st.floats(math.log10(start), math.log10(high)).map(lambda power: min(high, max(start, 10.0**power)))
    ends = [high] if parameter.above else [low, high]
    return st.one_of(spread, st.sampled_from(ends))


def axes(parameter: Number, max_n: int = 6) -> st.SearchStrategy[Axis]:
    """Axes in range."""

    def axis(ends: tuple[float, float], n: int, log: bool) -> Axis:
        low, high = min(ends), max(ends)
        if low == high:
            n = 1
        return Axis(low, high, n, log and low > 0)

    return st.builds(axis, st.tuples(numbers(parameter), numbers(parameter)), st.integers(1, max_n), st.booleans())


def axis_lengths() -> st.SearchStrategy[list[int]]:
    """Numbers of values of a few axes."""
    return st.lists(st.integers(1, 6), max_size=4)


def values_of(parameter: Parameter, molecules: tuple[str, ...]) -> st.SearchStrategy[Value]:
    """Values of one parameter that are right by themselves."""
    if isinstance(parameter, Number):
        kinds: list[st.SearchStrategy[Value]] = [numbers(parameter)]
        if parameter.axis:
            kinds.append(axes(parameter))
        if parameter.words:
            kinds.append(st.sampled_from(parameter.words))
        return st.one_of(kinds)
    if isinstance(parameter, Choice):
        return st.sampled_from(parameter.options)
    assert isinstance(parameter, MoleculeChoice)
    return st.sampled_from(molecules)


def requests(spec: ModelSpec, molecules: tuple[str, ...] = ("co",)) -> st.SearchStrategy[dict[str, Value]]:
    """Values of some parameters of a spec, each right by itself (files left out)."""
    parameters = [parameter for parameter in spec.parameters if not isinstance(parameter, FileInput)]
    return st.fixed_dictionaries(
        {}, optional={parameter.name: values_of(parameter, molecules) for parameter in parameters}
    )


def fields(parameter: Parameter, molecules: tuple[str, ...]) -> st.SearchStrategy[FieldState]:
    """Fields as they may stand in a form, right or wrong."""
    if isinstance(parameter, Number):
        return st.builds(
            FieldState,
            text=TYPED,
            unit=st.sampled_from(parameter.units),
            is_axis=st.booleans() if parameter.axis else st.just(False),
            minimum=TYPED,
            maximum=TYPED,
            n=TYPED,
            log=st.booleans(),
        )
    if isinstance(parameter, Choice):
        return st.builds(FieldState, text=st.one_of(st.sampled_from(parameter.options), TYPED))
    if isinstance(parameter, MoleculeChoice):
        return st.builds(FieldState, text=st.one_of(st.sampled_from(molecules), TYPED.map(lambda text: f"?{text}")))
    return st.just(FieldState())


def forms(spec: ModelSpec, molecules: tuple[str, ...] = ("co",)) -> st.SearchStrategy[FormState]:
    """Forms of a spec, right or wrong."""
    return st.fixed_dictionaries({parameter.name: fields(parameter, molecules) for parameter in spec.parameters}).map(
        lambda states: FormState(fields=states)
    )
