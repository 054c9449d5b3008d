"""HSDS 3.0 in the Iraq profile: what every object is made of, and the codes given to it (docs/hsds-profile)."""

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, field_validator
from pydantic_core import PydanticCustomError

from directory.exchange.hsds_fields import Date, Id, Text, Translations, Uri

NEEDS_TAXONOMY = "daleel-needs"


class Hsds(BaseModel):
    """One HSDS object: fields that are not here are left out; `texts` are the ones a person reads."""

    model_config = ConfigDict(extra="ignore")
    texts: ClassVar[tuple[str, ...]] = ()

    id: Id

    def dump(self) -> dict[str, Any]:
        """The object as it goes into JSON: what is not known is left out, as HSDS has no null."""
        return self.model_dump(mode="json", exclude_defaults=True)

    @field_validator("translations", check_fields=False)
    @classmethod
    def _translates_own_texts(cls, value: Translations | None) -> Translations | None:
        if unknown := {field for texts in (value or {}).values() for field in texts} - set(cls.texts):
            raise PydanticCustomError("translations", "has {count} fields with no text here", {"count": len(unknown)})
        return value


class Metadata(Hsds):
    """A change that was made to one field, and by whom."""

    resource_id: Id | None = None
    resource_type: Text | None = None
    last_action_date: Date
    last_action_type: Text
    field_name: Text
    previous_value: Text
    replacement_value: Text
    updated_by: Text


class Taxonomy(Hsds):
    """A list of codes; ours of needs is called "daleel-needs"."""

    texts = ("name", "description")

    name: Text
    description: Text
    uri: Uri | None = None
    version: Text | None = None
    metadata: tuple[Metadata, ...] = ()
    translations: Translations | None = None


class TaxonomyTerm(Hsds):
    """One code of a taxonomy."""

    texts = ("name", "description")

    code: Text | None = None
    name: Text
    description: Text
    parent_id: Id | None = None
    taxonomy: Text | None = None
    taxonomy_detail: Taxonomy | None = None
    language: Text | None = None
    taxonomy_id: Id | None = None
    term_uri: Uri | None = None
    metadata: tuple[Metadata, ...] = ()
    translations: Translations | None = None


class Attribute(Hsds):
    """A code given to something: `taxonomy_term` says which."""

    link_id: Id | None = None
    taxonomy_term_id: Id | None = None
    link_type: Text | None = None
    link_entity: Text | None = None
    value: Text | None = None
    taxonomy_term: TaxonomyTerm | None = None
    metadata: tuple[Metadata, ...] = ()


class Described(Hsds):
    """What most objects share: codes, changes and translations."""

    attributes: tuple[Attribute, ...] = ()
    metadata: tuple[Metadata, ...] = ()
    translations: Translations | None = None
