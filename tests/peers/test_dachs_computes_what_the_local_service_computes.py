"""An LVG grid through a real DaCHS, directly and through SLURM: the same numbers as those of the local service."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from pytestqt.qtbot import QtBot

from stopdesk import app
from stopdesk.domain.models import MODELS
from stopdesk.domain.parameter import FileInput
from stopdesk.domain.spec import ModelSpec
from tests.desk import run_on, wait_for_state
from tests.peers.dachs_site import CHECKOUT, DachsSite
from tests.peers.slurm_cluster import SlurmCluster
from tests.peers.talking import (
    GRID,
    curl,
    curl_create,
    curl_start,
    given,
    same_numbers,
    stopdesk,
    wait_for_phase,
    wait_until,
)


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The grid as the local service computes it."""
    folder = tmp_path_factory.mktemp("local")
    stopdesk("run", "lvg", *given(GRID), "--out", "out", cwd=folder, STOPDESK_HOME=str(folder / "home"))
    return folder / "out" / "grid.vot"


def test_from_the_command_line(dachs: DachsSite, way: str, local: Path, tmp_path: Path) -> None:
    stopdesk("run", "lvg", *given(GRID), "--service", dachs.jobs("lvg"), "--out", "out", cwd=tmp_path)
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"grid.vot", "lines.vot", "summary.json"}
    same_numbers(tmp_path / "out" / "grid.vot", local)


def test_from_plain_curl(dachs: DachsSite, way: str, local: Path, tmp_path: Path) -> None:
    job = curl_create(dachs.jobs("lvg"), GRID)
    curl_start(job)
    wait_for_phase(job, "COMPLETED")
    types = "%{content_type}"
    table = tmp_path / "grid.vot"
    assert curl("--output", str(table), "--write-out", types, f"{job}/results/grid.vot") == "application/x-votable+xml"
    summary = tmp_path / "summary.json"
    assert curl("--output", str(summary), "--write-out", types, f"{job}/results/summary.json") == "application/json"
    same_numbers(table, local)
    assert json.loads(summary.read_text())["n_rows"] == 100
    progress = [json.loads(line) for line in curl(f"{job}/results/progress.jsonl").splitlines()]
    assert progress[-2]["done"] == 100


def test_from_the_window(qtbot: QtBot, desk: app.Desk, dachs: DachsSite, way: str) -> None:
    here = _run_here(qtbot, desk)
    there = run_on(qtbot, desk, dachs.jobs("lvg"))
    tables = []
    for key in (here, there):
        run = wait_for_state(qtbot, desk, "completed", key=key, timeout=200_000)
        qtbot.waitUntil(lambda key=key: len(desk.document.session.run(key).results) == 3, timeout=30_000)
        run = desk.document.session.run(key)
        assert set(run.results) == {"grid.vot", "lines.vot", "summary.json"}
        tables.append(desk.document.store.blob(run.results["grid.vot"].sha256))
    same_numbers(*tables)


def _run_here(qtbot: QtBot, desk: app.Desk) -> str:
    """Press Run with the local service chosen, as it is at first; gives the key of the run."""
    bar = desk.window.workspace.run_bar
    qtbot.waitUntil(bar.button.isEnabled)
    bar.button.click()
    (run,) = desk.document.session.runs
    return run.key


def test_slurm_knows_the_job_by_its_name(dachs: DachsSite, slurm: SlurmCluster) -> None:
    dachs.configure(slurm_conf=slurm.conf)
    try:
        job = curl_create(dachs.jobs("lvg"), GRID | {"line_width": "0.5:5:200"})
        curl_start(job)
        name = f"stop-{job.rsplit('/', 1)[-1]}"
        seen: list[str] = []

        def listed() -> bool:
            seen.extend(slurm.names())
            return name in seen or curl(f"{job}/phase") == "COMPLETED"

        wait_until(listed, f"{name} in SLURM's queue")
        assert name in seen
        wait_for_phase(job, "COMPLETED")
    finally:
        dachs.configure()


def test_lte_runs_too(dachs: DachsSite, tmp_path: Path) -> None:
    values = given({"molecule": "hco+", "column_density": "1e12:1e15:4:log"})
    stopdesk("run", "lte", *values, "--service", dachs.jobs("lte"), "--out", "there", cwd=tmp_path)
    stopdesk("run", "lte", *values, "--out", "here", cwd=tmp_path)
    same_numbers(tmp_path / "there" / "grid.vot", tmp_path / "here" / "grid.vot")


def test_an_uploaded_molecule_is_used_under_its_name(dachs: DachsSite, tmp_path: Path) -> None:
    text = (CHECKOUT / "resources" / "molecules" / "cs.dat").read_text()
    (tmp_path / "CS größer.dat").write_text(text)
    words = [*given({"column_density": "1e13", "density_h2": "1e5"}), "--file", "molecule_file=CS größer.dat"]
    stopdesk("run", "lvg", *words, "--service", dachs.jobs("lvg"), "--out", "there", cwd=tmp_path)
    stopdesk("run", "lvg", *words, "--out", "here", cwd=tmp_path)
    same_numbers(tmp_path / "there" / "grid.vot", tmp_path / "here" / "grid.vot")
    job = curl_create(
        dachs.jobs("lvg"),
        {"column_density": "1e13", "density_h2": "1e5", "UPLOAD": "molecule_file,param:part"},
        *("--form", f"part=@{tmp_path / 'CS größer.dat'}"),
    )
    curl_start(job)
    wait_for_phase(job, "COMPLETED")
    assert json.loads(curl(f"{job}/results/summary.json"))["origin"]["molecule_file"] == "CS größer.dat"


@pytest.mark.parametrize("spec", MODELS, ids=lambda spec: spec.name)
def test_the_capabilities_name_our_parameters_with_their_units(dachs: DachsSite, spec: ModelSpec) -> None:
    document = ElementTree.fromstring(curl(dachs.jobs(spec.name).replace("/async", "/capabilities")))
    found = {param.findtext("name"): param.findtext("unit") or "" for param in document.iter("param")}
    for parameter in spec.parameters:
        if isinstance(parameter, FileInput):  # DaCHS describes a file as the UPLOAD that brings it
            assert "UPLOAD" in found
        else:
            assert found[parameter.name] == parameter.unit_text
