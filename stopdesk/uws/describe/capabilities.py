"""Reads VOSI capabilities: the parameters of the interface that jobs are made with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from stopdesk.domain.spec import ModelSpec
from stopdesk.errors import Malformed
from stopdesk.net.answer import host_of
from stopdesk.net.documents import attributes, local_name
from stopdesk.uws.describe.drafts import Draft, spec_of, told_in_words
from stopdesk.uws.describe.trees import child_text, children, root_of
from stopdesk.uws.describe.wording import UPLOAD
from stopdesk.uws.values import is_true
from stopdesk.uws.xml import absolute

_UWS = "ivo://ivoa.net/std/uws"

#: How DaCHS says that MAXREC=0 is answered with a description that knows options and defaults too.
_METADATA = re.compile(r"\b0 to (retrieve|get) .*(parameters|metadata)", re.IGNORECASE)


@dataclass(frozen=True)
class Capability:
    """The interface that describes the parameters: where it is, whether MAXREC=0 tells more, what it says of itself."""

    access_url: str
    drafts: tuple[Draft, ...]
    tells_metadata: bool
    description: str


def read_capabilities(document: bytes, url: str) -> ModelSpec:
    """The spec that the capabilities from ``url`` describe; Malformed when they describe none."""
    capability = read_capability(document, url)
    return spec_of(capability.drafts, origin=url, description=capability.description)


def read_capability(document: bytes, url: str) -> Capability:
    """The capability for jobs: that of UWS, else DaCHS' ``api``, else one of no standard."""
    root = root_of(document, url, "capabilities")
    ranked = [(rank, each) for rank, each in _candidates(root, url) if each.drafts]
    if not ranked:
        raise Malformed(f"{host_of(url)} does not describe any parameters in its capabilities.", url=url)
    return min(ranked, key=lambda pair: (pair[0], -len(pair[1].drafts)))[1]


def _candidates(root: Element, url: str) -> Iterator[tuple[int, Capability]]:
    """Interfaces with HTTP parameters, with their rank; those of other standards (TAP, SCS, SODA) make no jobs."""
    for name, capability in children(root):
        if name != "capability":
            continue
        standard = attributes(capability).get("standardID", "").strip().lower()
        if standard and not standard.startswith(_UWS):
            continue
        for part, interface in children(capability):
            kind = local_name(attributes(interface).get("type", ""))
            if part != "interface" or kind.lower() != "paramhttp":
                continue
            access = absolute(child_text(interface, "accessURL"), url, url)
            path = urlsplit(access).path.rstrip("/")
            params = [child for tag, child in children(interface) if tag == "param"]
            tells = any(_METADATA.search(child_text(param, "description")) for param in params)
            drafts = tuple(draft for param in params if (draft := _draft(param)) is not None)
            rank = 0 if standard else 1 if path.endswith("/api") else 2
            yield rank, Capability(access, drafts, tells, child_text(capability, "description"))


def _draft(param: Element) -> Draft | None:
    """One ``param`` of VODataService; None where it is to be ignored."""
    attrs = attributes(param)
    use = attrs.get("use", "").strip().lower()
    data_type = next((child for name, child in children(param) if name == "dataType"), None)
    type_attrs = attributes(data_type) if data_type is not None else {}
    extended = type_attrs.get("extendedType", "").strip().lower()
    help_text = child_text(param, "description")
    draft = Draft(
        name=child_text(param, "name"),
        type_word=(data_type.text or "" if data_type is not None else "").strip(),
        arraysize=type_attrs.get("arraysize", ""),
        unit=child_text(param, "unit"),
        ucd=child_text(param, "ucd"),
        help=help_text,
        required=use == "required",
        protocol=is_true(attrs.get("std")),
        is_file=extended.endswith(":file") or extended == "file",
        is_axis=extended.endswith(":axis"),
        is_repeated=attrs.get("multiplicity", "").strip().lower() in ("multiple", "*", "many"),
    )
    return None if use == "ignored" else as_upload(told_in_words(draft))


def as_upload(draft: Draft) -> Draft:
    """A DALI upload as the file that it is: DaCHS describes each as a parameter UPLOAD of its own."""
    match = UPLOAD.search(draft.help) if draft.name.upper() == "UPLOAD" else None
    if match is None:
        return draft
    return Draft(name=match["name"], help=match["purpose"] or "A file.", is_file=True, required=draft.required)
