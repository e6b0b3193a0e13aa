"""What a service says of itself, as a spec from which a form is made."""

from stopdesk.uws.describe.capabilities import read_capabilities
from stopdesk.uws.describe.complaints import problems_from_error
from stopdesk.uws.describe.job_description import read_jdl_json
from stopdesk.uws.describe.service import ServiceDescription, describe, free_spec
from stopdesk.uws.describe.votables import read_datalink, read_jdl_votable, read_metadata

__all__ = [
    "ServiceDescription",
    "describe",
    "free_spec",
    "problems_from_error",
    "read_capabilities",
    "read_datalink",
    "read_jdl_json",
    "read_jdl_votable",
    "read_metadata",
]
