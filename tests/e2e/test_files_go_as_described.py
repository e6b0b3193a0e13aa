"""The window sends a file the way that its service takes it, under the user's own name for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app, paths
from stopdesk.domain.settings import Service
from tests.described import recorded
from tests.desk import run_on, wait_for_state
from tests.fakes.uws_server import Request, UwsServer
from tests.ui.form_parts import choose

pytestmark = pytest.mark.timeout(120)


def filled(qtbot: QtBot, desk: app.Desk, server: UwsServer, files: dict[str, Path]) -> Request:
    """The request that comes of the service's own form with these files."""
    workspace = desk.window.workspace
    desk.settings.change(desk.settings.settings.with_service(Service(name="Lab", url=server.url)))
    choose(workspace.models, server.url)
    qtbot.waitUntil(lambda: workspace.model == server.url, timeout=20_000)
    workspace.form.set_request(dict.fromkeys(workspace.form.request(), "1"), files)
    qtbot.waitUntil(workspace.run_bar.button.isEnabled)
    workspace.run_bar.button.click()
    wait_for_state(qtbot, desk, "executing")
    return next(request for request in server.requests if request.method == "POST")


def test_opus_gets_a_part_named_like_the_parameter(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    file = tmp_path / "my größte.dat"
    file.write_bytes(b"1 2 3")
    with UwsServer(path="/rest/lab") as server:
        description = json.loads(recorded("opus_job_description.json"))
        description["used"] = {"rates": {"url": "file://$ID", "content_type": "text/plain", "annotation": "Rates"}}
        server.documents = {"/jdl/lab/json": (json.dumps(description).encode(), "application/json")}
        request = filled(qtbot, desk, server, {"rates": file})
        assert request.files == {"rates": ("my größte.dat", b"1 2 3")}
        assert not request.values("UPLOAD") + request.values("rates")


def test_a_service_that_says_nothing_finds_it_either_way(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "co.dat").write_text(folder)
    with UwsServer() as server:
        files = {"one": tmp_path / "a" / "co.dat", "two": tmp_path / "b" / "co.dat"}
        request = filled(qtbot, desk, server, files)
        assert request.files == {"one": ("co.dat", b"a"), "two": ("co.dat", b"b")}, "both by the name that they have"
        assert request.values("UPLOAD") == ["one,param:one", "two,param:two"]


def test_our_models_announce_it(qtbot: QtBot, desk: app.Desk, tmp_path: Path) -> None:
    file = tmp_path / "my cs.dat"
    file.write_bytes((paths.resources() / "molecules" / "cs.dat").read_bytes())
    with UwsServer() as server:
        desk.window.workspace.show_model("lte")
        desk.window.workspace.form.set_request({"column_density": "1e14"}, {"molecule_file": file})
        run_on(qtbot, desk, server.url)
        wait_for_state(qtbot, desk, "executing")
        request = next(request for request in server.requests if request.method == "POST")
        assert request.files == {"upload_1": ("my cs.dat", file.read_bytes())}
        assert request.values("UPLOAD") == ["molecule_file,param:upload_1"]
