"""An observation that a model is made for is said in a line, with what is known of it and no more."""

from __future__ import annotations

import pytest

from stopdesk.domain.observation import Observation, observed_frequencies, rest_frequencies
from stopdesk.domain.target import Position

WHERE = Position(ra=248.0946, dec=-24.4767)


def test_all_that_is_known_is_said() -> None:
    known = Observation(
        name="IRAS 16293-2422", portal="ALMA", position=WHERE, frequencies=(230.0, 232.0), beam=27.04, aperture=1800.0
    )
    assert known.words == "IRAS 16293-2422, 230 to 232 GHz, beam 27″"
    resolved = known.model_copy(update={"resolution": 0.2501})
    assert resolved.words == "IRAS 16293-2422, 230 to 232 GHz, beam 27″, resolution 0.25 km/s"
    assert resolved.details.splitlines()[1:] == [
        "Given by ALMA",
        "At 16:32:22.704 -24:28:36.12 (ICRS)",
        "Field 30′ across",
        "Spectral resolution 0.193 MHz at 231 GHz",
    ]


def test_what_is_not_known_is_left_out() -> None:
    assert Observation().words == "an observation"
    assert Observation(position=WHERE).words == "16:32:22.704 -24:28:36.12"
    assert Observation(name="x", aperture=20.0, frequencies=(230.5, 230.5)).words == "x, 230.5 GHz, field 20″"
    assert Observation(name="x", aperture=7200.0).details == "x, field 2°\nField 2° across"


def test_what_is_seen_lies_elsewhere_at_rest() -> None:
    assert rest_frequencies([229.9], 500.0)[0] == pytest.approx(229.9 / (1 - 500 / 299792.458))
    assert rest_frequencies(observed_frequencies([115.27], -30.0), -30.0)[0] == pytest.approx(115.27)
