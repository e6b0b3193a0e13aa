"""Reads the values in UWS documents as servers write them: times, whole numbers, truth, progress."""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime, timedelta, timezone
from xml.etree.ElementTree import Element

from stopdesk.domain.job import JobProgress
from stopdesk.net.documents import attributes, local_name, shorten

_TIME = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?)?"
    r"\s*(?P<zone>Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE,
)
_PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*(?:%|per ?cent\b)", re.IGNORECASE)
_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
_PROGRESS_NAMES = ("progress", "percent", "percentage", "percentcomplete", "percentdone", "completion")


def read_time(text: str | None) -> datetime | None:
    """A time of ISO 8601 as an aware datetime in UTC; without a zone it is UTC. ``24:00:00`` and ``:60`` roll over."""
    match = _TIME.fullmatch(text.strip()) if text else None
    if match is None:
        return None
    hour, minute, second = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if hour > 24 or minute > 59 or second > 60:
        return None
    fraction = float(f"0.{match['fraction']}") if match["fraction"] else 0.0
    try:
        day = datetime.fromisoformat(match["date"]).replace(tzinfo=_zone(match["zone"]))
        time = day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=math.floor(fraction * 1e6))
        return time.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _zone(text: str | None) -> timezone:
    if text is None or text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(offset if text[0] == "+" else -offset)


def write_time(time: datetime) -> str:
    """A time as UWS wants it: UTC, with Z, milliseconds only where there are any."""
    time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    text = time.isoformat(timespec="milliseconds" if time.microsecond // 1000 else "seconds")
    return text.replace("+00:00", "Z")


def read_integer(text: str | None) -> int | None:
    """A whole number that is not negative, also when written as ``600.0`` or ``1e3``."""
    try:
        value = float(text) if text else math.nan
    except ValueError:
        return None
    return int(value) if math.isfinite(value) and 0 <= value < 2**63 else None


def is_true(text: str | None) -> bool:
    """Whether an XML boolean, in whatever case, is true."""
    return text is not None and text.strip().lower() in ("true", "1")


def read_progress(info: Element | None) -> JobProgress | None:
    """How far a job is, from its jobInfo.

    From an element named ``progress`` (or percent, completion) with an attribute ``fraction`` or a number as its text,
    else from a percentage in the text of jobInfo itself.
    """
    if info is None:
        return None
    for element in info.iter():
        name = local_name(element.tag).lower()
        if element is not info and name in _PROGRESS_NAMES:
            text = shorten("".join(element.itertext()))
            fraction = _fraction(attributes(element).get("fraction", ""), of=1.0)
            if fraction is None:
                fraction = _plain_fraction(text, in_percent=name.startswith("percent"))
            if fraction is not None or text:
                return JobProgress(fraction=fraction, message="" if _NUMBER.fullmatch(text) else text)
    text = shorten(info.text or "")
    percent = _PERCENT.search(text)
    return JobProgress(fraction=_fraction(percent[1], of=100.0), message=text) if percent else None


def _plain_fraction(text: str, *, in_percent: bool) -> float | None:
    """A fraction from text: ``42 %``, ``0.42``, or 42 where that can only mean percent."""
    percent = _PERCENT.search(text)
    if percent:
        return _fraction(percent[1], of=100.0)
    number = _NUMBER.fullmatch(text)
    if number is None:
        return None
    return _fraction(text, of=100.0 if in_percent or float(text) > 1 else 1.0)


def _fraction(text: str, *, of: float) -> float | None:
    """``text`` as a part of ``of``; None unless it lies between nothing and all."""
    try:
        value = float(text) / of
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None
