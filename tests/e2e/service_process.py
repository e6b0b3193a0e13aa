"""The local service as the real program, and what belongs to watching it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path

import requests

CHECKOUT = Path(__file__).resolve().parents[2]
DEADLINE = 60.0
UWS = "{http://www.ivoa.net/xml/UWS/v1.0}"


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition; fail when it does not come true within the deadline."""
    tick, left = threading.Event(), int(DEADLINE / 0.01)
    while not condition():
        assert left > 0, f"did not come true: {what}"
        left -= 1
        tick.wait(0.01)


class ServiceProcess:
    """One run of ``serve`` on a data folder, and a client that has its token."""

    def __init__(self, data: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "stopdesk.uws.service.serve", "--data", str(data), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=CHECKOUT,
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().strip()
        self.http = requests.Session()
        self.http.trust_env = False
        if self.url and self.notice_path.exists():
            self.notice = json.loads(self.notice_path.read_text())
            if self.notice["token"]:
                self.http.headers["Authorization"] = f"Bearer {self.notice['token']}"

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def notice_path(self) -> Path:
        port = self.url.strip("/").rpartition(":")[2]
        return Path(os.environ["STOPDESK_HOME"]) / "data" / "services" / f"{port}.json"

    def request(self, method: str, path: str, **options: object) -> requests.Response:
        url = path if path.startswith("http") else self.url + path
        return self.http.request(method, url, **{"allow_redirects": False, "timeout": DEADLINE, **options})  # type: ignore[arg-type]

    def create(self, model: str = "lte", **fields: str) -> str:
        """A new job's URL; it runs."""
        answer = self.request("POST", f"{model}/jobs", data={"molecule": "co", "PHASE": "RUN", **fields})
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]

    def phase(self, job_url: str) -> str:
        return self.request("GET", f"{job_url}/phase").text

    def phases(self, model: str) -> dict[str, str]:
        """The phases of all jobs of a model by id; no id may come twice."""
        document = ET.fromstring(self.request("GET", f"{model}/jobs").content)
        ids = [reference.get("id") or "" for reference in document]
        assert len(ids) == len(set(ids))
        return {reference.get("id") or "": reference.findtext(f"{UWS}phase") or "" for reference in document}

    def wait_for_end(self, job_url: str) -> str:
        """The last phase of a job."""
        phase = self.phase(job_url)
        while phase in ("QUEUED", "EXECUTING"):
            query = {"WAIT": str(int(DEADLINE / 2)), "PHASE": phase}
            document = ET.fromstring(self.request("GET", job_url, params=query).content)
            before, phase = phase, document.findtext(f"{UWS}phase") or ""
            assert phase != before, f"still {phase}"
        return phase

    def end(self) -> int:
        """End it as a user would with Ctrl-C or a system at its shutdown; gives the exit code."""
        self.http.close()
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(DEADLINE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            assert pipe is not None
            pipe.close()
        return self.process.returncode

    def __enter__(self) -> ServiceProcess:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()
