"""What the directory says of an organization, a location, a service or a procedure: one document each.

Organizations, locations and services are named as in HSDS 3; HSDS has no word for articles of guidance.
The same document is what a form edits, a revision keeps, an import brings, search shows and an export sends
(https://docs.openreferral.org/en/latest/hsds/schema_reference.html). Texts for people are `Words`. A draft may be
incomplete; `directory.checking.problems` says what keeps it from being published.
"""

from datetime import date
from typing import Annotated, Any, Literal, get_args
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

# Whom a service is for; none named means everybody.
STATUSES_OF_PEOPLE = ("idp", "returnee", "host_community", "refugee", "migrant")
GROUPS = ("women", "children", "older_people", "disability")
ELIGIBLE = (*STATUSES_OF_PEOPLE, *GROUPS)
Kind = Literal["organization", "location", "service", "article"]
KINDS: tuple[Kind, ...] = get_args(Kind)

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=5_000)]
Code = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]


class Part(BaseModel):
    """Nothing unknown is kept: a misspelt field is an error, not a loss."""

    model_config = ConfigDict(extra="forbid")

    def document(self) -> dict[str, Any]:
        """As JSON, for the database."""
        return self.model_dump(mode="json")


class Words(Part):
    """A text in Arabic and English, and in Kurdish where somebody wrote it."""

    ar: Line = ""
    en: Line = ""
    ckb: Line = ""

    def __bool__(self) -> bool:
        """Whether anything is written, in any language."""
        return bool(self.ar or self.en or self.ckb)

    def spoken(self) -> dict[str, str]:
        """By language, without those nobody wrote."""
        return {language: text for language, text in self if text}


class PhoneNumber(Part):
    """A number to call, as people dial it ('+' and digits where it is international)."""

    number: Line
    description: Words = Words()
    is_demo: bool = False


class Hours(Part):
    """A rule of opening in HSDS's words; `directory.opening` reads it. Days are codes (SU ... SA), times local."""

    kind: Literal["regular", "ramadan", "closed"] = "regular"
    freq: Literal["WEEKLY", "MONTHLY"] = "WEEKLY"
    interval: int = Field(1, ge=1, le=52)
    byday: list[Code] = Field([], max_length=40)
    bymonthday: list[int] = Field([], max_length=31)
    dtstart: date | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    opens_at: Code | None = None
    closes_at: Code | None = None


class Organization(Part):
    """Who offers services."""

    id: UUID = Field(default_factory=uuid4)
    name: Words = Words()
    description: Words = Words()
    website: Line = ""
    email: Line = ""
    is_demo: bool = False


class Location(Part):
    """Somewhere a service is given. A confidential one (a shelter) has no address and no coordinates, ever."""

    id: UUID = Field(default_factory=uuid4)
    place: Code = ""
    name: Words = Words()
    address: Words = Words()
    latitude: float | None = None
    longitude: float | None = None
    is_confidential: bool = False
    accessibility: Words = Words()
    is_demo: bool = False


class At(Part):
    """One service at one location, with the numbers and hours it has there."""

    location_id: UUID
    phones: list[PhoneNumber] = Field([], max_length=10)
    schedules: list[Hours] = Field([], max_length=40)


class Service(Part):
    """What an organization offers; `assured_date` is when somebody last checked that it is true."""

    id: UUID = Field(default_factory=uuid4)
    organization_id: UUID | None = None
    name: Words = Words()
    summary: Words = Words()
    description: Words = Words()
    needs: list[Code] = Field([], max_length=28)
    eligible: list[Code] = Field([], max_length=len(ELIGIBLE))
    eligibility: Words = Words()
    minimum_age: int | None = Field(None, ge=0, le=120)
    maximum_age: int | None = Field(None, ge=0, le=120)
    access: Literal["walk_in", "appointment", "referral", "remote"] = "walk_in"
    capacity: Literal["open", "limited", "full"] = "open"
    fees: Words = Words()
    required_documents: list[Words] = Field([], max_length=20)
    languages: list[Code] = Field([], max_length=20)
    service_areas: list[Code] = Field([], max_length=130)
    alert: Words = Words()
    url: Line = ""
    email: Line = ""
    at: list[At] = Field([], max_length=200)
    assured_date: date | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    is_demo: bool = False


class Source(Part):
    """Where a statement of an article comes from."""

    title: Line = ""
    url: Line = ""
    # When it was written, as far as the source says: "2023", "3 Feb 2024", "undated".
    date: Code = ""


class Case(Part):
    """What is different for somebody in a special situation (`directory.topics.SITUATIONS`)."""

    situation: Code = ""
    text: Words = Words()


class Article(Part):
    """Guidance on a procedure: `answer` is what a first message says, the rest is asked for piece by piece."""

    id: UUID = Field(default_factory=uuid4)
    # A code of `directory.topics`: "document:passport", "programme:compensation_law".
    topic: Code = ""
    title: Words = Words()
    answer: Words = Words()
    # What people call it besides, in any language and spelling: a text that holds one of these is about this.
    known_as: list[Line] = Field([], max_length=20)
    # Needs that a programme answers.
    needs: list[Code] = Field([], max_length=28)
    eligibility: Words = Words()
    details: Words = Words()
    steps: list[Words] = Field([], max_length=20)
    bring: list[Words] = Field([], max_length=20)
    where: Words = Words()
    cost: Words = Words()
    duration: Words = Words()
    warnings: list[Words] = Field([], max_length=10)
    cases: list[Case] = Field([], max_length=20)
    # How sure we are: of a single source or of sources that contradict each other the text says so itself.
    confidence: Literal["documented", "single_source", "conflict"] = "documented"
    sources: list[Source] = Field([], max_length=20)
    checked_date: date | None = None
    is_demo: bool = False


Record = Organization | Location | Service | Article
TYPES: dict[str, type[Organization] | type[Location] | type[Service] | type[Article]] = {
    "organization": Organization,
    "location": Location,
    "service": Service,
    "article": Article,
}


def read(kind: str, document: dict[str, Any]) -> Record:
    """A record from its document. An unknown kind is a KeyError, a document of another shape a ValidationError."""
    return TYPES[kind].model_validate(document)


def called(record: Record) -> Words:
    """What people call it: its name or title, a location without a name by its address; a confidential one has none."""
    if isinstance(record, Article):
        return record.title
    return record.name or record.address if isinstance(record, Location) else record.name


def kind_of(record: Record) -> Kind:
    """The kind of a record, as the database names it."""
    return next(kind for kind in KINDS if TYPES[kind] is type(record))
