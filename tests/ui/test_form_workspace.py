"""The Model workspace says how large a run is, names it, sends it, and shows earlier runs and sessions again."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt

from stopdesk import paths
from stopdesk.domain.run import StoredFile
from stopdesk.errors import FileError
from stopdesk.ui.forms.run_bar import duration_words, size_words
from stopdesk.ui.forms.workspace import ModelWorkspace
from tests.ui.form_parts import DEADLINE, choose, read, type_into


class Store:
    """Files of earlier runs by hash."""

    def __init__(self, files):
        self.files = files

    def export_blob(self, sha256, path):
        if sha256 not in self.files:
            raise FileError(path, "is not in the session.")
        path.write_bytes(self.files[sha256])


def ordered(workspace):
    orders = []
    workspace.run_requested.connect(orders.append)
    return orders


def test_one_click_on_run_sends_the_default(qtbot, workspace):
    orders = ordered(workspace)
    assert workspace.run_bar.button.isEnabled()
    qtbot.mouseClick(workspace.run_bar.button, Qt.MouseButton.LeftButton)
    (order,) = orders
    assert (order.name, order.model, order.service, order.attachments) == ("CO LVG grid", "lvg", "local", {})
    assert order.request == workspace.form.request()


def test_rows_and_time_stand_beside_the_button(workspace):
    assert workspace.run_bar.size_label.words == "250 rows, under 1 s on this machine"
    type_into(workspace.form.rows["kinetic_temperature"].editor.n, "1000")
    assert workspace.run_bar.size_label.words == "25,000 rows, about 6 s on this machine"


def test_a_long_run_is_said_to_be_long(workspace):
    type_into(workspace.form.rows["kinetic_temperature"].editor.n, "40000")
    words = workspace.run_bar.size_label.words
    assert words.startswith("1,000,000 rows, about 4 min")
    assert "long" in words
    assert workspace.run_bar.button.isEnabled()


def test_more_than_a_million_rows_are_refused_with_a_sentence(workspace):
    type_into(workspace.form.rows["kinetic_temperature"].editor.n, "40001")
    sentence = "The grid has 1,000,025 rows; at most 1,000,000 can be computed at once."
    assert sentence in workspace.run_bar.size_label.words
    assert not workspace.run_bar.button.isEnabled()
    assert sentence in workspace.run_bar.button.toolTip()
    for name in ("column_density", "density_h2", "kinetic_temperature"):
        assert workspace.form.rows[name].problem.text() == f"⚠ {sentence}"


def test_an_absurd_number_of_values_is_refused_and_nothing_breaks(workspace):
    type_into(workspace.form.rows["kinetic_temperature"].editor.n, "9" * 400)
    assert "at most 1,000,000 values" in workspace.run_bar.size_label.words
    assert not workspace.run_bar.button.isEnabled()


def test_run_is_disabled_while_there_are_problems_and_says_which(workspace):
    width = workspace.form.rows["line_width"].editor.text
    type_into(width, "0")
    bar = workspace.run_bar
    assert not bar.button.isEnabled()
    assert bar.size_label.words == "⚠ Line width (FWHM): 0 is out of range: above 0 to 5000 km/s."
    type_into(width, "0.5")
    assert bar.button.isEnabled()


def test_without_a_service_there_is_no_run(workspace):
    workspace.set_services([])
    assert not workspace.run_bar.button.isEnabled()
    assert "no service" in workspace.run_bar.button.toolTip()


def test_the_chosen_service_is_kept_and_sent(workspace):
    orders = ordered(workspace)
    choose(workspace.run_bar.services, "https://uws.example/jobs")
    workspace.set_services([("another", "x"), ("Observatory", "https://uws.example/jobs"), ("local", "local")])
    workspace.run()
    assert orders[0].service == "https://uws.example/jobs"


def test_the_run_is_named_after_the_model_until_the_astronomer_names_it(qtbot, workspace):
    name = workspace.run_bar.name
    assert name.text() == "CO LVG grid"
    choose(workspace.form.rows["molecule"].editor.menu, "hco+")
    assert name.text() == "HCO+ LVG grid"
    type_into(name, "ladder")
    choose(workspace.form.rows["molecule"].editor.menu, "co")
    assert name.text() == "ladder"
    type_into(name, "")
    assert workspace.run_bar.run_name == "CO LVG grid"
    workspace.form.apply_preset(workspace.form.spec.presets[1])
    read(qtbot, workspace.form)
    assert workspace.run_bar.run_name == "CO LVG"


def test_presets_are_in_the_menu(workspace):
    actions = workspace.presets.menu().actions()
    assert len(actions) == len(workspace.form.spec.presets)
    actions[2].trigger()
    assert workspace.form.request()["molecule"] == "hco+"


def test_models_keep_their_forms(qtbot, workspace):
    type_into(workspace.form.rows["line_width"].editor.text, "3")
    choose(workspace.models, "lte")
    assert workspace.model == "lte"
    assert workspace.form.spec.name == "lte"
    read(qtbot, workspace.form)
    type_into(workspace.form.rows["line_width"].editor.text, "4")
    workspace.show_model("lvg")
    assert workspace.form.request()["line_width"] == "3"
    assert {name: form.fields["line_width"].text for name, form in workspace.state().items()} == {
        "lvg": "3",
        "lte": "4",
    }


def test_a_session_comes_back(qtbot, workspace, tasks, notices, library, engine):
    choose(workspace.models, "lte")
    type_into(workspace.form.rows["line_width"].editor.text, "wide")
    state = workspace.state()
    other = ModelWorkspace(tasks=tasks, notices=notices, library=library, engine=engine, cores=2)
    qtbot.addWidget(other)
    other.set_services([("local", "local"), ("Observatory", "far")])
    other.restore("lte", state, "far")
    assert (other.model, other.service) == ("lte", "far")
    assert other.state() == state
    read(qtbot, other.form)
    assert not other.run_bar.button.isEnabled()
    other.restore("lvg", {}, "local")
    assert other.model == "lvg"
    assert other.form.n_rows == 250
    assert "lte" not in other.state() or other.state()["lte"].fields["line_width"].text == "1"
    other.show_model("lvg")
    read(qtbot, other.form)


def test_every_change_asks_to_be_saved(qtbot, workspace):
    for change in (
        lambda: type_into(workspace.form.rows["line_width"].editor.text, "3"),
        lambda: choose(workspace.models, "lte"),
        lambda: choose(workspace.run_bar.services, "https://uws.example/jobs"),
        lambda: workspace.form.apply_preset(workspace.form.spec.presets[1]),
    ):
        with qtbot.waitSignal(workspace.changed, timeout=DEADLINE):
            change()
    read(qtbot, workspace.form)


def test_an_earlier_run_fills_the_form_and_can_be_undone(qtbot, workspace):
    before = workspace.form.state()
    request = {"molecule": "cs", "column_density": "1e13", "density_h2": "1e6", "kinetic_temperature": "30"}
    workspace.show_run("lvg", request, {}, Store({}), name="CS core")
    read(qtbot, workspace.form)
    assert workspace.form.request().items() >= request.items()
    assert workspace.run_bar.run_name == "CS core"
    workspace.undo()
    read(qtbot, workspace.form)
    assert workspace.form.state() == before
    workspace.redo()
    read(qtbot, workspace.form)
    assert workspace.form.request()["molecule"] == "cs"


def test_an_earlier_run_brings_its_files(qtbot, workspace):
    data = (paths.resources() / "molecules" / "hco+.dat").read_bytes()
    file = StoredFile(name="my ion.dat", sha256="ab" * 32, size=len(data))
    request = {"column_density": "1e13", "density_h2": "1e5"}
    workspace.show_run("lvg", request, {"molecule_file": file}, Store({file.sha256: data}), name="ion")
    qtbot.waitUntil(lambda: bool(workspace.form.attachments()), timeout=DEADLINE)
    read(qtbot, workspace.form)
    path = workspace.form.attachments()["molecule_file"]
    assert path.name == "my ion.dat"
    assert path.read_bytes() == data
    assert workspace.form.problems() == ()
    orders = ordered(workspace)
    workspace.run()
    assert orders[0].attachments == {"molecule_file": path}


def test_a_file_that_the_session_has_lost_is_told(qtbot, workspace, notices):
    file = StoredFile(name="ion.dat", sha256="cd" * 32, size=1)
    workspace.show_run("lvg", {}, {"molecule_file": file}, Store({}))
    qtbot.waitUntil(lambda: bool(notices.history), timeout=DEADLINE)
    assert "is not in the session" in notices.history[0].text


def test_a_run_of_a_model_without_a_form_is_told(workspace, notices):
    workspace.show_run("lime", {}, {}, Store({}))
    assert notices.history[0].text == "There is no form for the model 'lime'."


def test_run_waits_for_the_molecule(qtbot, tasks, notices, library, engine):
    go = threading.Event()

    def slow(key):
        assert go.wait(DEADLINE / 1000)
        return library.load(key)

    workspace = ModelWorkspace(
        tasks=tasks, notices=notices, library=replace(library, load=slow), engine=engine, cores=2
    )
    qtbot.addWidget(workspace)
    workspace.set_services([("local", "local")])
    orders = ordered(workspace)
    assert not workspace.run_bar.button.isEnabled()
    workspace.show_example()
    workspace.run()
    assert orders == []
    go.set()
    qtbot.waitUntil(lambda: bool(orders), timeout=DEADLINE)
    assert len(orders) == 1


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "under 1 s"),
        (1.2, "about 2 s"),
        (99, "about 99 s"),
        (150, "about 3 min"),
        (7200, "about 2 h"),
        (1e6, "about 12 days"),
    ],
)
def test_times_are_said_as_people_say_them(seconds, words):
    assert duration_words(seconds) == words


def test_one_row_is_a_row():
    assert size_words(1, 0.001) == "1 row, under 1 s on this machine"


@pytest.mark.parametrize("size", [(1208, 560), (952, 480)])
def test_the_workspace_fits_small_windows(qtbot, workspace, size):
    workspace.resize(*size)
    assert (workspace.width(), workspace.height()) == size
    page = workspace.stack.currentWidget()
    assert page.widget().width() <= page.viewport().width()
    assert workspace.run_bar.button.mapTo(workspace, workspace.run_bar.button.rect().bottomRight()).x() < size[0]


def test_the_preview_gives_way_where_there_is_no_room(workspace):
    workspace.resize(1200, 700)
    workspace.show()
    assert workspace.preview.isVisible()
    workspace.resize(workspace.minimumWidth(), 700)
    assert not workspace.preview.isVisible()
    workspace.resize(1200, 700)
    assert workspace.preview.isVisible()
