"""The process that computes for ``workers`` and stays warm: ``python -m stopdesk.engines.worker``.

It reads one JSON object a line on stdin and answers in the same way on stdout::

    {"do": "warm_up"}                                       -> {"is": "warm"}
    {"do": "begin", "task": ID, "model": …, "request": {…},
     "files": {…}, "outdir": PATH, "scratch": PATH}         -> {"is": "begun", "total": …, "seconds": …}; when it was
                                                               short, {"is": "finished", "total": …, "files": […]}
    {"do": "compute", (as above), "start": …, "stop": …}    -> {"is": "computed"}
    {"do": "finish", (as above), "seconds": …}              -> {"is": "finished", "total": …, "files": […]}

On the way come ``{"is": "progress", "rows": …, "total": …, "text": …}``: the rows of this message done so far, and all
rows of the task (0: not known). What cannot be done is ``{"is": "failed", "text": …}``. A defect of the program ends
the process with its traceback on stderr; the end of stdin ends it at once.
"""

from __future__ import annotations

import json
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from stopdesk.engines import runner
from stopdesk.errors import StopdeskError

#: A task estimated to be shorter than this (s) is done in one go, without arrays on disk.
_SHORT = 0.1

#: Progress is told that often (s).
_INTERVAL = 0.1

#: Plans are remembered for this many tasks.
_PLANS = 16


def main() -> None:
    """Answer messages until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, whose end is ours
    answers = _guard_stdout()
    messages: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, messages), daemon=True).start()
    worker = _Worker(answers)
    while True:
        worker.answer(json.loads(messages.get()))


def _guard_stdout() -> IO[bytes]:
    """Keep stdout for answers; what libraries print goes to stderr, from C as well."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return answers


def _listen(stdin: IO[bytes], messages: queue.SimpleQueue[bytes]) -> None:
    for line in stdin:
        messages.put(line)
    os._exit(0)  # the parent is gone or wants no more: whatever is being computed is for nobody


class _Worker:
    """Carries out messages; remembers the plans of the latest tasks."""

    def __init__(self, answers: IO[bytes]) -> None:
        self._answers = answers
        self._plans: dict[str, runner.Plan] = {}
        self._told = 0.0
        self._total = 0

    def answer(self, message: Mapping[str, Any]) -> None:
        """Carry out one message and say how it ended."""
        try:
            if message["do"] == "warm_up":
                runner.warm_up(self._announce)
                self._say({"is": "warm"})
            else:
                self._say(self._work(message))
        except StopdeskError as error:
            self._say({"is": "failed", "text": str(error)})
        except OSError as error:  # a full disk, a folder that is gone
            place = f" ({error.filename})" if error.filename else ""
            full = " Make room on the disk, and run it again." if error.errno in runner.FULL else ""
            self._say({"is": "failed", "text": f"The results cannot be written: {error.strerror}{place}.{full}"})

    def _say(self, answer: Mapping[str, Any]) -> None:
        self._answers.write(json.dumps(answer).encode() + b"\n")
        self._answers.flush()

    def _work(self, message: Mapping[str, Any]) -> dict[str, Any]:
        plan, outdir, scratch = self._plan(message), Path(message["outdir"]), Path(message["scratch"])
        if message["do"] == "finish":
            return _finished(plan, runner.finish(plan, runner.gather(plan, scratch), outdir, message["seconds"]))
        if message["do"] == "begin" and plan.seconds > _SHORT:
            outdir.mkdir(parents=True, exist_ok=True)
            runner.make_scratch(plan, scratch)
            return {"is": "begun", "total": plan.n_rows, "seconds": plan.seconds}
        self._total = plan.n_rows
        runner.make_ready(plan, self._announce)
        began = time.monotonic()
        if message["do"] == "begin":
            outdir.mkdir(parents=True, exist_ok=True)
            part = runner.compute(plan, progress=self._progress)
            return _finished(plan, runner.finish(plan, part, outdir, time.monotonic() - began))
        runner.keep(runner.compute(plan, message["start"], message["stop"], self._progress), scratch)
        return {"is": "computed"}

    def _plan(self, message: Mapping[str, Any]) -> runner.Plan:
        task = message["task"]
        if task not in self._plans:
            while len(self._plans) >= _PLANS:
                del self._plans[next(iter(self._plans))]
            files = {name: Path(path) for name, path in message["files"].items()}
            self._plans[task] = runner.prepare(message["model"], message["request"], files)
        return self._plans[task]

    def _progress(self, rows: int) -> None:
        now = time.monotonic()
        if now - self._told >= _INTERVAL:
            self._told = now
            self._say({"is": "progress", "rows": rows, "total": self._total, "text": ""})

    def _announce(self, text: str) -> None:
        self._say({"is": "progress", "rows": 0, "total": self._total, "text": text})


def _finished(plan: runner.Plan, files: tuple[runner.OutputFile, ...]) -> dict[str, Any]:
    return {"is": "finished", "total": plan.n_rows, "files": [[str(file.path), file.mime_type] for file in files]}


if __name__ == "__main__":
    main()
