"""A DaCHS site on loopback: its PostgreSQL, our services, an archive to search, and other people's awkward ones."""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from astropy.io import fits

from tests.peers.processes_as import free_port, run_as, service_user

CHECKOUT = Path(__file__).resolve().parents[2]
OURS = CHECKOUT / "resources" / "dachs" / "stop"
#: A log of 300,000 pointings and some spectra, for searches.
ARCHIVE = CHECKOUT / "tests" / "peers" / "archive"
#: Test services of others, which do what clients must survive; beside the checkout where there are any.
AWKWARD = CHECKOUT.parent / "shared" / "peers" / "dachs" / "rds" / "lvg"

_POSTGRES = "/usr/lib/postgresql/15/bin"
#: DaCHS fetches these from the IVOA when it needs them; empty ones do.
_VOCABULARIES = ("uat", "messenger", "dataproduct_type", "refframe", "product-type")


@dataclass(kw_only=True)
class DachsSite:
    """A running site below ``folder``. ``engine`` is the environment in which `stopdesk engine` is installed."""

    folder: Path
    engine: Path
    user: str = field(default_factory=service_user)
    port: int = field(default_factory=free_port)
    database_port: int = field(default_factory=free_port)

    @property
    def url(self) -> str:
        """The site's address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def jobs_folder(self) -> Path:
        """Where the folders of jobs lie."""
        return self.folder / "gavo" / "state" / "uwsjobs"

    def jobs(self, model: str) -> str:
        """The job list of one of our models."""
        return f"{self.url}/stop/q/{model}/async"

    def awkward(self, service: str) -> str:
        """The job list of one of the awkward services."""
        return f"{self.url}/lvg/q/{service}/async"

    def start(self) -> None:
        """Make everything, from the database to the server that answers."""
        entry = pwd.getpwnam(self.user)
        os.chown(self.folder, entry.pw_uid, entry.pw_gid)
        (self.folder / "gavo.rc").write_text(self._configuration(grp.getgrgid(entry.pw_gid).gr_name))
        self.run([f"{_POSTGRES}/initdb", "-D", "pg", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"])
        options = f"-p {self.database_port} -k {self.folder} -h 127.0.0.1 -c fsync=off -c synchronous_commit=off"
        self.run([f"{_POSTGRES}/pg_ctl", "-D", "pg", "-w", "-l", "pg.log", "-o", options, "start"])
        self.run(["createdb", "--encoding=UTF-8", "--template=template0", "gavo"])
        self.run(["dachs", "init", "-d", f"host=127.0.0.1 port={self.database_port} dbname=gavo"])
        self._fill(entry)
        self.run(["dachs", "imp", "//uws", "enable_useruws"])
        self.run(["dachs", "imp", "//obscore"])
        for descriptor in ("stop/q", "log/q", "spectra/q"):
            self.run(["dachs", "imp", descriptor])
        if AWKWARD.is_dir():
            self.run(["dachs", "imp", "lvg/q"])
            self.run(["dachs", "admin", "adduser", "alice", "wonderland", "a user of the tests"])
            self.run(["dachs", "admin", "addtogroup", "alice", "lvgusers"])
        self.run(["dachs", "serve", "start"])
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End the server and the database, and remove everything."""
        try:
            if (self.folder / "gavo" / "state" / "web.pid").exists():
                self.run(["dachs", "serve", "stop"])
        finally:
            if (self.folder / "pg" / "postmaster.pid").exists():
                self.run([f"{_POSTGRES}/pg_ctl", "-D", "pg", "-m", "immediate", "stop"])
            shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, words: list[str]) -> str:
        """Run a command as the site's user, in the site's environment."""
        environment = {
            "HOME": str(self.folder),
            "GAVOSETTINGS": str(self.folder / "gavo.rc"),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.database_port),
        }
        return run_as(self.user, words, environment, self.folder)

    def configure(self, *, slurm_conf: Path | None = None, rows: int = 1_000_000) -> None:
        """Write stop.conf: run models here, or through the SLURM of ``slurm_conf``."""
        text = (OURS / "etc" / "stop.conf").read_text()
        changes = {
            "command": f"{self.engine}/bin/stopdesk engine",
            "cache": str(self.folder / "engine-cache"),
            "rows": str(rows),
            "use": "yes" if slurm_conf else "no",
            "conf": str(slurm_conf or ""),
        }
        lines = [
            f"{name} = {changes[name]}" if (name := line.partition(" =")[0]) in changes else line
            for line in text.splitlines()
        ]
        (self.folder / "gavo" / "etc" / "stop.conf").write_text("\n".join(lines) + "\n")

    def _configuration(self, group: str) -> str:
        return f"""\
[general]
rootDir: {self.folder}/gavo
sendmail: cat > /dev/null
gavoGroup: {group}
group: {group}
[web]
bindAddress: 127.0.0.1
serverPort: {self.port}
serverURL: {self.url}
sitename: stopdesk's tests
realm: stopdesk-test
user: {self.user}
preloadRDs: stop/q{", lvg/q" if AWKWARD.is_dir() else ""}
[async]
maxUserUWSRunningDefault: 4
[ivoa]
authority: x-stopdesk.test
"""

    def _fill(self, entry: pwd.struct_passwd) -> None:
        """Descriptors, configuration and vocabularies."""
        gavo = self.folder / "gavo"
        shutil.copytree(OURS, gavo / "inputs" / "stop")
        shutil.copytree(ARCHIVE, gavo / "inputs", dirs_exist_ok=True)
        write_spectra(gavo / "inputs" / "spectra" / "data")
        if AWKWARD.is_dir():
            shutil.copytree(AWKWARD, gavo / "inputs" / "lvg")
        (self.folder / "engine-cache").mkdir()
        self.configure()
        for name in _VOCABULARIES:
            document = {"uri": f"http://www.ivoa.net/rdf/{name}", "flavour": "SKOS", "terms": {}}
            (gavo / "cache" / f"http:=2F=2Fwww.ivoa.net=2Frdf=2F{name}").write_text(json.dumps(document))
        for path in (self.folder / "engine-cache", *(gavo / "inputs").rglob("*"), *(gavo / "cache").iterdir()):
            path.chmod(0o755 if path.is_dir() else 0o644)
            os.chown(path, entry.pw_uid, entry.pw_gid)

    def _wait_until_it_answers(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urllib.request.urlopen(self.jobs("lvg"), timeout=10):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)  # the condition is the answer, the deadline stands above
        raise RuntimeError(f"DaCHS does not answer; its log is in {self.folder}/gavo/logs")


def write_spectra(folder: Path, number: int = 20) -> None:
    """Spectra of CO(2-1) and CO(3-2) in turn, in a row on the sky from IRAS 16293-2422 eastward."""
    folder.mkdir()
    noise = np.random.default_rng(1)
    for i in range(number):
        rest = (230.538e9, 345.7959899e9)[i % 2]
        frequency = rest + (np.arange(400) - 200) * 0.25e6
        flux = 2 * np.exp(-0.5 * ((frequency - rest) / 5e6) ** 2) + noise.normal(0, 0.1, 400)
        header = fits.Header()
        header["CTYPE1"], header["CUNIT1"], header["CRPIX1"] = "FREQ", "Hz", 1.0
        header["CRVAL1"], header["CDELT1"], header["RESTFRQ"] = frequency[0], 0.25e6, rest
        header["BUNIT"], header["OBJECT"] = "K", f"clump {i}"
        header["RA"], header["DEC"] = 248.0954 + 0.05 * i, -24.4766
        header["MJD-OBS"], header["EXPTIME"] = 58000.5 + i, 60.0
        fits.PrimaryHDU(flux.astype("f4"), header).writeto(folder / f"clump{i:02d}.fits")
