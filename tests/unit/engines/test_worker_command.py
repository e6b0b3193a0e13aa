"""``stopdesk engine`` runs one model: progress as JSON lines, one sentence and an exit code where it cannot."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stopdesk.engines.command import main
from stopdesk.formats import molecules
from stopdesk.formats.results import read_grid

_GRID = {"column_density": "1e14:1e18:200:log", "excitation_temperature": "5:100:200", "frequency_max": 200}


@pytest.fixture
def params(tmp_path: Path) -> Path:
    return tmp_path / "params.json"


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("workers", ["1", "2"])
def test_a_grid_is_computed(params: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], workers: str) -> None:
    params.write_text(json.dumps(_GRID))
    assert main(["lte", str(params), str(tmp_path / "new" / "out"), "--workers", workers]) == 0
    *progress, last = _lines(capsys)
    assert progress[-1] == {"progress": 1.0, "done": 40_000, "total": 40_000, "message": ""}
    assert [Path(result["file"]).name for result in last["results"]] == ["grid.vot", "lines.vot", "summary.json"]
    assert last["results"][0]["mime_type"] == "application/x-votable+xml"
    assert last["notes"] == []
    assert read_grid(Path(last["results"][0]["file"])).n_rows == 40_000


def test_a_file_is_found_beside_its_parameters(
    params: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.dat").write_bytes(molecules.find("cs").path.read_bytes())
    params.write_text('{"molecule_file": "mine.dat"}')
    monkeypatch.chdir("/")
    assert main(["lte", str(params), str(tmp_path / "out")]) == 0
    assert read_grid(tmp_path / "out" / "grid.vot").origin["molecule_sha256"] == molecules.find("cs").sha256
    assert "results" in _lines(capsys)[-1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"line_width": "-1"}', "line_width"),
        ('{"colour": "red"}', "colour"),
        ('{"molecule": ["co"]}', "molecule"),
        ('{"molecule_file": "nowhere.dat"}', "nowhere.dat"),
        ("[]", "object"),
        ('{"molecule": "co",\n oops}', "line 2"),
    ],
)
def test_bad_input_is_one_sentence(
    params: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    params.write_text(text)
    assert main(["lte", str(params), str(tmp_path / "out")]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert said.err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_a_missing_file_or_model_is_bad_input(params: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lte", str(params), str(tmp_path / "out")]) == 2
    params.write_text("{}")
    assert main(["rt9d", str(params), str(tmp_path / "out")]) == 2
    assert "rt9d" in capsys.readouterr().err


def test_results_that_are_there_stay(params: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    params.write_text("{}")
    (tmp_path / "summary.json").write_text("mine")
    assert main(["lte", str(params), str(tmp_path)]) == 2
    assert "summary.json" in capsys.readouterr().err
    assert (tmp_path / "summary.json").read_text() == "mine"
    assert not (tmp_path / "grid.vot").exists()


def test_a_folder_that_cannot_be_made_is_said(params: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    params.write_text("{}")
    (tmp_path / "file").write_text("in the way")
    assert main(["lte", str(params), str(tmp_path / "file" / "out")]) == 2
    assert "cannot be written" in capsys.readouterr().err
