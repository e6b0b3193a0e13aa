"""The pool computes tasks in its processes, in turns, survives the death of a process, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]
import pytest

from stopdesk.engines import runner
from stopdesk.engines.runner import OutputFile
from stopdesk.engines.workers import ModelTask, WorkerPool
from stopdesk.formats import results

#: LTE models of CO: seconds of work.
_LONG = {"column_density": "1e14:1e19:1000:log", "excitation_temperature": "5:100:200"}
_GRID = {"column_density": "1e14:1e19:50:log", "excitation_temperature": "5:100:100", "frequency_max": "500"}
