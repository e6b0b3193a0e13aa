"""A DaCHS core whose UWS jobs are models of stopdesk: checked before they queue, and nothing left running after them.

What DaCHS 2.7 leaves to a core is done here: requests are checked as a whole when a job is made and when it is started,
an aborted job ends as ABORTED, a deleted one takes its engine along, the limit of the run time holds.
"""

from __future__ import annotations

import contextlib
import datetime
import os
import quopri
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gavo import base, svcs
from gavo.protocols import useruws, uws, uwsactions
from twisted.internet import reactor

sys.path.insert(0, str(Path(__file__).parent))

import stop_engine  # it lies beside this file, where DaCHS does not look

#: In a job's folder, while a deleted job's engine is being stopped: who stops it removes the folder.
_DELETED = "deleted"

#: A name that a file was uploaded under, by parameter; DaCHS itself keeps only the content.
_NAME_OF = "{}.name"

#: Names that steer the service and are no parameters of a model; DaCHS takes out those in lower case.
_CONTROLS = {"action", "destruction", "executionduration", "phase", "runid", "upload", "wait"}


class BadRequest(base.ValidationError):
    """A request that is wrong, in the sentences of the model's declaration."""

    def __str__(self) -> str:
        return self.msg


def _settings():
    try:
        return stop_engine.read_settings(Path(base.getConfig("configDir")) / "stop.conf")
    except stop_engine.ConfigurationError as error:
        raise base.ReportableError(f"This service is not set up completely: {error}") from error


@contextlib.contextmanager
def _refusing() -> Iterator[None]:
    """What the checks refuse is an error of DaCHS' own kind."""
    try:
        yield
    except stop_engine.Refused as error:
        raise BadRequest(str(error), error.parameter) from error
    except stop_engine.ConfigurationError as error:
        raise base.ReportableError(f"This service is not set up completely: {error}") from error


class _Transitions(useruws.UserUWSTransitions):
    """Checks a job before it is queued; one that cannot run goes to ERROR with the reason."""

    def queueJob(self, newState, wjob, ignored):  # noqa: N803
        wjob.uws.check_job(wjob)
        useruws.UserUWSTransitions.queueJob(self, newState, wjob, ignored)


class _Job(useruws.UserUWSJobBase):
    """A job that knows the names of its files, checks what is set, and takes its engine along when it is deleted."""

    _transitions = _Transitions()

    def setPar(self, parName, parValue):  # noqa: N803
        if isinstance(parValue, tuple) and hasattr(parValue[1], "read"):
            name = _NAME_OF.format(parName.lower())
            (Path(self.getWD()) / name).write_text(str(parValue[0]), encoding="utf-8")
        super().setPar(parName, parValue)

    def setParamsFromRawDict(self, strargs):
        self.uws.check_each(strargs)
        super().setParamsFromRawDict(strargs)

    def prepareForDestruction(self):
        if self.phase == uws.EXECUTING and self.pid and Path(f"/proc/{self.pid}").exists():
            (Path(self.getWD()) / _DELETED).touch()
            if self.startTime is not None:
                os.kill(self.pid, signal.SIGINT)
                return
            os.kill(self.pid, signal.SIGTERM)  # it has not come to its work yet
        super().prepareForDestruction()


class _JobList(useruws.UserUWS):
    """The jobs of one model."""

    def __init__(self, service, core):
        self.core = core
        grammar = base.makeStruct(svcs.ContextGrammar, inputTD=core.inputTable)
        useruws.UserUWS.__init__(self, service, uwsactions.JobActions(), grammar)
        self.jobClass = type("StopJob", (_Job, self.jobClass), {})

    def _makeMoreStatements(self, statements, jobsTable):  # noqa: N803
        """Start our own jobs only: DaCHS' queue stands still at a job of another service."""
        useruws.UserUWS._makeMoreStatements(self, statements, jobsTable)
        statements["getIdsScheduledNext"] = jobsTable.getQuery(
            [jobsTable.tableDef.getColumnByName("jobId")],
            f"phase='QUEUED' AND jobClass='{self.service.getFullId()}'",
            limits=("ORDER BY destructionTime ASC", {}),
        )

    def getNewIdFromRequest(self, request):
        """Make a job; one made with values is checked as a whole, one without is still to get them."""
        values, uploads = _raw_values(request.strargs)
        for part in _parts_of(request, uploads):
            values.pop(part, None)
        if values or uploads:
            with tempfile.TemporaryDirectory(dir=base.getConfig("tempDir")) as folder, _refusing():
                files = {}
                for number, (name, (file_name, content)) in enumerate(uploads.items()):
                    files[name] = Path(folder) / str(number) / _plain(file_name)
                    files[name].parent.mkdir()
                    files[name].write_bytes(content.read())
                    content.seek(0)
                stop_engine.check(_settings(), self.core.model, values, files)
        return useruws.UserUWS.getNewIdFromRequest(self, request)

    def check_each(self, strargs):
        """Refuse values that are wrong by themselves."""
        values, uploads = _raw_values(strargs)
        if uploads:  # among the values are their parts, under names that nobody can know here
            known = {key.name for key in self.core.inputTable.inputKeys}
            values = {name: value for name, value in values.items() if name in known}
        with _refusing():
            stop_engine.check_each(_settings(), self.core.model, values)

    def check_job(self, job):
        """Refuse a job that cannot run."""
        values, files = self.core.request_of(job)
        with _refusing():
            stop_engine.check(_settings(), self.core.model, values, files)


def _raw_values(strargs):
    """The values of a request as text, and its files, by parameter; a name that comes twice is refused."""
    values, uploads = {}, {}
    for name, value in strargs.items():
        if name.lower() in _CONTROLS:
            continue
        if isinstance(value, tuple):
            uploads[name.lower()] = value
            continue
        given = [each for each in value if each]
        if len(given) > 1:
            raise BadRequest(f"{name}: This parameter is given more than once; give it once.", name)
        if given:
            values[name.lower()] = given[0]
    return values, uploads


def _parts_of(request, uploads) -> set[str]:
    """The names of the parts of a request that came as one of its files; DaCHS has them among the values as well."""
    contents = [content for _, content in uploads.values()]
    fields = getattr(request, "fields", None) if contents else None
    return {name.lower() for name in fields or () if getattr(fields[name], "file", None) in contents}


def _plain(file_name: str) -> str:
    """The name of an uploaded file, which DaCHS has encoded, without any folder and fit to be one."""
    decoded = quopri.decodestring(file_name.encode()).decode(errors="replace")
    return "".join(letter for letter in Path(decoded).name if letter.isprintable())[:100] or "file"


class Core(svcs.Core):
    """Runs the model that its property ``model`` names."""

    name_ = "stopCore"

    @property
    def model(self) -> str:
        """The model's name."""
        return self.getProperty("model")

    @property
    def workerSystem(self) -> _JobList:
        """The jobs, where DaCHS looks for them."""
        if not hasattr(self, "_jobs"):
            self._jobs = _JobList(self.parent, self)
        return self._jobs

    def request_of(self, job) -> tuple[dict[str, str], dict[str, Path]]:
        """A job's values that differ from the defaults, and its files under the names that they came with."""
        defaults = {key.name: key.values.default for key in self.inputTable.inputKeys}
        values: dict[str, str] = {}
        files: dict[str, Path] = {}
        for name, value in job.parameters.items():
            if isinstance(value, tuple):
                files[name] = _named(Path(job.getWD()), name)
            elif value is not None and value != defaults.get(name):
                values[name] = str(value)
        return values, files

    def run(self, service, inputTable, queryMeta):  # noqa: N803
        """Compute a job in the process that DaCHS has started for it; its results are added to it."""
        job = getattr(inputTable, "job", None)
        if job is None:
            raise base.ReportableError("This service computes in jobs only: send the request to its async endpoint.")
        settings, folder = _settings(), Path(job.getWD())
        values, files = self.request_of(job)
        try:
            results = stop_engine.run(
                settings, job.jobId, self.model, values, files, folder, int(job.executionDuration or 0)
            )
        except (KeyboardInterrupt, stop_engine.TookTooLong) as why:
            self._end(job, folder, why)
            raise SystemExit from why
        except stop_engine.Refused as error:
            raise BadRequest(str(error), error.parameter) from error
        except stop_engine.Failed as error:
            raise base.ReportableError(str(error)) from error
        with job.getWritable() as wjob:
            for result in results:
                with result.path.open("rb") as file:
                    wjob.addResult(file, result.mime_type, result.path.name)
            wjob.change(endTime=_now())
        shutil.rmtree(folder / "out")

    def _end(self, job, folder: Path, why: BaseException) -> None:
        """A job whose engine was stopped is ABORTED; of a deleted one nothing stays."""
        if (folder / _DELETED).exists() or not folder.exists():
            shutil.rmtree(folder, ignore_errors=True)
            return
        with job.getWritable() as wjob:
            error = base.ReportableError(str(why)) if isinstance(why, stop_engine.TookTooLong) else None
            wjob.change(phase=uws.ABORTED, endTime=_now(), **({"error": error} if error else {}))

    def start_queued(self) -> None:
        """Start what is queued, as far as the limit of running jobs permits; DaCHS itself looks once a minute.

        Processes are started in the server's main thread, where their ends are noticed.
        """
        reactor.callFromThread(self.workerSystem._processQueue)

    def end_orphans(self) -> None:
        """End what still runs, of any of the models, for jobs that do not."""
        for job_id in stop_engine.end_orphans(_settings(), Path(base.getConfig("uwsWD")), _is_executing):
            base.ui.notifyWarning(f"Ended what was left running of job {job_id}.")


def _is_executing(job_id: str) -> bool:
    with base.getTableConn() as conn:
        query = "SELECT 1 FROM uws.userjobs WHERE jobId=%(job_id)s AND phase='EXECUTING'"
        return bool(list(conn.query(query, {"job_id": job_id})))


def _named(folder: Path, parameter: str) -> Path:
    """A job's file under the name that it was uploaded with, as the results tell it."""
    uploaded, name = folder / parameter, folder / _NAME_OF.format(parameter)
    if not name.exists():
        return uploaded
    named = folder / "files" / _plain(name.read_text(encoding="utf-8"))
    if not named.exists():
        named.parent.mkdir(exist_ok=True)
        named.symlink_to(uploaded)
    return named


def _now() -> datetime.datetime:
    """The time as DaCHS writes it: UTC, without saying so."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)  # noqa: UP017
