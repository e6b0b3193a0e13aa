"""The details say what was asked, what came of it, and what went wrong, in the service's own words."""

from __future__ import annotations

from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTreeWidget
from pytestqt.qtbot import QtBot

from stopdesk.domain.job import JobError, JobParameter, JobProgress, Phase
from stopdesk.domain.run import FETCHING, Contact, Run
from stopdesk.ui.jobs.details import Details
from stopdesk.uws.describe.drafts import Draft, spec_of
from tests.runs import START, every_state, make_run, stored


@pytest.fixture
def details(qtbot: QtBot) -> Details:
    details = Details()
    qtbot.addWidget(details)
    details.resize(400, 600)
    details.show()
    return details


def rows(tree: QTreeWidget) -> dict[str, str]:
    items = (tree.topLevelItem(row) for row in range(tree.topLevelItemCount()))
    return {item.text(0): item.text(1) for item in items if item is not None}


def test_without_a_job_it_says_how_to_get_one(details: Details) -> None:
    details.show_run(None)
    assert details._hint.isVisible()
    details.show_run(make_run())
    assert not details._hint.isVisible()
    details.show_run(None)
    assert details._hint.isVisible()


def test_parameters_have_their_labels_and_units(details: Details) -> None:
    details.show_run(make_run(attachments={"molecule_file": stored("mine.dat")}))
    facts = rows(details._facts)
    assert facts["Column density"] == "1e15 cm-2"
    assert facts["Molecule file"] == "mine.dat"
    assert facts["Address"].startswith("http://127.0.0.1")


def test_a_job_made_elsewhere_shows_what_its_service_echoes(details: Details) -> None:
    run = make_run(request={}, model=None)
    assert run.job is not None
    job = run.job.model_copy(update={"parameters": (JobParameter(name="VERB", value="3"),)})
    details.show_run(run.model_copy(update={"job": job}))
    assert rows(details._facts)["VERB"] == "3"


DESCRIBED = spec_of(
    [
        Draft(name="Density", type_word="real", unit="cm**-3", help="Density of the gas"),
        Draft(name="collider", is_repeated=True),
        Draft(name="rates", is_file=True),
    ],
    origin="http://127.0.0.1:9/capabilities",
)


@pytest.fixture
def knowing(qtbot: QtBot) -> Details:
    """Details of a session that has the description of one service."""
    details = Details(described={"http://127.0.0.1:9/x": DESCRIBED}.get)
    qtbot.addWidget(details)
    return details


def test_a_job_of_a_described_service_has_its_units_and_help(knowing: Details) -> None:
    request = {"Density": "1e4", "collider": "p-H2\no-H2", "seed": "1"}
    run = make_run(model=None, service="http://127.0.0.1:9/x", request=request, attachments={"rates": stored("a.dat")})
    knowing.show_run(run)
    facts = rows(knowing._facts)
    assert (facts["Density"], facts["collider"], facts["seed"]) == ("1e4 cm-3", "p-H2, o-H2", "1")
    assert facts["rates"] == "a.dat"
    item = knowing._facts.topLevelItem(0)
    assert item is not None
    assert "Density of the gas" in item.toolTip(0)


def test_what_a_described_service_echoes_has_them_in_whatever_case(knowing: Details) -> None:
    run = make_run(model=None, service="http://127.0.0.1:9/x", request={})
    assert run.job is not None
    parameters = (JobParameter(name="density", value="10000.0"), JobParameter(name="COLLIDER", value=""))
    knowing.show_run(run.model_copy(update={"job": run.job.model_copy(update={"parameters": parameters})}))
    facts = rows(knowing._facts)
    assert (facts["Density"], facts["collider"]) == ("10000.0 cm-3", "")


def test_a_job_of_another_service_is_shown_as_it_came(knowing: Details) -> None:
    knowing.show_run(make_run(model=None, service="http://127.0.0.1:9/y", request={"Density": "1e4"}))
    assert rows(knowing._facts)["Density"] == "1e4"


def test_times_and_run_time_are_shown_where_the_service_tells_them(details: Details) -> None:
    details.show_run(make_run(phase=Phase.COMPLETED, started=START, ended=START + timedelta(seconds=75)))
    assert rows(details._facts)["Run time"] == "1:15"
    details.show_run(make_run(phase=Phase.QUEUED))
    assert not {"Started", "Ended", "Run time"} & set(rows(details._facts))


@pytest.mark.parametrize("state", sorted(every_state()))
def test_every_state_is_shown(details: Details, state: str) -> None:
    run = every_state()[state]
    details.show_run(run)
    assert run.name in details._head.text()
    assert not details.grab().isNull()


def test_what_went_wrong_is_there_once_with_the_detail(details: Details) -> None:
    error = JobError(message="too cold", has_detail=True, detail="2.73 K is the least")
    details.show_run(make_run(phase=Phase.ERROR, error=error))
    assert details._trouble.toPlainText() == "too cold\n\n2.73 K is the least"
    details.show_run(make_run(phase=Phase.ERROR, error=JobError(message="too cold", detail="too cold\n")))
    assert details._trouble.toPlainText() == "too cold"


def test_a_job_that_goes_well_shows_no_trouble(details: Details) -> None:
    for run in (make_run(), make_run(phase=Phase.COMPLETED, results_text=FETCHING)):
        details.show_run(run)
        assert not details._trouble.isVisible(), "results on their way are no trouble"
    details.show_run(make_run(phase=Phase.COMPLETED, results_text="The disk is full."))
    assert details._trouble.toPlainText() == "The disk is full."


def test_a_log_in_is_offered_where_the_service_wants_one(qtbot: QtBot, details: Details) -> None:
    details.show_run(make_run(contact=Contact.UNREACHABLE, contact_text="No answer."))
    assert not details._login.isVisible()
    run = make_run(contact=Contact.NOT_ALLOWED, contact_text="Who are you?")
    details.show_run(run)
    with qtbot.waitSignal(details.login_wanted) as wanted:
        details._login.click()
    assert wanted.args == [run.job_url]
    run = make_run(phase=None, job_url=None, contact=Contact.NOT_ALLOWED)
    details.show_run(run)
    with qtbot.waitSignal(details.login_wanted) as wanted:
        details._login.click()
    assert wanted.args == [run.service]


def test_a_result_is_saved_by_button_and_by_double_click(qtbot: QtBot, details: Details) -> None:
    run = make_run(phase=Phase.COMPLETED, results={"grid": stored(), "lines": stored("lines.vot")})
    details.show_run(run)
    wanted: list[tuple[str, str]] = []
    details.save_wanted.connect(lambda key, result: wanted.append((key, result)))
    details._tabs.setCurrentIndex(1)
    assert details._tabs.tabText(1) == "Results (2)"
    details._save.click()
    item = details._results.topLevelItem(1)
    assert item is not None
    place = details._results.visualItemRect(item).center()
    QTest.mouseClick(details._results.viewport(), Qt.MouseButton.LeftButton, pos=place)
    QTest.mouseDClick(details._results.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert wanted == [(run.key, "grid"), (run.key, "lines")]


def test_without_results_there_is_nothing_to_save(details: Details) -> None:
    details.show_run(make_run(results={"grid": stored()}))
    assert details._save.isEnabled()
    details.show_run(make_run())
    assert not details._save.isEnabled()
    assert rows(details._results) == {}


def test_the_document_is_shown_as_it_came(details: Details) -> None:
    details.show_run(make_run(raw="<uws:job>\n  <uws:jobId>1</uws:jobId>\n</uws:job>"))
    assert details._document.toPlainText().splitlines()[1] == "  <uws:jobId>1</uws:jobId>"


def test_many_changes_in_a_moment_are_shown_once_and_the_last_stays(qtbot: QtBot, details: Details) -> None:
    run = make_run(raw="first")
    details.show_run(run)
    fills: list[str] = []
    details._document.textChanged.connect(lambda: fills.append(details._document.toPlainText()))
    assert run.job is not None
    for number in range(50):
        run = run.model_copy(update={"job": run.job.model_copy(update={"raw": f"document {number}"})})
        details.show_run(run)
    qtbot.waitUntil(lambda: details._document.toPlainText() == "document 49")
    assert "document 48" not in fills


def test_progress_leaves_selection_and_place_alone(qtbot: QtBot, details: Details) -> None:
    results = {f"r{n}": stored(f"r{n}.vot") for n in range(40)}
    run = make_run(request={f"p{n}": str(n) for n in range(60)}, results=results, raw="x\n" * 500)
    details.show_run(run)
    details._results.setCurrentItem(details._results.topLevelItem(7))
    for tab, widget in ((0, details._facts), (2, details._document)):
        details._tabs.setCurrentIndex(tab)
        qtbot.waitUntil(lambda widget=widget: widget.verticalScrollBar().maximum() > 0)
        widget.verticalScrollBar().setValue(20)
    assert run.job is not None
    job = run.job.model_copy(update={"progress": JobProgress(fraction=0.5), "raw": "y\n" * 500})
    details.show_run(run.model_copy(update={"job": job}))
    qtbot.waitUntil(lambda: details._document.toPlainText().startswith("y"))
    assert details._facts.verticalScrollBar().value() == 20
    assert details._document.verticalScrollBar().value() == 20
    assert details._results.currentItem() is details._results.topLevelItem(7)


def test_words_of_others_are_never_taken_for_html(details: Details) -> None:
    run: Run = make_run("<img src='x'>", request={"molecule": "<b>co</b>"})
    details.show_run(run)
    assert "<img" not in details._head.text()
    item = details._facts.topLevelItem(0)
    assert item is not None
    assert "<b>" not in item.toolTip(1)
