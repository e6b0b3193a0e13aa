"""What is set in the preferences is so in the window at once, and at the next start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service, Settings
from stopdesk.ui import theme
from tests.desk import answering, only_run, opened_desk, run_on, wait_for_state
from tests.fakes.uws_server import UwsServer


@pytest.fixture(autouse=True)
def system_colours(qapp: object) -> Iterator[None]:
    yield
    theme.apply_scheme("system")


def change(desk: app.Desk, name: str, value: bool | int | str) -> Settings:
    desk.settings.change(desk.settings.settings.with_value(name, value))
    return desk.settings.settings


def test_colours_change_everywhere_and_back(qtbot: QtBot, desk: app.Desk) -> None:
    window = desk.window
    light = window.grab().toImage()
    icon = window.actions_by_name["runs"].icon().cacheKey()
    change(desk, "colour_scheme", "dark")
    assert theme.is_dark()
    qtbot.waitUntil(lambda: window.actions_by_name["runs"].icon().cacheKey() != icon)
    dark = window.grab().toImage()
    assert light.pixelColor(5, 5).lightness() > 128 > dark.pixelColor(5, 5).lightness()
    words = window.workspace.strip.summary
    assert words.palette().color(words.foregroundRole()) == theme.quiet_colour()
    change(desk, "colour_scheme", "system")
    assert not theme.is_dark()


def test_a_scheme_is_there_at_the_next_start(qtbot: QtBot) -> None:
    with opened_desk(qtbot) as desk:
        change(desk, "colour_scheme", "dark")
    theme.apply_scheme("system")
    with opened_desk(qtbot) as desk:
        assert desk.settings.settings.colour_scheme == "dark"
        assert theme.is_dark()


def test_a_service_is_offered_as_soon_as_it_is_known_and_no_longer(desk: app.Desk) -> None:
    bar = desk.window.workspace.run_bar
    url = "https://uws.example/{model}/jobs"
    desk.settings.change(desk.settings.settings.with_service(Service(name="Observatory", url=url)))
    assert bar.services.findData(url) >= 0
    bar.services.setCurrentIndex(bar.services.findData(url))
    desk.settings.change(desk.settings.settings.with_value("confirm_delete", value=False))
    assert bar.service == url, "another setting leaves the choice alone"
    desk.settings.change(desk.settings.settings.without_service(url))
    assert bar.service == "local"


@pytest.mark.parametrize("confirm", [True, False])
def test_deleting_asks_where_that_is_wanted(qtbot: QtBot, desk: app.Desk, confirm: bool) -> None:
    change(desk, "confirm_delete", confirm)
    with UwsServer() as server:
        key = run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        with answering(qtbot, *(["Cancel"] if confirm else [])):
            desk.window.jobs.commanded.emit("Delete", [key])
        if confirm:
            assert only_run(desk).state == "executing"
        else:
            qtbot.waitUntil(lambda: not server.jobs and not desk.document.session.runs, timeout=20_000)


def test_results_stay_in_the_back_where_that_is_wanted(qtbot: QtBot, desk: app.Desk) -> None:
    change(desk, "open_results", value=False)
    window = desk.window
    window.workspace.show_model("lte")
    qtbot.waitUntil(window.workspace.run_bar.button.isEnabled)
    plain = window.actions_by_name["runs"].icon().cacheKey()
    window.workspace.run()
    qtbot.waitUntil(lambda: bool(desk.document.session.runs and only_run(desk).results), timeout=60_000)
    assert window.pages.currentWidget() is window.workspace
    assert window.results.run_key == ""
    assert window.actions_by_name["runs"].icon().cacheKey() != plain, "a dot says that there is something new"


def test_the_local_service_gets_as_many_processes_as_were_set(qtbot: QtBot) -> None:
    with opened_desk(qtbot) as desk:
        change(desk, "local_workers", 3)
    with opened_desk(qtbot) as desk:
        assert desk.local._workers == 3
