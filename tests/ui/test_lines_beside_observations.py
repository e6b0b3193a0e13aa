"""The words for the lines of a molecule in a row: few are named, many counted, an unknown range says nothing."""

from __future__ import annotations

import numpy as np

from stopdesk.formats import molecules
from stopdesk.ui.portal.my_lines import line_texts


def test_lines_are_named_counted_or_not_known() -> None:
    co = molecules.load("co")
    low = np.array([100e9, 100e9, np.nan, 10e9, 100e9])
    high = np.array([120e9, 240e9, 240e9, 20e9, 900e9])
    texts = line_texts(low, high, co, 0.0).tolist()
    assert texts[:4] == ["CO 1-0", "CO 1-0, 2-1", "", "none"]
    assert texts[4] == "7 lines: CO 4-3, 5-4, 6-5, 7-6, …", "of many the strongest are named"


def test_the_source_may_move_and_a_table_be_empty() -> None:
    co = molecules.load("co")
    assert line_texts([115.0e9], [115.2e9], co, 0.0).tolist() == ["none"]
    assert line_texts([115.0e9], [115.2e9], co, 510.0).tolist() == ["CO 1-0"]
    assert line_texts([], [], co, 0.0).tolist() == []
