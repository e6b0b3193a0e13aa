"""A SLURM of one node on loopback, without systemd and with nothing outside its folder."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.peers.processes_as import free_port
from tests.processes import is_there

_CONF = """\
ClusterName=stopdesk
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmctldPort={controller_port}
SlurmdPort={daemon_port}
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
ReturnToService=2
MailProg=/bin/true
KillWait=2
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory={memory} State=UNKNOWN
PartitionName=short Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


@dataclass(kw_only=True)
class SlurmCluster:
    """A cluster below ``folder``, started by root or by who becomes root with ``root_words``."""

    folder: Path
    root_words: list[str]
    controller_port: int = field(default_factory=free_port)
    daemon_port: int = field(default_factory=free_port)

    @property
    def conf(self) -> Path:
        """What SLURM_CONF has to be for the cluster's commands."""
        return self.folder / "slurm.conf"

    def start(self) -> None:
        """Start munge and the two daemons; ends when the node is idle."""
        for name in ("state", "spool"):
            (self.folder / name).mkdir()
        self._start_munge()
        pages, page = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
        self.conf.write_text(
            _CONF.format(
                host=socket.gethostname().partition(".")[0],
                folder=self.folder,
                controller_port=self.controller_port,
                daemon_port=self.daemon_port,
                cpus=os.cpu_count(),
                memory=pages * page // 2**20,
            )
        )
        # cgroups are not used; looked for, they are missed in a chroot without /sys
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n")
        for daemon in ("slurmctld", "slurmd"):
            self.as_root(f"/usr/sbin/{daemon}", "-f", str(self.conf))
        end = time.monotonic() + 60
        while "idle" not in self.command("sinfo", "--noheader", "--format=%T"):
            if time.monotonic() > end:
                raise RuntimeError(f"SLURM's node does not get idle; its logs are in {self.folder}")
            time.sleep(0.1)  # the condition stands above

    def stop(self) -> None:
        """End the daemons and remove everything."""
        for name in ("slurmd.pid", "slurmctld.pid", "munge/pid"):
            if (self.folder / name).exists():
                process_id = int((self.folder / name).read_text())
                self.as_root("sh", "-c", f"kill -TERM {process_id}")  # the shell's own: a bare Debian has no other
                _wait_for_end_of(process_id)
        self.as_root("rm", "-rf", str(self.folder))

    def command(self, *words: str) -> str:
        """What one of the cluster's commands prints."""
        environment = {**os.environ, "SLURM_CONF": str(self.conf)}
        done = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)
        return done.stdout

    def names(self) -> list[str]:
        """The names of the jobs that it has."""
        return self.command("squeue", "--noheader", "--format=%j").split()

    def as_root(self, *words: str) -> None:
        """Run a command as root."""
        done = subprocess.run([*self.root_words, *words], capture_output=True, text=True, timeout=60, check=False)
        if done.returncode:
            logs = "".join(path.read_text()[-1500:] for path in self.folder.glob("slurm*.log"))
            raise RuntimeError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stdout}{done.stderr}{logs}")

    def _start_munge(self) -> None:
        munge = self.folder / "munge"
        munge.mkdir()
        (munge / "key").write_bytes(secrets.token_bytes(1024))
        (munge / "key").chmod(0o400)
        user = pwd.getpwnam("munge")
        self.as_root("chown", "-R", f"{user.pw_uid}:{user.pw_gid}", str(munge))
        program = shutil.which("setpriv") or "/usr/bin/setpriv"
        self.as_root(
            *(program, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "/usr/sbin/munged"),
            *(f"--key-file={munge}/key", f"--socket={munge}/socket", f"--pid-file={munge}/pid"),
            *(f"--log-file={munge}/log", f"--seed-file={munge}/seed"),
        )


def _wait_for_end_of(process_id: int) -> None:
    end = time.monotonic() + 20
    while is_there(process_id) and time.monotonic() < end:
        time.sleep(0.05)  # the condition stands above
