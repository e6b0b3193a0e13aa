"""Molecules are searched by typing or come from a file; a damaged file is told by its line."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from PySide6.QtWidgets import QInputDialog

from stopdesk import paths
from stopdesk.domain.parameter import Attachment
from tests.ui.form_parts import DEADLINE, choose, leave, read, type_into

#: The list of what the search finds is a window of its own, about which the offscreen platform complains.
POPUP = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def chosen():
    """The file that the dialog will give; None: the user changes their mind."""
    return {"path": None}


@pytest.fixture
def form(make_form, chosen):
    return make_form(ask_file=lambda *_: chosen["path"])


def co_file():
    return paths.resources() / "molecules" / "co.dat"


@POPUP
def test_a_formula_is_understood_as_typed(qtbot, form):
    edit = form.rows["molecule"].editor.menu.lineEdit()
    type_into(edit, "HCO+")
    read(qtbot, form)
    assert form.request()["molecule"] == "hco+"
    assert form.molecule.partner_names == ("H2",)
    leave(edit)
    assert edit.text() == "HCO+ – Formyl cation"
    assert form.request()["molecule"] == "hco+"


def test_the_search_finds_part_of_a_name(form):
    completer = form.rows["molecule"].editor.menu.completer()
    completer.setCompletionPrefix("cyan")
    found = {completer.completionModel().index(row, 0).data() for row in range(completer.completionCount())}
    assert "HCN – Hydrogen cyanide" in found
    assert all("cyan" in text.lower() for text in found)


@POPUP
def test_a_molecule_that_is_not_there_is_told(form):
    type_into(form.rows["molecule"].editor.menu.lineEdit(), "glycine")
    assert form.rows["molecule"].problem.text() == (
        "⚠ There is no bundled molecule 'glycine'; choose one of the list, or open a LAMDA file."
    )
    assert form.state().fields["molecule"].text == "glycine"


def test_a_file_takes_the_place_of_the_molecule(qtbot, form, chosen):
    chosen["path"] = co_file()
    form.rows["molecule"].editor.open_button.click()
    read(qtbot, form)
    assert form.rows["molecule"].isHidden()
    row = form.rows["molecule_file"]
    assert row.isVisible()
    assert row.editor.name.words == "co.dat"
    assert form.attachments() == {"molecule_file": co_file()}
    assert "molecule" not in form.request()
    data = co_file().read_bytes()
    assert form.values()["molecule_file"] == Attachment("co.dat", hashlib.sha256(data).hexdigest(), len(data))
    assert form.problems() == ()
    assert form.molecule_name == "co"
    row.editor.clear_button.click()
    read(qtbot, form)
    assert (row.isHidden(), form.request()["molecule"], form.attachments()) == (True, "co", {})
    assert form.focusWidget() is form.rows["molecule"].editor.menu


def test_changing_ones_mind_in_the_dialog_changes_nothing(form):
    before = form.state()
    form.rows["molecule"].editor.open_button.click()
    assert form.state() == before


def test_a_damaged_file_is_told_by_its_line(qtbot, form, chosen, tmp_path):
    lines = co_file().read_text().splitlines()
    lines[8] = lines[8].replace(lines[8].split()[1], "warm")
    chosen["path"] = tmp_path / "mine.dat"
    chosen["path"].write_text("\n".join(lines))
    form.rows["molecule"].editor.open_button.click()
    read(qtbot, form)
    said = form.rows["molecule_file"].problem.text()
    assert said.startswith("⚠ mine.dat, line 9:")
    assert "'warm'" in said
    assert [problem.parameters for problem in form.problems()] == [("molecule_file",)]


def test_a_file_that_is_gone_is_told(qtbot, form, tmp_path):
    form.set_request({}, {"molecule_file": tmp_path / "gone.dat"})
    read(qtbot, form)
    assert "cannot be read" in form.rows["molecule_file"].problem.text()


def test_the_form_stays_usable_while_a_molecule_is_read(qtbot, make_form, library):
    import threading
    from dataclasses import replace

    go = threading.Event()

    def slow(key):
        assert go.wait(DEADLINE / 1000)
        return library.load(key)

    form = make_form()
    form._library = form._loader._library = replace(library, load=slow)
    choose(form.rows["molecule"].editor.menu, "cs")
    assert form.is_reading
    assert form.problems()[-1].text == "The molecule is being read."
    assert form.rows["molecule"].problem.text() == "The molecule is being read."
    type_into(form.rows["line_width"].editor.text, "3")
    assert form.request()["line_width"] == "3"
    go.set()
    read(qtbot, form)
    assert form.problems() == ()
    assert form.molecule.file_name == "cs.dat"


def test_the_newest_molecule_wins(qtbot, form):
    for key in ("cs", "hcn", "hco+"):
        choose(form.rows["molecule"].editor.menu, key)
    read(qtbot, form)
    assert form.molecule.file_name == "hco+.dat"


def test_every_bundled_molecule_can_be_chosen(qtbot, form, library):
    for entry in library.entries[:6]:
        choose(form.rows["molecule"].editor.menu, entry.key)
        read(qtbot, form)
        assert form.request()["molecule"] == entry.key
        assert not any("molecule" in problem.parameters for problem in form.problems())
    assert Path(form.molecule.file_name).suffix == ".dat"


def test_a_molecule_fetched_by_name_takes_its_place(qtbot, form, monkeypatch):
    asked = []
    object.__setattr__(form._library, "fetch", lambda name: asked.append(name) or co_file())
    monkeypatch.setattr(QInputDialog, "getText", lambda *_, text="": (text or "hc3n@xpol", True))
    form.rows["molecule"].editor.fetch_action.trigger()
    qtbot.waitUntil(lambda: form.attachments() == {"molecule_file": co_file()})
    assert asked == ["hc3n@xpol"]
    read(qtbot, form)
    assert form.problems() == ()


def test_what_is_odd_in_a_file_is_said_beside_it_and_in_its_tooltip(qtbot, form, tmp_path):
    text = (paths.resources() / "molecules" / "cs.dat").read_text()
    odd, even = tmp_path / "odd.dat", tmp_path / "even.dat"
    odd.write_text(text.replace("489.7509210", "494.7509210"))
    even.write_text(text)
    row = form.rows["molecule_file"]
    form.set_request({"density_h2": "1e4"}, {"molecule_file": odd})
    read(qtbot, form)
    assert form.problems() == (), "it is no problem"
    assert row.doubts.text().startswith("Note: The file gives 494.751 GHz for the line 10-9")
    assert row.doubts.isVisible()
    assert "494.751 GHz" in row.label.toolTip()
    assert form.rows["molecule"].doubts.text() == ""
    form.set_request({"density_h2": "1e4"}, {"molecule_file": even})
    read(qtbot, form)
    assert row.doubts.isHidden()
    assert "494.751" not in row.label.toolTip()
    form.set_request({"density_h2": "1e4"}, {"molecule_file": odd})
    read(qtbot, form)
    row.editor.clear_button.click()
    read(qtbot, form)
    assert form.rows["molecule"].doubts.isHidden()
