"""The source bar keeps what is typed as it is typed, and says what is wrong with a velocity."""

from __future__ import annotations

import pytest
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from stopdesk.domain.session import Source
from stopdesk.errors import InputError
from stopdesk.ui.source_bar import SourceBar


@pytest.fixture
def bar(qtbot: QtBot) -> SourceBar:
    bar = SourceBar()
    qtbot.addWidget(bar)
    bar.show()
    return bar


def test_it_gives_what_was_typed(qtbot: QtBot, bar: SourceBar) -> None:
    changes: list[Source] = []
    bar.changed.connect(lambda: changes.append(bar.source))
    QTest.keyClicks(bar._name, "L1544")
    QTest.keyClicks(bar._v_lsr, "7.2")
    assert bar.source == Source(name="L1544", v_lsr="7.2")
    assert bar.v_lsr == 7.2
    assert len(changes) == 8
    assert changes[-1] == bar.source


def test_what_it_is_given_comes_back(bar: SourceBar) -> None:
    source = Source(name="IRAS 16293-2422 – Ångström", position="16:32:22.9 -24:28:36", v_lsr=" 3.8 ")
    bar.set_source(source)
    assert bar.source == source
    assert bar.v_lsr == 3.8


@pytest.mark.parametrize("text", ["fast", "3.8 km/s", "nan", "inf", "1e999", "--1", "1,5,"])
def test_a_velocity_that_is_none_is_told_and_not_used(bar: SourceBar, text: str) -> None:
    bar._v_lsr.setText(text)
    assert bar._problem.text().startswith("⚠ ")
    assert bar.v_lsr_or_none() is None
    with pytest.raises(InputError):
        bar.v_lsr  # noqa: B018
    bar._v_lsr.setText("-12.5")
    assert bar._problem.text() == ""
    assert bar.v_lsr_or_none() == -12.5


def test_no_velocity_is_no_problem(bar: SourceBar) -> None:
    bar._v_lsr.setText("1")
    bar._v_lsr.clear()
    assert bar.v_lsr is None
    assert bar._problem.text() == ""


def test_every_field_is_reached_by_its_label_and_by_tab(bar: SourceBar) -> None:
    fields = [bar._name, bar._position, bar._v_lsr]
    assert [field.accessibleName() for field in fields] == ["Source name", "Source position", "Source velocity"]
    following = fields[0].nextInFocusChain()
    seen = [fields[0]]
    while following is not fields[0]:
        seen += [following] if following in fields else []
        following = following.nextInFocusChain()
    assert seen == fields
