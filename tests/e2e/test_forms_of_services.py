"""The form of a service is made of what the service says of itself, is sent so, and is kept with the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.settings import Service
from stopdesk.session.file import read_session
from stopdesk.ui.forms.form import ModelForm
from stopdesk.ui.forms.free_form import FreeForm
from stopdesk.ui.login import LoginDialog
from tests.desk import answering, only_run, opened_desk, told, wait_for_state, wait_until_idle, wait_until_told
from tests.fakes.uws_server import UwsServer
from tests.ui.form_parts import choose, leave, type_into

pytestmark = pytest.mark.timeout(120)

DENSITY = (
    '<param use="required"><name>density</name><description>Density of the gas</description><unit>cm**-3</unit>'
    "<dataType>real</dataType></param>"
)
GEOMETRY = (
    "<param><name>geometry</name><description>Shape. Options: sphere, slab. Default: sphere.</description>"
    "<dataType>string</dataType></param>"
)
COLLIDER = '<param multiplicity="multiple"><name>collider</name><dataType>string</dataType></param>'
RATES = '<param><name>rates</name><dataType extendedType="x:file">string</dataType></param>'
SEED = "<param><name>seed</name><dataType>integer</dataType></param>"


def described(*params: str) -> dict[str, tuple[bytes, str]]:
    """Capabilities beside the job list of a `UwsServer`."""
    document = (
        '<cap:capabilities xmlns:cap="x" xmlns:xsi="y"><capability standardID="ivo://ivoa.net/std/UWS">'
        '<description>Gas in a &lt;b&gt;box&lt;/b&gt;.</description><interface xsi:type="vs:ParamHTTP">'
        f"<accessURL>jobs</accessURL>{''.join(params)}</interface></capability></cap:capabilities>"
    )
    return {"/uws/capabilities": (document.encode(), "text/xml")}


@pytest.fixture
def desk(desk: app.Desk) -> app.Desk:
    """The window, wide enough for a preview beside the form."""
    desk.window.resize(1280, 800)
    return desk


@pytest.fixture
def silent() -> Iterator[UwsServer]:
    """A service that says nothing of its parameters."""
    with UwsServer() as server:
        yield server


@pytest.fixture
def server(silent: UwsServer) -> UwsServer:
    """A service that describes a parameter of each kind."""
    silent.documents = described(DENSITY, GEOMETRY, COLLIDER, RATES)
    return silent


def offer(desk: app.Desk, server: UwsServer, name: str = "Box") -> None:
    """Have the service in the settings."""
    settings = desk.settings.settings
    desk.settings.change(settings.with_service(Service(name=name, url=server.url)))


def ask_for_form(desk: app.Desk, server: UwsServer) -> None:
    """Choose the form of the service in the Model menu."""
    choose(desk.window.workspace.models, server.url)


def form_of(qtbot: QtBot, desk: app.Desk, server: UwsServer) -> ModelForm | FreeForm:
    """Choose the form of the service and wait until it is there."""
    offer(desk, server)
    ask_for_form(desk, server)
    qtbot.waitUntil(lambda: desk.window.workspace.model == server.url, timeout=20_000)
    return desk.window.workspace.form


def fill(form: ModelForm | FreeForm) -> None:
    """Fill the described form."""
    assert isinstance(form, ModelForm)
    type_into(form.rows["density"].editor.text, "1e10 m-3")
    choose(form.rows["geometry"].editor.menu, "slab")
    form.rows["collider"].editor.lines.setPlainText("p-H2\no-H2")


def run(qtbot: QtBot, desk: app.Desk) -> str:
    """Press Run; gives the key of the run."""
    bar = desk.window.workspace.run_bar
    qtbot.waitUntil(bar.button.isEnabled)
    bar.button.click()
    return desk.document.session.runs[-1].key


def save(qtbot: QtBot, desk: app.Desk, path: Path) -> None:
    with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
        desk.window.files._write(path, None)


def facts(desk: app.Desk) -> dict[str, str]:
    """What the details say of the selected job, by label."""
    tree = desk.window.details._facts
    items = (tree.topLevelItem(row) for row in range(tree.topLevelItemCount()))
    return {item.text(0): item.text(1) for item in items if item is not None}


def command(desk: app.Desk, word: str) -> None:
    """A command of the jobs panel to the one run, as far as the panel allows it."""
    desk.window.jobs.select(only_run(desk).key)
    desk.window.jobs._command(word)


def problem_beside(form: ModelForm | FreeForm, name: str) -> str:
    assert isinstance(form, ModelForm)
    label = form.rows[name].problem
    return "" if label.isHidden() else label.text()


# the form


def test_services_stand_below_our_models(desk: app.Desk, server: UwsServer) -> None:
    models = desk.window.workspace.models
    n_own = models.count()
    offer(desk, server)
    settings = desk.settings.settings
    templated = Service(name="Of our models", url="https://uws.example/{model}/jobs")
    resting = Service(name="Resting", url="https://uws.example/jobs", enabled=False)
    desk.settings.change(settings.with_service(templated).with_service(resting))
    texts = [models.itemText(index) for index in range(models.count())]
    assert texts == [*texts[:n_own], "", "Form of Box"]
    assert models.currentData() == "lvg"
    desk.settings.change(desk.settings.settings.without_service(server.url))
    assert models.count() == n_own


def test_the_form_appears_and_sends_what_is_described(
    qtbot: QtBot, desk: app.Desk, server: UwsServer, tmp_path: Path
) -> None:
    workspace = desk.window.workspace
    form = form_of(qtbot, desk, server)
    assert isinstance(form, ModelForm)
    assert list(form.rows) == ["density", "geometry", "collider", "rates"]
    assert workspace.models.currentText() == "Form of Box"
    assert (workspace.run_bar.services.currentText(), workspace.run_bar.services.isEnabled()) == ("Box", False)
    assert not workspace.preview.isVisible()
    assert not workspace.presets.isVisible()
    assert "&lt;b&gt;" in workspace.strip.summary.toolTip()
    assert not workspace.run_bar.button.isEnabled(), "the density is required"
    fill(form)
    (tmp_path / "rates.dat").write_text("1 2 3")
    form.rows["rates"].editor.take(tmp_path / "rates.dat")
    run(qtbot, desk)
    sent = wait_for_state(qtbot, desk, "executing")
    assert (sent.name, sent.model, sent.service) == ("Box", None, server.url)
    request = next(request for request in server.requests if request.method == "POST")
    files = [("rates", "param:upload_1"), ("UPLOAD", "rates,param:upload_1")]
    assert [pair for pair in request.fields if pair[0] != "RUNID"] == [
        ("density", "10000"),
        ("geometry", "slab"),
        ("collider", "p-H2"),
        ("collider", "o-H2"),
        *files,
    ]
    assert request.files["upload_1"] == ("rates.dat", b"1 2 3")
    desk.window.jobs.select(sent.key)
    qtbot.waitUntil(lambda: facts(desk).get("rates") == "rates.dat")
    assert facts(desk)["density"] == "10000 cm-3"
    workspace.show_model("lvg")
    assert (workspace.run_bar.service, workspace.run_bar.services.isEnabled()) == ("local", True)
    assert workspace.preview.isVisible()
    assert workspace.presets.isVisible()


def test_without_a_description_names_and_values_are_typed(
    qtbot: QtBot, desk: app.Desk, silent: UwsServer, tmp_path: Path
) -> None:
    form = form_of(qtbot, desk, silent)
    assert isinstance(form, FreeForm)
    for row, (name, value) in enumerate((("collider", "p-H2"), ("collider", "o-H2"), ("tkin", "20"))):
        type_into(form.rows[row].name, name)
        type_into(form.rows[row].value, value)
        leave(form.rows[row].value)
    run(qtbot, desk)
    wait_for_state(qtbot, desk, "executing")
    (job,) = silent.jobs.values()
    assert job.parameters == (("collider", "p-H2"), ("collider", "o-H2"), ("tkin", "20"))
    save(qtbot, desk, tmp_path / "free.stop")
    assert read_session(tmp_path / "free.stop").forms[silent.url] == form.state()


# when it does not come


def test_a_service_that_cannot_be_asked_leaves_the_model_before(
    qtbot: QtBot, desk: app.Desk, server: UwsServer
) -> None:
    workspace = desk.window.workspace
    offer(desk, server)
    server.stop()
    ask_for_form(desk, server)
    wait_until_told(qtbot, desk, "The form of Box could not be read:")
    assert (workspace.model, workspace.models.currentData()) == ("lvg", "lvg")
    assert workspace.preview.isVisible()
    qtbot.waitUntil(workspace.run_bar.button.isEnabled)
    server.start()
    assert form_of(qtbot, desk, server).spec.parameters


def test_waiting_for_a_form_can_be_cancelled(qtbot: QtBot, desk: app.Desk, server: UwsServer) -> None:
    workspace, status = desk.window.workspace, desk.window.status
    server.fault("hang", on="GET")
    offer(desk, server)
    ask_for_form(desk, server)
    qtbot.waitUntil(status._cancel.isVisible, timeout=20_000)
    assert workspace.models.currentText() == "Form of Box"
    assert not workspace.run_bar.button.isEnabled()
    workspace.run()
    assert told(desk)[-1] == "The form of Box is being read."
    status._cancel.click()
    assert (workspace.model, workspace.models.currentData()) == ("lvg", "lvg")
    assert workspace.run_bar.button.isEnabled()
    server.mend()
    wait_until_idle(qtbot, desk)
    assert workspace.model == "lvg", "what comes late is not wanted any more"
    assert server.url not in workspace.descriptions.documents


def test_another_model_may_be_chosen_while_a_form_is_on_its_way(
    qtbot: QtBot, desk: app.Desk, server: UwsServer
) -> None:
    workspace = desk.window.workspace
    server.fault("hang", on="GET")
    offer(desk, server)
    ask_for_form(desk, server)
    choose(workspace.models, "lte")
    server.mend()
    wait_until_idle(qtbot, desk)
    assert (workspace.model, workspace.models.currentData()) == ("lte", "lte")
    assert workspace.preview.isVisible()


def test_a_service_that_asks_who_we_are_shows_its_form_after_the_log_in(
    qtbot: QtBot, desk: app.Desk, server: UwsServer
) -> None:
    server.users = {"alice": "wonderland"}
    offer(desk, server)
    ask_for_form(desk, server)
    qtbot.waitUntil(lambda: bool(desk.window.findChildren(LoginDialog)), timeout=20_000)
    assert desk.window.workspace.model == "lvg"
    (dialog,) = desk.window.findChildren(LoginDialog)
    dialog._user.setText("alice")
    dialog._secret.setText("wonderland")
    dialog._keep.setChecked(False)
    dialog.accept()
    qtbot.waitUntil(lambda: desk.window.workspace.model == server.url, timeout=20_000)


# what the service says


def test_a_refusal_stands_beside_the_field_that_it_names(qtbot: QtBot, desk: app.Desk, server: UwsServer) -> None:
    form = form_of(qtbot, desk, server)
    fill(form)
    server.refusal = "Field density: <b>the box</b> would burst"
    run(qtbot, desk)
    rejected = wait_for_state(qtbot, desk, "rejected")
    qtbot.waitUntil(lambda: bool(problem_beside(form, "density")))
    assert problem_beside(form, "density").endswith("The service says: Field density: <b>the box</b> would burst")
    assert problem_beside(form, "geometry") == ""
    assert any(rejected.contact_text in text for text in told(desk))
    type_into(form.rows["density"].editor.text, "10")
    assert problem_beside(form, "density") == ""
    server.refusal = ""
    key = run(qtbot, desk)
    wait_for_state(qtbot, desk, "executing", key=key)


def test_a_failed_job_complains_beside_fields_that_still_say_what_was_sent(
    qtbot: QtBot, desk: app.Desk, server: UwsServer
) -> None:
    form = form_of(qtbot, desk, server)
    assert isinstance(form, ModelForm)
    fill(form)
    run(qtbot, desk)
    wait_for_state(qtbot, desk, "executing")
    choose(form.rows["geometry"].editor.menu, "sphere")
    server.error_document = (b"'geometry' slab and 'density' 10000 do not go together", "text/plain")
    server.set_phase(next(iter(server.jobs)), "ERROR", error="It did not work.")
    wait_until_told(qtbot, desk, "It did not work.")
    qtbot.waitUntil(lambda: "do not go together" in problem_beside(form, "density"), timeout=20_000)
    assert problem_beside(form, "geometry") == ""


def test_a_service_without_description_complains_below_its_table(
    qtbot: QtBot, desk: app.Desk, silent: UwsServer
) -> None:
    form = form_of(qtbot, desk, silent)
    assert isinstance(form, FreeForm)
    type_into(form.rows[0].name, "tkin")
    type_into(form.rows[0].value, "-1")
    silent.refusal = "tkin is below zero"
    run(qtbot, desk)
    wait_for_state(qtbot, desk, "rejected")
    qtbot.waitUntil(lambda: not form.said.isHidden())
    assert form.said.text().endswith("The service says: tkin is below zero")


def test_asking_again_brings_what_is_new_and_keeps_what_was_typed(
    qtbot: QtBot, desk: app.Desk, server: UwsServer
) -> None:
    workspace = desk.window.workspace
    form = form_of(qtbot, desk, server)
    fill(form)
    again = workspace.strip.read_again
    again.click()
    wait_until_told(qtbot, desk, "Box describes its parameters as before.")
    assert workspace.form is form
    server.documents = described(DENSITY, COLLIDER, SEED)
    qtbot.waitUntil(again.isEnabled)
    again.click()
    qtbot.waitUntil(lambda: workspace.form is not form, timeout=20_000)
    newer = workspace.form
    assert isinstance(newer, ModelForm)
    assert list(newer.rows) == ["density", "collider", "seed"]
    assert newer.request() == {"density": "10000", "collider": "p-H2\no-H2"}
    assert workspace.stack.currentWidget().isAncestorOf(newer)
    server.documents = {}
    again.click()
    wait_until_told(qtbot, desk, "does not describe its parameters any more")
    assert workspace.form is newer


# sessions and runs


def test_a_session_opens_without_a_network_with_the_form_and_its_text(
    qtbot: QtBot, server: UwsServer, tmp_path: Path
) -> None:
    path = tmp_path / "box.stop"
    with opened_desk(qtbot) as desk:
        fill(form_of(qtbot, desk, server))
        run(qtbot, desk)
        wait_for_state(qtbot, desk, "executing")
        server.set_phase(next(iter(server.jobs)), "COMPLETED")
        qtbot.waitUntil(lambda: bool(only_run(desk).results), timeout=20_000)
        type_into(desk.window.workspace.form.rows["density"].editor.text, "wide")  # type: ignore[union-attr, index]
        save(qtbot, desk, path)
        desk.settings.change(desk.settings.settings.without_service(server.url))
    server.stop()
    n_asked = len(server.requests)
    with opened_desk(qtbot) as desk:
        workspace = desk.window.workspace
        with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
            desk.window.files.open_path(path)
        form = workspace.form
        assert isinstance(form, ModelForm)
        assert (workspace.model, workspace.models.currentData()) == (server.url, server.url)
        assert form.state().fields["density"].text == "wide"
        assert form.request() == {"geometry": "slab", "collider": "p-H2\no-H2"}
        assert not workspace.run_bar.button.isEnabled()
        assert workspace.run_bar.service == server.url
        assert not desk.document.is_modified
        workspace.show_model("lvg")
        assert workspace.service == workspace.run_bar.service == "local"
        command(desk, "Rerun with changes")
        assert workspace.model == server.url
        assert workspace.form.request() == only_run(desk).request
        assert workspace.run_bar.run_name == "Box"
        with answering(qtbot, "Don't save"), qtbot.waitSignal(desk.document.replaced, timeout=20_000):
            desk.window.files.new()
        assert workspace.models.findData(server.url) < 0, "another session knows nothing of it"
        assert workspace.model == "lvg"
    assert len(server.requests) == n_asked


def test_a_run_brings_the_form_of_its_service_also_where_that_has_to_be_asked_first(
    qtbot: QtBot, desk: app.Desk, server: UwsServer
) -> None:
    workspace = desk.window.workspace
    fill(form_of(qtbot, desk, server))
    run(qtbot, desk)
    sent = wait_for_state(qtbot, desk, "executing")
    workspace.restore("lvg", {}, "local")  # as in a session whose description got lost
    command(desk, "Rerun with changes")
    qtbot.waitUntil(lambda: workspace.model == server.url, timeout=20_000)
    assert workspace.form.request() == sent.request


def test_a_damaged_description_is_told_and_read_again(
    qtbot: QtBot, desk: app.Desk, server: UwsServer, tmp_path: Path
) -> None:
    fill(form_of(qtbot, desk, server))
    state = desk.window.workspace.form.state()
    session, path = desk.document.session, tmp_path / "damaged.stop"
    broken = {server.url: {**session.specs[server.url], "parameters": "none"}}
    desk.document.set_forms(server.url, "local", session.forms, broken)
    save(qtbot, desk, path)
    with qtbot.waitSignal(desk.window.files.used, timeout=20_000):
        desk.window.files.open_path(path)
    assert any("is damaged" in text for text in told(desk))
    assert desk.window.workspace.model == "lvg"
    assert desk.document.session.forms[server.url] == state, "what was typed is not lost"
    assert form_of(qtbot, desk, server).state() == state


def test_a_run_is_copied_as_a_command_and_as_python(qtbot: QtBot, desk: app.Desk, server: UwsServer) -> None:
    fill(form_of(qtbot, desk, server))
    run(qtbot, desk)
    wait_for_state(qtbot, desk, "executing")
    command(desk, "Copy as command line")
    assert QGuiApplication.clipboard().text() == (
        f"stopdesk submit {server.url} -pdensity=10000 -pgeometry=slab -pcollider=p-H2 -pcollider=o-H2"
    )
    command(desk, "Copy as Python")
    lines = QGuiApplication.clipboard().text()
    compile(lines, "copied", "exec")
    assert f"client.create({server.url!r}, {{" in lines
    assert "'collider': ['p-H2', 'o-H2']," in lines
