"""What DaCHS calls to run a model: stop.conf is read or refused in words, the engine runs, is stopped, and explains."""

from __future__ import annotations

import os
import select
import stat
import subprocess
import sys
import time
from pathlib import Path
from types import ModuleType

import pytest

from stopdesk import paths
from stopdesk.formats.results import read_grid
from tests.processes import need_proc

STOP = paths.resources() / "dachs" / "stop"
PACKAGE = Path(paths.__file__).parent


@pytest.fixture
def stop_engine(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(STOP / "bin"))
    monkeypatch.setenv("PYTHONPATH", str(PACKAGE.parent))  # for the engines that are started
    monkeypatch.delitem(sys.modules, "stop_engine", raising=False)
    import stop_engine

    return stop_engine


def conf(tmp_path: Path, command: str, **changes: str) -> Path:
    """The stop.conf that is shipped, with changes."""
    changes = {"command": command, "package": str(PACKAGE), "cache": str(tmp_path / "cache"), "workers": "1"} | changes
    lines = (STOP / "etc" / "stop.conf").read_text().splitlines()
    said = [f"{name} = {changes[name]}" if (name := line.partition(" =")[0]) in changes else line for line in lines]
    (tmp_path / "stop.conf").write_text("\n".join(said))
    return tmp_path / "stop.conf"


def program(tmp_path: Path, lines: str) -> str:
    """A command that does what the lines of shell say."""
    path = tmp_path / "engine.sh"
    path.write_text(f"#!/bin/sh\n{lines}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def run(stop_engine: ModuleType, tmp_path: Path, command: str, seconds: int = 0, **request: str) -> list:
    (tmp_path / "job1").mkdir()
    settings = stop_engine.read_settings(conf(tmp_path, command))
    return stop_engine.run(settings, "job1", "lte", request, {}, tmp_path / "job1", seconds)


def test_the_shipped_configuration_is_complete(stop_engine: ModuleType, tmp_path: Path) -> None:
    settings = stop_engine.read_settings(conf(tmp_path, "/opt/stopdesk/bin/stopdesk engine"))
    assert settings.command == ("/opt/stopdesk/bin/stopdesk", "engine")
    assert settings.slurm is None
    assert (settings.max_rows, settings.max_upload) == (1_000_000, 20_000_000)


def test_slurm_gets_what_the_configuration_says(stop_engine: ModuleType, tmp_path: Path) -> None:
    changes = {"use": "yes", "partition": "short", "minutes": "30", "memory": "4G", "options": "--qos=low --nice"}
    settings = stop_engine.read_settings(conf(tmp_path, "stopdesk engine", workers="4", **changes))
    words = stop_engine.command_line(settings, "abc", "lvg", Path("/jobs/abc"), 100)
    assert words == [
        *("srun", "--quiet", "--ntasks=1", "--cpus-per-task=4", "--time=2", "--job-name=stop-abc"),
        *("--chdir=/jobs/abc", "--partition=short", "--mem=4G", "--qos=low", "--nice", "stopdesk", "engine"),
        *("lvg", "/jobs/abc/request.json", "/jobs/abc/out", "--workers", "4"),
    ]
    assert "--time=30" in stop_engine.command_line(settings, "abc", "lvg", Path("/jobs/abc"), 0)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"workers": "many"}, "many"),
        ({"use": "perhaps"}, "perhaps"),
        ({"command": "/nowhere/bin/stopdesk engine", "package": ""}, "there is no package stopdesk"),
    ],
)
def test_a_wrong_configuration_is_refused_in_words(
    stop_engine: ModuleType, tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(stop_engine.ConfigurationError, match=said):
        stop_engine.read_settings(conf(tmp_path, **({"command": "stopdesk engine"} | changes)))
    with pytest.raises(stop_engine.ConfigurationError, match=r"copy etc/stop\.conf there"):
        stop_engine.read_settings(tmp_path / "none.conf")


def test_a_model_runs_in_the_folder_of_its_job(stop_engine: ModuleType, tmp_path: Path) -> None:
    command = program(tmp_path, f'exec "{sys.executable}" -m stopdesk "$@"') + " engine"
    results = run(stop_engine, tmp_path, command, column_density="1e14:1e16:3:log")
    assert [result.path.name for result in results] == ["grid.vot", "lines.vot", "summary.json"]
    assert results[0].mime_type == "application/x-votable+xml"
    assert read_grid(results[0].path).n_rows == 3


def test_bad_input_is_told_in_the_engine_s_sentences(stop_engine: ModuleType, tmp_path: Path) -> None:
    command = program(tmp_path, f'exec "{sys.executable}" -m stopdesk "$@"') + " engine"
    with pytest.raises(stop_engine.Refused, match="column_density: -1 is out of range"):
        run(stop_engine, tmp_path, command, column_density="-1")


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("echo 'stopdesk: It does not converge.' >&2; exit 3", "^It does not converge.$"),
        (
            "echo 'error: CANCELLED DUE TO TIME LIMIT' >&2; echo 'Terminated' >&2; exit 143",
            "143: error: CANCELLED DUE TO",
        ),
        ("kill -9 $$", "was killed by signal 9 and left no word"),
    ],
)
def test_a_failure_has_its_reason(stop_engine: ModuleType, tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(stop_engine.Failed, match=said):
        run(stop_engine, tmp_path, program(tmp_path, lines))


def test_at_its_limit_the_engine_and_its_children_are_ended(stop_engine: ModuleType, tmp_path: Path) -> None:
    lines = f"sleep 1000 & echo $! > {tmp_path}/child; wait"
    with pytest.raises(stop_engine.TookTooLong, match="limit of 1 s"):
        run(stop_engine, tmp_path, program(tmp_path, lines), seconds=1)
    child = int((tmp_path / "child").read_text())
    try:
        watched = os.pidfd_open(child)
    except ProcessLookupError:
        return
    ended, _, _ = select.select([watched], [], [], 20)
    os.close(watched)
    assert ended, "the child of the engine goes on"


def test_engines_of_jobs_that_do_not_execute_are_ended(stop_engine: ModuleType, tmp_path: Path) -> None:
    need_proc()
    settings = stop_engine.read_settings(conf(tmp_path, "sleep 1000"))
    started = {}
    for name in ("gone", "alive"):
        (tmp_path / name).mkdir()
        words = ["/bin/sh", "-c", "sleep 1000; true", "engine", str(tmp_path / name / "request.json")]
        started[name] = subprocess.Popen(words, start_new_session=True)
    try:
        end = time.monotonic() + 20
        while {job for _, job, _ in stop_engine.processes(tmp_path)} != {"gone", "alive"}:
            assert time.monotonic() < end, "their command lines never appear"
        assert stop_engine.end_orphans(settings, tmp_path, lambda job: job == "alive") == ["gone"]
        assert started["gone"].wait(timeout=20) == -9
        assert started["alive"].poll() is None
    finally:
        for process in started.values():
            if process.poll() is None:
                os.killpg(process.pid, 9)
            process.wait()
