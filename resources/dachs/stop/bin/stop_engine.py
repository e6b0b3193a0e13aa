"""Run one model with the engine of stopdesk, on this machine or through SLURM, as stop.conf says; no DaCHS in here."""

from __future__ import annotations

import configparser
import contextlib
import importlib
import importlib.util
import json
import math
import os
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

#: In the folder of a job: what the engine is asked, what it says meanwhile, what it complains of.
REQUEST, PROGRESS, MESSAGES = "request.json", "progress.jsonl", "messages.txt"

#: SLURM is asked about its jobs, and told to cancel one, for at most so many seconds.
_PATIENCE = 20

#: The exit code of `stopdesk engine` when what it was given is wrong.
_BAD_INPUT = 2


class ConfigurationError(Exception):
    """What stands in stop.conf cannot be used; the text says where and why."""


class Refused(Exception):
    """What was asked for is wrong, in sentences for who asked; ``parameter`` is the first one concerned."""

    def __init__(self, text: str, parameter: str = "") -> None:
        self.parameter = parameter
        super().__init__(text)


class Failed(Exception):
    """The engine did not come to its end; the text is for who asked."""


class TookTooLong(Exception):
    """The engine was stopped at the limit of the job's run time."""


@dataclass(frozen=True, kw_only=True)
class Slurm:
    """How jobs are handed to SLURM: ``minutes`` limits their run time, ``options`` are further ones of srun."""

    partition: str
    minutes: int
    memory: str
    options: tuple[str, ...]
    conf: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What stop.conf says; ``slurm`` is None where models run on this machine. ``max_upload`` is in bytes."""

    command: tuple[str, ...]
    package: Path
    workers: int
    cache: Path
    max_rows: int
    max_upload: int
    slurm: Slurm | None


@dataclass(frozen=True)
class Result:
    """A file that the engine has written, with its type."""

    path: Path
    mime_type: str


def read_settings(path: Path) -> Settings:
    """Read stop.conf; ConfigurationError says what is wrong with it."""
    parser = configparser.ConfigParser(interpolation=None)
    try:
        parser.read_string(path.read_text(encoding="utf-8"))
        engine, limits, slurm = parser["engine"], parser["limits"], parser["slurm"]
        command = tuple(shlex.split(engine["command"]))
        package = Path(engine["package"]) if engine.get("package") else _package_of(Path(command[0]))
        return Settings(
            command=command,
            package=package,
            workers=engine.getint("workers", 1),
            cache=Path(engine["cache"]),
            max_rows=limits.getint("rows", 1_000_000),
            max_upload=limits.getint("upload_megabytes", 20) * 1_000_000,
            slurm=_slurm(slurm) if slurm.getboolean("use", False) else None,
        )
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}); copy etc/stop.conf there.") from error
    except (configparser.Error, KeyError, ValueError, IndexError) as error:
        raise ConfigurationError(f"{path} is not as etc/stop.conf describes it: {error}") from error


def _slurm(section: configparser.SectionProxy) -> Slurm:
    return Slurm(
        partition=section.get("partition", ""),
        minutes=section.getint("minutes", 60),
        memory=section.get("memory", ""),
        options=tuple(shlex.split(section.get("options", ""))),
        conf=section.get("conf", ""),
    )


def _package_of(program: Path) -> Path:
    """The package stopdesk in the environment of the command."""
    found = sorted(program.parent.parent.glob("lib/python3*/site-packages/stopdesk"))
    if not found:
        raise ValueError(f"there is no package stopdesk in the environment of {program}; say where as package = PATH")
    return found[-1]


def load_runner(package: Path) -> ModuleType:
    """The engine's own reading of requests, from its environment, of which nothing else is imported.

    It needs no more than numpy and Python's own library, both of which DaCHS has.
    """
    if "stopdesk" not in sys.modules:
        spec = importlib.util.spec_from_file_location(
            "stopdesk", package / "__init__.py", submodule_search_locations=[str(package)]
        )
        if spec is None or spec.loader is None:
            raise ConfigurationError(f"{package} is not the package stopdesk.")
        module = importlib.util.module_from_spec(spec)
        sys.modules["stopdesk"] = module
        spec.loader.exec_module(module)
    return importlib.import_module("stopdesk.engines.runner")


def check(settings: Settings, model: str, request: Mapping[str, str], files: Mapping[str, Path]) -> None:
    """Refused with all that is wrong with a whole request, as the engine would say it."""
    runner = load_runner(settings.package)
    errors = importlib.import_module("stopdesk.errors")
    for name, path in files.items():
        if path.stat().st_size > settings.max_upload:
            raise Refused(f"The file is larger than the {settings.max_upload // 1_000_000} MB taken here.", name)
    try:
        plan = runner.prepare(model, request, files)
    except errors.InvalidParameters as error:
        raise Refused(str(error), next((name for each in error.problems for name in each.parameters), "")) from error
    except errors.StopdeskError as error:
        raise Refused(str(error)) from error
    if plan.n_rows > settings.max_rows:
        names = ", ".join(plan.grid.axis_names)
        text = f"The grid has {plan.n_rows:,} rows; at most {settings.max_rows:,} are computed here at once."
        raise Refused(f"{names}: {text}", plan.grid.axis_names[0])


def check_each(settings: Settings, model: str, request: Mapping[str, str]) -> None:
    """Refused with what is wrong with single values, as more of them may come later."""
    load_runner(settings.package)
    errors = importlib.import_module("stopdesk.errors")
    spec = importlib.import_module("stopdesk.domain.models").model_spec(model)
    try:
        values = spec.read(request)
    except errors.InvalidParameters as error:
        raise Refused(str(error), error.problems[0].parameters[0]) from error
    wrong = {name: text for name, value in values.items() if (text := spec.parameter(name).problem(value))}
    if wrong:
        raise Refused(" ".join(f"{name}: {text}" for name, text in wrong.items()), next(iter(wrong)))


def job_name(job_id: str) -> str:
    """What a job is called in SLURM."""
    return f"stop-{job_id}"


def command_line(settings: Settings, job_id: str, model: str, folder: Path, seconds: int) -> list[str]:
    """The words that run a model in a job's folder, through SLURM where stop.conf says so."""
    engine = [*settings.command, model, str(folder / REQUEST), str(folder / "out"), "--workers", str(settings.workers)]
    if settings.slurm is None:
        return engine
    minutes = min(settings.slurm.minutes, math.ceil(seconds / 60)) if seconds else settings.slurm.minutes
    srun = ["srun", "--quiet", "--ntasks=1", f"--cpus-per-task={settings.workers}", f"--time={minutes}"]
    srun += [f"--job-name={job_name(job_id)}", f"--chdir={folder}"]
    srun += [f"--partition={settings.slurm.partition}"] if settings.slurm.partition else []
    srun += [f"--mem={settings.slurm.memory}"] if settings.slurm.memory else []
    return [*srun, *settings.slurm.options, *engine]


def run(
    settings: Settings,
    job_id: str,
    model: str,
    request: Mapping[str, str],
    files: Mapping[str, Path],
    folder: Path,
    seconds: int,
) -> list[Result]:
    """Run a model to its end, for at most so many ``seconds`` (0: as long as it takes); gives its results.

    Whatever interrupts the waiting also stops the engine. Refused and Failed carry the engine's own sentences.
    """
    document = {**request, **{name: str(path) for name, path in files.items()}}
    (folder / REQUEST).write_text(json.dumps(document), encoding="utf-8")
    words = command_line(settings, job_id, model, folder, seconds)
    with (folder / PROGRESS).open("wb") as progress, (folder / MESSAGES).open("wb") as messages:
        process = subprocess.Popen(
            words,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=progress,
            stderr=messages,
            env=_environment(settings, folder),
            start_new_session=True,
        )
        try:
            code = process.wait(timeout=seconds if seconds and settings.slurm is None else None)
        except subprocess.TimeoutExpired as error:
            raise TookTooLong(f"The job was stopped at its limit of {seconds} s.") from error
        finally:
            if process.poll() is None:
                _stop(settings, process, job_id)
    said = (folder / MESSAGES).read_text(encoding="utf-8", errors="replace")
    if code == _BAD_INPUT and _sentences(said):
        raise Refused(_sentences(said))
    if code != 0:
        raise Failed(_sentences(said) or _last_words(code, said))
    last = (folder / PROGRESS).read_text(encoding="utf-8").splitlines()[-1]
    return [Result(Path(each["file"]), each["mime_type"]) for each in json.loads(last)["results"]]


def _environment(settings: Settings, folder: Path) -> dict[str, str]:
    """The environment of the engine: what it compiles stays in the cache of stop.conf, the rest in the job's folder."""
    places = {"STOPDESK_HOME": str(settings.cache), "NUMBA_CACHE_DIR": str(settings.cache), "TMPDIR": str(folder)}
    return {**os.environ, **_slurm_environment(settings), **places, "OPENBLAS_NUM_THREADS": "1"}


def _slurm_environment(settings: Settings) -> dict[str, str]:
    return {"SLURM_CONF": settings.slurm.conf} if settings.slurm is not None and settings.slurm.conf else {}


def _stop(settings: Settings, process: subprocess.Popen[bytes], job_id: str) -> None:
    """End the engine and all that it has started."""
    if settings.slurm is not None:
        _slurm_command(settings, "scancel", f"--name={job_name(job_id)}", f"--user={os.getuid()}")
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=_PATIENCE)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _sentences(said: str) -> str:
    """What the engine itself wrote on stderr, as opposed to the libraries that it uses."""
    lines = [line.removeprefix("stopdesk: ") for line in said.splitlines() if line.startswith("stopdesk: ")]
    return " ".join(lines)


def _last_words(code: int, said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
    if not lines:
        return f"The engine {how} and left no word; ask the operators of the service."
    reason = next((line for line in lines if " DUE TO " in line), lines[-1])  # SLURM's, before what follows from it
    return f"The engine {how}: {reason}"


def _slurm_command(settings: Settings, *words: str) -> str:
    """What a command of SLURM prints; nothing when it cannot be had now, as it is asked for again and again."""
    try:
        return subprocess.run(
            words,
            env={**os.environ, **_slurm_environment(settings)},
            capture_output=True,
            text=True,
            check=True,
            timeout=_PATIENCE,
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        sys.stderr.write(f"stop: {words[0]} did not answer: {error}\n")
        return ""


def end_orphans(settings: Settings, jobs_folder: Path, is_executing: Callable[[str], bool]) -> list[str]:
    """End engines whose job is not executing (any more); gives the ids of their jobs.

    They are left where a job was deleted, or its runner killed, behind the back of the service.
    """
    ended = []
    for process_id, job_id, is_runner in processes(jobs_folder):
        if not is_executing(job_id):
            ended.append(job_id)
            with contextlib.suppress(ProcessLookupError, PermissionError):
                if is_runner:
                    os.kill(process_id, signal.SIGINT)
                else:
                    os.killpg(process_id, signal.SIGKILL)
    if settings.slurm is not None:
        for slurm_id, job_id in _slurm_jobs(settings, jobs_folder):
            if not is_executing(job_id):
                ended.append(job_id)
                _slurm_command(settings, "scancel", slurm_id)
    return ended


def processes(jobs_folder: Path) -> Iterator[tuple[int, str, bool]]:
    """The engines of this site's jobs and the runners of DaCHS: id, job, and whether it is a runner.

    Of engines only those that lead their group, as the ones that `run` has started do.
    """
    for entry in Path("/proc").iterdir():
        if not entry.name.isdecimal():
            continue
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            process_id = int(entry.name)
            leads = os.getpgid(process_id) == process_id
        except (OSError, ValueError):  # it has just ended, or is not ours to look at
            continue
        if "uwsrun" in words and (jobs_folder / words[-2]).is_dir() and (jobs_folder / words[-2] / REQUEST).exists():
            yield process_id, words[-2], True
        for word in words if leads else ():
            path = Path(word)
            if path.name == REQUEST and path.parent.parent == jobs_folder:
                yield process_id, path.parent.name, False


def _slurm_jobs(settings: Settings, jobs_folder: Path) -> Iterator[tuple[str, str]]:
    """The jobs of this site in SLURM: SLURM's own id and ours."""
    listed = _slurm_command(settings, "squeue", "--noheader", f"--user={os.getuid()}", "--format=%i|%j|%Z")
    for line in listed.splitlines():
        slurm_id, name, folder = line.strip().split("|", 2)
        job_id = Path(folder).name
        if name == job_name(job_id) and Path(folder).parent == jobs_folder:
            yield slurm_id, job_id
