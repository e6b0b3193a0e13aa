"""The UWS 1.1 documents of jobs, and the VOTable that carries an error."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from stopdesk.uws.service.records import (
    JobLine,
    JobRecord,
    Progress,
    StoredParameter,
    StoredResult,
    show_time,
    xml_text,
)

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
#: Of what jobInfo says in our own words.
PROGRESS_NAMESPACE = "https://stopdesk.invalid/ns/uws"
_NAMESPACES = (
    'xmlns:uws="http://www.ivoa.net/xml/UWS/v1.0" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
)


def text(content: str) -> str:
    """Character data of XML."""
    return escape(xml_text(content))


def attribute(content: str) -> str:
    """A quoted attribute of XML."""
    return quoteattr(xml_text(content))


def element(name: str, content: str | None) -> str:
    """An element of the UWS namespace with text; nil where there is no content."""
    return f'<uws:{name} xsi:nil="true"/>' if not content else f"<uws:{name}>{text(content)}</uws:{name}>"


def segment(name: str) -> str:
    """A name as one segment of a path."""
    return quote(name, safe="")


def job_list(lines: Iterable[JobLine], list_url: str) -> str:
    """The document of a job list whose address is ``list_url``."""
    references = "\n".join(_job_reference(line, list_url) for line in lines)
    return f'{DECLARATION}<uws:jobs {_NAMESPACES} version="1.1">\n{references}\n</uws:jobs>\n'


def _job_reference(line: JobLine, list_url: str) -> str:
    run_id = element("runId", line.run_id) if line.run_id else ""
    return (
        f'<uws:jobref id={attribute(line.job_id)} xlink:type="simple" '
        f"xlink:href={attribute(f'{list_url}/{segment(line.job_id)}')}>"
        f"{element('phase', line.phase.value)}{run_id}{element('ownerId', None)}"
        f"{element('creationTime', show_time(line.created))}</uws:jobref>"
    )


def job(record: JobRecord, job_url: str, progress: Progress | None) -> str:
    """The document of a job whose address is ``job_url``; elements in the order of the schema."""
    parts = (
        element("jobId", record.job_id),
        element("runId", record.run_id) if record.run_id else "",
        element("ownerId", None),
        element("phase", record.phase.value),
        element("quote", show_time(record.quote)),
        element("creationTime", show_time(record.created)),
        element("startTime", show_time(record.started)),
        element("endTime", show_time(record.ended)),
        element("executionDuration", str(record.execution_duration)),
        element("destruction", show_time(record.destruction)),
        _parameters(record.parameters, job_url),
        _results(record.results, job_url),
        _error_summary(record) if record.error else "",
        _job_info(progress) if progress else "",
    )
    content = "\n".join(part for part in parts if part)
    return f'{DECLARATION}<uws:job {_NAMESPACES} version="1.1">\n{content}\n</uws:job>\n'


def parameters(record: JobRecord, job_url: str) -> str:
    """The document of a job's parameters."""
    return DECLARATION + _parameters(record.parameters, job_url, f" {_NAMESPACES}") + "\n"


def results(record: JobRecord, job_url: str) -> str:
    """The document of a job's results."""
    return DECLARATION + _results(record.results, job_url, f" {_NAMESPACES}") + "\n"


def _parameters(entries: Iterable[StoredParameter], job_url: str, namespaces: str = "") -> str:
    content = "".join(f"\n{_parameter(entry, job_url)}" for entry in entries)
    return f"<uws:parameters{namespaces}>{content}\n</uws:parameters>"


def _parameter(entry: StoredParameter, job_url: str) -> str:
    """A parameter; an uploaded file by reference."""
    if entry.file is None:
        return f"<uws:parameter id={attribute(entry.name)}>{text(entry.value)}</uws:parameter>"
    url = f"{job_url}/parameters/{segment(entry.name)}"
    return f'<uws:parameter id={attribute(entry.name)} byReference="true">{text(url)}</uws:parameter>'


def _results(entries: Iterable[StoredResult], job_url: str, namespaces: str = "") -> str:
    content = "".join(
        f'\n<uws:result id={attribute(entry.result_id)} xlink:type="simple" '
        f"xlink:href={attribute(f'{job_url}/results/{segment(entry.result_id)}')} "
        f'size="{entry.size}" mime-type={attribute(entry.mime_type)}/>'
        for entry in entries
    )
    return f"<uws:results{namespaces}>{content}\n</uws:results>"


def _error_summary(record: JobRecord) -> str:
    has_detail = "true" if record.last_words else "false"
    return (
        f'<uws:errorSummary type="fatal" hasDetail="{has_detail}">'
        f"<uws:message>{text(record.error or '')}</uws:message></uws:errorSummary>"
    )


def _job_info(progress: Progress) -> str:
    rows = f"{progress.done} of {progress.total} rows" if progress.total else ""
    words = ": ".join(part for part in (rows, progress.message) if part)
    return (
        f'<uws:jobInfo><stopdesk:progress xmlns:stopdesk="{PROGRESS_NAMESPACE}" fraction="{progress.fraction:.6g}">'
        f"{text(words)}</stopdesk:progress></uws:jobInfo>"
    )


def error(sentence: str) -> str:
    """The VOTable of an error (DALI 1.1, section 4.4.2)."""
    return (
        f'{DECLARATION}<VOTABLE xmlns="http://www.ivoa.net/xml/VOTable/v1.3" version="1.4">\n'
        f'<RESOURCE type="results">\n<INFO name="QUERY_STATUS" value="ERROR">{text(sentence)}</INFO>\n'
        "</RESOURCE>\n</VOTABLE>\n"
    )
