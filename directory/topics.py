"""What guidance articles are about: codes shared with understanding, so none is ever renamed."""

DOCUMENTS = (
    "national_card",
    "civil_status_id",
    "nationality_certificate",
    "passport",
    "travel_document",
    "birth_certificate",
    "death_certificate",
    "marriage_certificate",
    "divorce_certificate",
    "housing_card",
    "ration_card",
    "property_deed",
    "inheritance_certificate",
    "guardianship",
    "security_clearance",
    "residency_permit",
    "school_certificate",
)
PROPERTY_TOPICS = ("title_deed", "compensation", "inheritance", "occupied_home", "destroyed_home", "eviction")
RETURN_DIRECTIONS = ("to_iraq", "from_iraq", "inside_iraq")
KINDS = {"document": DOCUMENTS, "property_topic": PROPERTY_TOPICS, "return_direction": RETURN_DIRECTIONS}
# A programme (a grant, a compensation scheme) has a key of its own: "programme:qaid".
PROGRAMME = "programme"
# Special cases of a procedure.
SITUATIONS = (
    "lost",
    "damaged",
    "issued_under_isil",
    "child_without_papers",
    "child",
    "displaced",
    "abroad",
    "foreigner",
)
TOPICS = tuple(f"{kind}:{code}" for kind, codes in KINDS.items() for code in codes)


def is_topic(topic: str) -> bool:
    """Whether an article may be about this."""
    kind, _, code = topic.partition(":")
    return topic in TOPICS or (kind == PROGRAMME and code.isidentifier() and code.isascii())
