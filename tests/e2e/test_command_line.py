"""The command line against real HTTP: what it prints, what it leaves, and its exit codes; never a traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from stopdesk.formats.results import read_grid
from tests.fakes.uws_server import UwsServer

pytestmark = pytest.mark.timeout(180)
ROOT = Path(__file__).resolve().parents[2]


def stopdesk(*words: str, cwd: Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a user does, and check its exit code."""
    done = subprocess.run(
        [sys.executable, "-m", "stopdesk", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=150,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr + done.stdout
    if code:
        assert done.stderr.strip(), "a failure says why"
    return done


def test_a_model_runs_on_the_local_service(tmp_path: Path) -> None:
    stopdesk(
        *("run", "lte", "-p", "molecule=co", "-p", "column_density=1e15:1e17:3:log", "--out", "here"), cwd=tmp_path
    )
    assert read_grid(tmp_path / "here" / "grid.vot").n_rows == 3
    again = stopdesk("run", "lte", "-p", "molecule=co", "--json", cwd=tmp_path)
    assert json.loads(again.stdout)["phase"] == "COMPLETED"
    (folder,) = tmp_path.glob("job-*")
    assert (folder / "summary.json").is_file()


def test_an_engine_runs_without_any_service(tmp_path: Path) -> None:
    (tmp_path / "p.json").write_text('{"molecule": "co", "column_density": "1e15"}')
    done = stopdesk("engine", "lte", "p.json", "out", cwd=tmp_path)
    assert "results" in json.loads(done.stdout.splitlines()[-1])
    assert read_grid(tmp_path / "out" / "grid.vot").n_rows == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "lvg", "-p", "molecule=co"), "density"),
        (("run", "lvg", "-p", "molecule=co", "-p", "density_h2=much"), "'much' is not a number"),
        (("run", "lte", "-p", "molecule=nonesuch"), "nonesuch"),
        (("run", "lte", "-p", "column_density=1:2:3:4:5"), "An axis is written"),
        (("run", "lte", "-p", "colour=blue"), "no such parameter"),
        (("run", "lte", "-p", "molecule"), "NAME=VALUE"),
        (("run", "lte", "--file", "molecule_file=missing.dat"), "missing.dat"),
        (("run", "hydro"), "There is no model"),
        (("models", "hydro"), "There is no model"),
        (("session", "show", "missing.stop"), "missing.stop"),
        (("jobs", "ftp://example.org/jobs"), "http"),
        (("engine", "lte", "missing.json", "out"), "missing.json"),
        (("job", "http://127.0.0.1:9/x", "dance"), "invalid choice"),
    ],
)
def test_bad_input_is_exit_2_and_a_sentence(tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    assert said in stopdesk(*words, cwd=tmp_path, code=2).stderr


def test_models_are_listed_for_people_and_for_programs(tmp_path: Path) -> None:
    assert "column_density" in stopdesk("models", "lvg", cwd=tmp_path).stdout
    names = [model["name"] for model in json.loads(stopdesk("models", "--json", cwd=tmp_path).stdout)]
    assert names == ["lte", "lvg"]


def test_any_service_is_served_and_its_results_fetched(tmp_path: Path) -> None:
    with UwsServer() as server:
        server.after_run = ("QUEUED", "EXECUTING", "COMPLETED")
        (tmp_path / "in.txt").write_text("upload")
        stopdesk(
            *("submit", server.url, "-p", "a=1", "-p", "a=2", "--file", "upl=in.txt", "--out", "got"), cwd=tmp_path
        )
        (fetched,) = (tmp_path / "got").iterdir()
        assert fetched.read_bytes() == b"some result\n"
        (job,) = server.jobs.values()
        assert [value for name, value in job.parameters if name == "a"] == ["1", "2"]


def test_a_failed_an_aborted_and_a_lost_job_have_their_exit_codes(tmp_path: Path) -> None:
    with UwsServer() as server:
        server.after_run = ("ERROR",)
        failed = stopdesk("submit", server.url, cwd=tmp_path, code=3)
        assert "it went wrong" in failed.stderr
        server.after_run = ("ABORTED",)
        stopdesk("submit", server.url, cwd=tmp_path, code=4)
        stopdesk("job", f"{server.url}/nonesuch", "show", cwd=tmp_path, code=6)
        url = server.url
    stopdesk("jobs", url, cwd=tmp_path, code=5)


def test_jobs_are_listed_started_aborted_and_deleted(tmp_path: Path) -> None:
    with UwsServer() as server:
        job_id = server.add_job()
        server.add_job("COMPLETED")
        listed = json.loads(stopdesk("jobs", server.url, "--phase", "pending", "--json", cwd=tmp_path).stdout)
        assert [ref["job_id"] for ref in listed] == [job_id]
        url = server.job_url(job_id)
        assert "EXECUTING" in stopdesk("job", url, "run", cwd=tmp_path).stdout
        assert "ABORTED" in stopdesk("job", url, "abort", cwd=tmp_path).stdout
        stopdesk("job", url, "delete", cwd=tmp_path)
        assert job_id not in server.jobs


def test_the_password_comes_from_the_environment_and_goes_to_that_origin(tmp_path: Path) -> None:
    with UwsServer() as server:
        server.users = {"alice": "wonderland"}
        server.add_job("COMPLETED")
        stopdesk("jobs", server.url, cwd=tmp_path, code=5)
        assert "STOPDESK_PASSWORD" in stopdesk("jobs", server.url, "--user", "alice", cwd=tmp_path, code=2).stderr
        done = stopdesk("jobs", server.url, "--user", "alice", cwd=tmp_path, STOPDESK_PASSWORD="wonderland")
        assert "COMPLETED" in done.stdout


def test_without_a_display_the_window_says_so(tmp_path: Path) -> None:
    environment = {"DISPLAY": "", "WAYLAND_DISPLAY": "", "QT_QPA_PLATFORM": ""}
    assert "no display" in stopdesk(cwd=tmp_path, code=2, **environment).stderr
