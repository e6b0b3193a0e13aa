"""The models there are, by name."""

from __future__ import annotations

from stopdesk.domain.lte import LTE
from stopdesk.domain.lvg import LVG
from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import InputError

#: In the order in which they are offered: from the simple to the complex.
MODELS: tuple[ModelSpec, ...] = (LTE, LVG)


def model_spec(name: str) -> ModelSpec:
    """The spec of a model; InputError names the models there are."""
    for spec in MODELS:
        if spec.name == name:
            return spec
    raise InputError(f"There is no model {name!r}; there are: {', '.join(spec.name for spec in MODELS)}.")
