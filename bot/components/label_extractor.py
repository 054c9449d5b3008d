"""Finds the codes that no single word gives away: "the kids drink from the canal" is about water."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Optional

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import expit

from bot.components import linear
from bot.components.learner import Learner
from bot.components.sentence_embedding import SentenceEmbeddingFeaturizer
from bot.components.spelling_features import SpellingFeaturizer

_SEPARATOR = ":"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class LabelEntityExtractor(Learner, EntityExtractorMixin):
    """One logistic regression for each code of each entity in `entities`, over the whole message.

    Training examples name their codes in the metadata of their block in data/nlu, for example {need: [cash, food]}.
    Such an entity has no place in the text, so it spans all of it. An entity is learnt from and looked for only in the
    intents whose training examples have it: "when" is an aspect of a question about a passport, not of a farewell.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Both kinds of features must be there. The intent must be too, but Rasa cannot ask for a classifier here."""
        return [SpellingFeaturizer, SentenceEmbeddingFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`entities`: how likely a code must be, by entity. `C`: the higher, the closer to the examples.

        `expected`: by intent, the entity a message should have, {find_service: need}. Where no code of it is likely
        enough, the likeliest will do from the chance `expected_from` on: who looks for help needs something.
        """
        return {"entities": {}, "C": 5.0, "rarest": 0.02, "expected": {}, "expected_from": 0.2}

    def _read(self, directory: Path) -> None:
        told = json.loads((directory / "labels.json").read_text(encoding="utf-8"))
        self._labels, self._intents = told["labels"], told["intents"]
        if self._labels:
            self._weights = np.load(directory / "weights.npy")

    def train(self, training_data: TrainingData) -> Resource:
        """Fits a regression for each code the examples name, and stores their weights."""
        examples = training_data.intent_examples
        named = [self._named(example) for example in examples]
        self._labels = sorted(set().union(*named))
        self._intents = self._intents_of(examples, named)
        with self._model_storage.write_to(self._resource) as directory:
            told = {"labels": self._labels, "intents": self._intents}
            (directory / "labels.json").write_text(json.dumps(told), encoding="utf-8")
            if self._labels:
                truths = [self._truth(label, examples, named) for label in self._labels]
                self._weights = linear.fit(linear.rows(examples), truths, self._config["C"])
                np.save(directory / "weights.npy", self._weights)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the codes found to each message."""
        for message in messages:
            found = self.add_extractor_name(self._extract(message))
            message.set(ENTITIES, message.get(ENTITIES, []) + found, add_to_output=True)
        return messages

    def _extract(self, message: Message) -> list[dict[str, Any]]:
        intent = (message.get(INTENT) or {}).get("name")
        if not self._labels or intent is None:
            return []
        chances = expit(linear.scores(self._weights, message))
        whole = {"start": 0, "end": len(message.get(TEXT))}
        found: dict[str, list[dict[str, Any]]] = {}
        for at in np.argsort(-chances):
            entity, code = self._labels[at].split(_SEPARATOR)
            missing = self._config["expected"].get(intent) == entity and entity not in found
            enough = self._config["expected_from"] if missing else self._config["entities"][entity]
            if intent in self._intents[entity] and chances[at] > enough:
                codes = found.setdefault(entity, [])
                codes.append({"entity": entity, "value": code, "confidence_entity": float(chances[at]), **whole})
        return [one for codes in found.values() for one in codes]

    def _truth(self, label: str, examples: list[Message], named: list[set[str]]) -> list[Optional[bool]]:
        """Whether each example has a label; None in intents that never name its entity."""
        naming = self._intents[label.split(_SEPARATOR)[0]]
        pairs = zip(examples, named, strict=True)
        return [label in one if example.get(INTENT) in naming else None for example, one in pairs]

    def _named(self, example: Message) -> set[str]:
        """The labels of a training example."""
        metadata = (example.get(METADATA) or {}).get(METADATA_INTENT) or {}
        return {
            f"{entity}{_SEPARATOR}{code}" for entity in self._config["entities"] for code in metadata.get(entity, [])
        }

    def _intents_of(self, examples: list[Message], named: list[set[str]]) -> dict[str, list[str]]:
        """By entity, the intents of which at least the share `rarest` of the examples has it."""
        having: dict[str, dict[str, int]] = {entity: {} for entity in self._config["entities"]}
        total: dict[str, int] = {}
        for example, labels in zip(examples, named, strict=True):
            intent = example.get(INTENT)
            total[intent] = total.get(intent, 0) + 1
            for entity in {label.split(_SEPARATOR)[0] for label in labels}:
                having[entity][intent] = having[entity].get(intent, 0) + 1
        return {
            entity: sorted(
                intent for intent, count in counts.items() if count >= total[intent] * self._config["rarest"]
            )
            for entity, counts in having.items()
        }
