"""Runs the hub of pyvo, whose lock file is the one argument, until it is told to end."""

from __future__ import annotations

import signal
import sys

import pyvo.samp
from pyvo.samp import SAMPHubServer

pyvo.samp.conf.use_internet = False
hub = SAMPHubServer(addr="127.0.0.1", lockfile=sys.argv[1], web_profile=False)
signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
hub.start()
signal.sigwait({signal.SIGTERM})
hub.stop()
