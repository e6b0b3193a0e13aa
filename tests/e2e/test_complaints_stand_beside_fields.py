"""What a service says against a run stands beside the fields that it names, whenever it says so, in any form."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service
from stopdesk.ui.forms.form import ModelForm
from tests.desk import run_on, wait_for_state, wait_until_idle, wait_until_told
from tests.fakes.uws_server import UwsServer
from tests.ui.form_parts import choose, type_into

pytestmark = pytest.mark.timeout(120)

CAPABILITIES = (
    '<capabilities xmlns:xsi="y"><capability standardID="ivo://ivoa.net/std/UWS"><interface xsi:type="vs:ParamHTTP">'
    "<accessURL>jobs</accessURL><param><name>Density</name><dataType>real</dataType></param>"
    "<param><name>shape</name><dataType>string</dataType></param></interface></capability></capabilities>"
)


@pytest.fixture
def server() -> Iterator[UwsServer]:
    with UwsServer() as server:
        yield server


class Sending:
    """A form, one of its fields and how it is sent: of our own model, or of a described service."""

    def __init__(self, qtbot: QtBot, desk: app.Desk, server: UwsServer, own: bool) -> None:
        self.qtbot, self.desk, self.server, self.own = qtbot, desk, server, own
        workspace = desk.window.workspace
        if not own:
            server.documents = {"/uws/capabilities": (CAPABILITIES.encode(), "text/xml")}
            desk.settings.change(desk.settings.settings.with_service(Service(name="Box", url=server.url)))
            choose(workspace.models, server.url)
            qtbot.waitUntil(lambda: workspace.model == server.url, timeout=20_000)
        assert isinstance(workspace.form, ModelForm)
        self.form = workspace.form
        self.name, self.other = ("column_density", "geometry") if own else ("Density", "shape")
        if not own:
            type_into(self.form.rows[self.name].editor.text, "1e4")

    def run(self) -> str:
        if self.own:
            return run_on(self.qtbot, self.desk, self.server.url)
        button = self.desk.window.workspace.run_bar.button
        self.qtbot.waitUntil(button.isEnabled)
        button.click()
        return self.desk.document.session.runs[-1].key

    def beside(self, name: str) -> str:
        label = self.form.rows[name].problem
        return "" if label.isHidden() else label.text()

    def wait_for(self, words: str) -> None:
        self.qtbot.waitUntil(lambda: words in self.beside(self.name), timeout=20_000)
        assert self.beside(self.other) == ""


@pytest.fixture(params=[True, False], ids=["own model", "described"])
def sending(request: pytest.FixtureRequest, qtbot: QtBot, desk: app.Desk, server: UwsServer) -> Sending:
    return Sending(qtbot, desk, server, request.param)


@pytest.mark.parametrize("lies", [[], ["error_as_200"]], ids=["400", "200"])
def test_when_it_will_not_make_the_job(sending: Sending, lies: list[str]) -> None:
    sending.server.lie(*lies)
    sending.server.refusal = f"Field {sending.name.upper()}: the box would burst"
    sending.run()
    wait_for_state(sending.qtbot, sending.desk, "rejected")
    sending.wait_for(f"The service says: Field {sending.name.upper()}: the box would burst")


@pytest.mark.parametrize("lies", [[], ["error_as_200"]], ids=["400", "200"])
def test_when_it_will_not_start_it(sending: Sending, lies: list[str]) -> None:
    sending.server.lie(*lies)
    sending.server.start_refusal = f"{sending.name.swapcase()}: this cannot be started"
    sending.run()
    wait_for_state(sending.qtbot, sending.desk, "pending")
    sending.wait_for("The service says: this cannot be started")


def test_when_the_job_ends_so(sending: Sending) -> None:
    sending.run()
    wait_for_state(sending.qtbot, sending.desk, "executing")
    label = sending.form.spec.parameter(sending.name).label.upper()
    sending.server.set_phase(next(iter(sending.server.jobs)), "ERROR", error=f"The {label} is too high.")
    sending.wait_for("is too high.")


def test_when_only_the_document_of_the_error_says_it(sending: Sending) -> None:
    sending.server.error_document = (f"parameter '{sending.name}' was it".encode(), "text/plain")
    sending.run()
    wait_for_state(sending.qtbot, sending.desk, "executing")
    sending.server.set_phase(next(iter(sending.server.jobs)), "ERROR", error="It did not work.")
    wait_until_told(sending.qtbot, sending.desk, "It did not work.")
    sending.wait_for("was it")


def test_what_was_changed_since_is_left_alone(sending: Sending) -> None:
    sending.run()
    wait_for_state(sending.qtbot, sending.desk, "executing")
    values = {"column_density": "3e15", "density_h2": "1e4"} if sending.own else {"Density": "3e15"}
    sending.form.set_request(values)
    sending.server.set_phase(next(iter(sending.server.jobs)), "ERROR", error=f"{sending.name}: too high.")
    wait_until_told(sending.qtbot, sending.desk, "too high.")
    wait_until_idle(sending.qtbot, sending.desk)
    assert sending.beside(sending.name) == ""
