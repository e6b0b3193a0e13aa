"""The set-up script on machines that lack something, played by a stand-in for Python that is first on the PATH."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]

PYTHON = r"""#!/bin/sh
case "$*" in
*"-m venv"*) mkdir -p .venv/bin .venv/site-packages && cp "$0" .venv/bin/python && echo venv >>"$CALLS" ;;
*"-m pip"*) echo "pip $*" >>"$CALLS"; printf '%s\n' "$PIP_SAYS"; exit "$PIP_ENDS" ;;
*CDLL*) cat >/dev/null; printf '%s' "$MISSING" ;;
*purelib*) echo .venv/site-packages ;;
*ensurepip*) exit "$NO_VENV" ;;
*print*venv*) echo python3.13-venv ;;
--version) echo Python 3.13.0 ;;
esac
"""


class Machine:
    """A checkout in a folder with a blank in its name, and what the machine around it has."""

    def __init__(self, folder: Path) -> None:
        self.checkout = folder / "stop desk"
        self.calls = folder / "calls"
        self.environment = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(folder),
            "CALLS": str(self.calls),
            "PIP_SAYS": "Collecting numpy",
            "PIP_ENDS": "0",
            "MISSING": "",
            "NO_VENV": "0",
        }
        self.checkout.mkdir()
        for name in ("bootstrap", "requirements.lock", "requirements-dev.lock"):
            shutil.copy2(CHECKOUT / name, self.checkout)
        (folder / ".fonts").mkdir()
        (folder / ".fonts" / "some.ttf").touch()
        self.command("python3.13", PYTHON)
        for other in ("python3.12", "python3.11", "python3"):
            self.command(other, "#!/bin/sh\nexit 1\n")

    def command(self, name: str, script: str) -> None:
        path = Path(self.environment["HOME"]) / "bin" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(script)
        path.chmod(0o755)

    def without_rights(self) -> None:
        self.command("id", "#!/bin/sh\necho 1000\n")
        self.command("sudo", "#!/bin/sh\nexit 1\n")
        self.command("apt-get", '#!/bin/sh\necho "apt $*" >>"$CALLS"\n')

    def set_up(self, mode: str, **differences: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "./bootstrap", mode],
            cwd=self.checkout,
            env={**self.environment, **differences},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    def done(self) -> list[str]:
        """What was called since the last time that one asked."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        self.calls.unlink(missing_ok=True)
        return [line.split()[0] for line in lines]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_second_set_up_has_nothing_to_do(machine: Machine) -> None:
    first = machine.set_up("dev")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.splitlines()[-1] == "stopdesk: the environment is ready"
    assert machine.done() == ["venv", "pip"]
    for mode in ("dev", "run"):
        again = machine.set_up(mode)
        assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert machine.done() == []


def test_the_tests_need_more_than_the_program(machine: Machine) -> None:
    machine.set_up("run")
    machine.done()
    machine.set_up("dev")
    assert machine.done() == ["pip"]


def test_a_new_lock_file_makes_a_new_environment(machine: Machine) -> None:
    machine.set_up("run")
    machine.done()
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# renewed\n")
    machine.set_up("run")
    assert machine.done() == ["venv", "pip"]


def test_a_failed_set_up_says_why_and_is_made_anew(machine: Machine) -> None:
    failed = machine.set_up("run", PIP_SAYS="NewConnectionError: no route", PIP_ENDS="1")
    assert failed.returncode == 1
    assert "the package index could not be reached" in failed.stderr
    assert machine.set_up("run").returncode == 0
    assert machine.done() == ["venv", "pip", "venv", "pip"]


def test_the_environment_moves_with_the_checkout(machine: Machine) -> None:
    machine.set_up("run")
    machine.done()
    machine.checkout = machine.checkout.rename(machine.checkout.parent / "elsewhere")
    assert machine.set_up("run").stdout == ""
    assert machine.done() == []


@pytest.mark.parametrize(
    ("lacking", "packages"),
    [
        ({"MISSING": "base libegl1\nalso libgssapi-krb5-2\n"}, "libegl1 libgssapi-krb5-2"),
        ({"NO_VENV": "1"}, "python3.13-venv"),
    ],
)
def test_without_rights_one_sentence_names_the_packages(
    machine: Machine, lacking: dict[str, str], packages: str
) -> None:
    machine.without_rights()
    refused = machine.set_up("run", **lacking)
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert "you may not install them here" in refused.stderr
    assert packages in refused.stderr
    assert machine.done() == []


@pytest.mark.parametrize("display", [{}, {"DISPLAY": ":0"}])
def test_libraries_of_a_window_matter_where_there_is_a_display(machine: Machine, display: dict[str, str]) -> None:
    machine.without_rights()
    ended = machine.set_up("run", MISSING="x11 libxcb-cursor0\n", **display)
    assert (ended.returncode == 0) is (display == {})
    assert ("libxcb-cursor0" in ended.stderr) is (display != {})
