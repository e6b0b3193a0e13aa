"""Reads the VOTables that describe a service: OPUS' job description, a DataLink service descriptor, DALI metadata."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

from stopdesk.domain.spec import ModelSpec, Uploads
from stopdesk.errors import Malformed
from stopdesk.net.answer import host_of
from stopdesk.net.documents import attributes
from stopdesk.uws.describe.capabilities import as_upload
from stopdesk.uws.describe.drafts import Draft, name_of, spec_of, told_in_words
from stopdesk.uws.describe.trees import child_text, children, root_of
from stopdesk.uws.xml import absolute

#: How DAL services mark what goes in, in their metadata (SSA 1.1, section 4.1.7).
_INPUT = "INPUT:"


def read_jdl_votable(document: bytes, url: str) -> ModelSpec:
    """The spec of an OPUS job description (a RESOURCE of utype ``voprov:ActivityDescription``) from ``url``."""
    root = root_of(document, url, "VOTABLE")
    resource = next((each for each in _resources(root) if _utype(each).endswith("activitydescription")), None)
    if resource is None:
        raise Malformed(f"{host_of(url)} sent a VOTable that is no job description.", url=url)
    drafts = {}
    for param in _params(_group(resource, "inputparams")):
        # a parameter is required unless it is of the type no_query
        required = attributes(param).get("type", "") != "no_query"
        drafts[attributes(param).get("name", "")] = replace(_draft(param), required=required)
    used = _group(resource, "used")
    for name, entity in children(used) if used is not None else ():
        if name == "GROUP":
            draft = _used(entity)
            known = drafts.get(draft.name)
            if known is None:
                drafts[draft.name] = draft
            elif draft.is_file:
                drafts[draft.name] = replace(known, is_file=True)
    return spec_of(
        drafts.values(),
        origin=url,
        name=attributes(resource).get("name", "") or name_of(url),
        description=child_text(resource, "DESCRIPTION"),
        uploads=Uploads.PART,
    )


def read_datalink(document: bytes, url: str, jobs_url: str = "") -> ModelSpec:
    """The spec of a service descriptor (DataLink 1.1, section 4): the one whose accessURL is ``jobs_url``.

    Without one of that address it is that of an asynchronous service, else the only one there is.
    """
    root = root_of(document, url, "VOTABLE")
    found = [each for each in _resources(root) if _utype(each) == "adhoc:service" and _group(each, "inputparams")]
    own = [each for each in found if jobs_url and _path(_value(each, "accessURL"), url) == _path(jobs_url, url)]
    asynchronous = [each for each in found if "#async" in _value(each, "standardID").lower()]
    chosen = own or asynchronous or (found if len(found) == 1 else [])
    if not chosen:
        raise Malformed(f"{host_of(url)} has no service descriptor for these jobs.", url=url)
    return spec_of(
        [_draft(param) for param in _params(_group(chosen[0], "inputparams"))],
        origin=url,
        name=attributes(chosen[0]).get("name", "") or name_of(url),
        description=child_text(chosen[0], "DESCRIPTION"),
    )


def read_metadata(document: bytes, url: str, protocol: Collection[str] = ()) -> ModelSpec:
    """The spec of the metadata that DaCHS sends for MAXREC=0; ``protocol`` are names of parameters of standards."""
    root = root_of(document, url, "VOTABLE")
    resource = next((each for each in _resources(root) if any(_is_input(param) for param in _params(each))), None)
    if resource is None:
        raise Malformed(f"{host_of(url)} sent a VOTable that names no input.", url=url)
    drafts = []
    for param in _params(resource):
        if _is_input(param):
            draft = _draft(param)
            name = draft.name[len(_INPUT) :]
            drafts.append(as_upload(replace(draft, name=name, protocol=name in protocol)))
    info = next((child for name, child in children(resource) if name == "INFO" and _is_service(child)), None)
    return spec_of(
        drafts,
        origin=url,
        title="".join(info.itertext()).strip() if info is not None else "",
        description=child_text(root, "DESCRIPTION"),
    )


def _resources(root: Element) -> Iterator[Element]:
    """All RESOURCEs, nested ones too."""
    for name, child in children(root):
        if name == "RESOURCE":
            yield child
            yield from _resources(child)


def _utype(resource: Element) -> str:
    return attributes(resource).get("utype", "").strip().lower()


def _group(resource: Element, wanted: str) -> Element | None:
    """The GROUP of that name, in whatever case."""
    for name, child in children(resource):
        if name == "GROUP" and attributes(child).get("name", "").lower() == wanted:
            return child
    return None


def _params(parent: Element | None) -> Iterator[Element]:
    """The PARAMs of a resource or group, those of groups inside a group too."""
    for name, child in children(parent) if parent is not None else ():
        if name == "PARAM":
            yield child
        elif name == "GROUP":
            yield from _params(child)


def _value(resource: Element, wanted: str) -> str:
    """The value of a resource's own PARAM."""
    params = (attributes(child) for name, child in children(resource) if name == "PARAM")
    return next((attrs.get("value", "") for attrs in params if attrs.get("name", "") == wanted), "")


def _path(address: str, url: str) -> str:
    return urlsplit(absolute(address, url, url)).path.rstrip("/")


def _is_input(param: Element) -> bool:
    return attributes(param).get("name", "").upper().startswith(_INPUT)


def _is_service(info: Element) -> bool:
    return attributes(info).get("name", "") == "serviceInfo"


def _draft(param: Element) -> Draft:
    """One PARAM: its value is the default, VALUES its range and options."""
    attrs = attributes(param)
    help_text = child_text(param, "DESCRIPTION")
    values = [child for name, child in children(param) if name == "VALUES"]
    parts = [(name, attributes(child)) for each in values for name, child in children(each)]
    options = tuple((each.get("value", ""), each.get("name", "")) for name, each in parts if name == "OPTION")
    xtype = attrs.get("xtype", "").strip()
    is_file = xtype.lower() == "application/octet-stream"
    form = f" (A value of the kind {xtype}.)" if xtype and not is_file else ""
    # a truth value may have its options listed; a tick says the same
    return told_in_words(
        Draft(
            name=attrs.get("name", "") or attrs.get("ID", ""),
            type_word=attrs.get("datatype", "char"),
            arraysize=attrs.get("arraysize", ""),
            unit=attrs.get("unit", ""),
            ucd=attrs.get("ucd", ""),
            help=f"{help_text}{form}",
            minimum=next((each.get("value", "") for name, each in parts if name == "MIN"), ""),
            maximum=next((each.get("value", "") for name, each in parts if name == "MAX"), ""),
            options=() if attrs.get("datatype") == "boolean" else options,
            default=attrs.get("value", ""),
            is_file=is_file,
        )
    )


def _used(entity: Element) -> Draft:
    """What a job of OPUS uses: a file to send, or the identifier of one that the server fetches."""
    values = {attributes(child).get("name", ""): attributes(child).get("value", "") for child in _params(entity)}
    links = [attributes(child).get("href", "") for name, child in children(entity) if name == "LINK"]
    url = values.get("url") or next(iter(links), "")
    return used_draft(
        attributes(entity).get("name", ""), child_text(entity, "DESCRIPTION"), url, values.get("content_type", "")
    )


def used_draft(name: str, help_text: str, url: str, content_type: str) -> Draft:
    """The draft of an entity that OPUS uses; ``url`` is ``file://…`` for one that is uploaded."""
    is_file = not url or url.startswith("file:")
    kind = f" ({content_type})" if content_type else ""
    what = help_text or ("A file." if is_file else "The identifier of the data.")
    return Draft(name=name, help=f"{what}{kind}", is_file=is_file, required=True)
