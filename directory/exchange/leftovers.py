"""What an HSDS file says that our records have no place for, told once for each field."""

from pydantic import BaseModel

from directory.exchange import hsds
from directory.exchange.hsds_report import Findings, Place
from directory.exchange.validation import Contents

# What is read, and what needs no word: ids of what holds a part, and the history of its changes.
SILENT = frozenset(
    "id metadata translations last_modified taxonomy_term_id organization_id service_id location_id".split()
)
_FIELDS: dict[type[BaseModel], str] = {
    hsds.Organization: "name description website email locations services demo phones",
    hsds.Service: "name summary description url email status fees_description eligibility_description minimum_age "
    "maximum_age assured_date alert phones schedules service_areas service_at_locations languages organization "
    "required_documents eligible access capacity valid_from valid_to demo attributes",
    hsds.ServiceAtLocation: "phones schedules location",
    hsds.Location: "location_type name latitude longitude external_identifier external_identifier_type addresses "
    "accessibility phones schedules confidential",
}
KEPT = {model: frozenset(fields.split()) for model, fields in _FIELDS.items()}
LEFT_OUT = "has no place in our directory: it will be left out"


def tell(contents: Contents, findings: Findings) -> None:
    """Notice every field that says something and isn't kept."""
    for place, record in contents.accepted:
        _tell(record, place, findings)


def _tell(said: BaseModel, place: Place, findings: Findings) -> None:
    kept = KEPT.get(type(said))
    if kept is None:
        return
    for name in type(said).model_fields:
        value = getattr(said, name)
        if name in SILENT or not value:
            continue
        if name not in kept:
            findings.notice((*place, name), "no_place", LEFT_OUT)
            continue
        parts = value if isinstance(value, tuple) else (value,)
        for at, part in enumerate(parts):
            if isinstance(part, BaseModel):
                _tell(part, (*place, name, at) if isinstance(value, tuple) else (*place, name), findings)
