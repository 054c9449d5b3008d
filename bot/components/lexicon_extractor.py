"""Finds places and languages by lexicon."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from orthography.folding import Word, words
from orthography.lexicon import LATIN_ARTICLES, Lexicon, LexiconError, Match

# The role of an entity that is only guessed at; actions ask whether it is right.
GUESS = "guess"


class _Found(NamedTuple):
    entity: str
    match: Match


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LexiconEntityExtractor(GraphComponent, EntityExtractorMixin):
    """Reads its lexicons whenever a model is loaded, so a new spelling needs a restart but no training.

    An entity's value is the code; start and end lie on the person's own text and cover whole words. Longer
    matches win over shorter ones, whatever they name, and each code is reported once. Where an entity is named
    nowhere, a misspelt name may be guessed at: it has the role "guess". A message that is nothing but a name means
    what its lexicon says names mean `alone`: no training message has to say every name of a place.
    """

    def __init__(self, lexicons: dict[str, Lexicon], alone: Optional[dict[str, str]] = None) -> None:
        """`lexicons` by entity; where two match the same words, the earlier one wins. `alone`: intents by entity."""
        self._lexicons = lexicons
        self._alone = alone or {}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LexiconEntityExtractor:
        """Reads the files named in `lexicons`, a list of {entity, file, alone}; paths from the repository root."""
        alone = {entry["entity"]: entry["alone"] for entry in config["lexicons"] if "alone" in entry}
        try:
            return cls({entry["entity"]: Lexicon.read(Path(entry["file"])) for entry in config["lexicons"]}, alone)
        except (LexiconError, OSError) as error:
            raise InvalidConfigException(str(error)) from error

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the entities found to each message, and the intent of one that is nothing but a name."""
        for message in messages:
            text = message.get(TEXT) or ""
            found = self.add_extractor_name(self.extract(text))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
            if intent := self._meant_alone(text, found):
                # The classifier's readings are none beside it, however sure it is of one.
                surely = {"name": intent, "confidence": 1.0}
                message.set(INTENT, surely, add_to_output=True)
                message.set(INTENT_RANKING_KEY, [surely], add_to_output=True)
        return messages

    def _meant_alone(self, text: str, found: Sequence[dict[str, Any]]) -> Optional[str]:
        """The intent of a message whose only word, or words, name one thing for certain."""
        if len(found) != 1 or "role" in found[0]:
            return None
        named = range(found[0]["start"], found[0]["end"])
        others = [word for word in words(text) if word.start not in named and word.folded not in LATIN_ARTICLES]
        return None if others else self._alone.get(found[0]["entity"])

    def extract(self, text: str) -> list[dict[str, Any]]:
        """The entities of a text in order of appearance."""
        typed = list(words(text))
        entities: dict[tuple[str, str], dict[str, Any]] = {}
        for entity, match in sorted(self._chosen(typed), key=lambda found: found.match.first):
            place = {"start": typed[match.first].start, "end": typed[match.last - 1].end}
            entities.setdefault((entity, match.code), {"entity": entity, "value": match.code, **place})
        return list(entities.values()) or list(self._guessed(typed))

    def _guessed(self, typed: Sequence[Word]) -> Iterator[dict[str, Any]]:
        for entity, lexicon in self._lexicons.items():
            for match in lexicon.guesses(typed):
                place = {"start": typed[match.first].start, "end": typed[match.last - 1].end}
                yield {"entity": entity, "value": match.code, "role": GUESS, **place}

    def _chosen(self, typed: Sequence[Word]) -> Iterator[_Found]:
        """The matches that remain when longer ones have taken their words."""
        found: list[_Found] = []
        for entity, lexicon in self._lexicons.items():
            found.extend(_Found(entity, match) for match in lexicon.matches(typed))
        found.sort(key=lambda one: (one.match.first - one.match.last, one.match.first))
        taken: set[int] = set()
        for one in found:
            covered = range(one.match.first, one.match.last)
            if taken.isdisjoint(covered):
                taken.update(covered)
                yield one
