"""Decides what a message means from its words, its letters and its sentence vector."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.special import softmax

from bot.components import linear
from bot.components.learner import Learner
from bot.components.sentence_embedding import SentenceEmbeddingFeaturizer
from bot.components.spelling_features import SpellingFeaturizer
from bot.meaning import DANGERS

_NOTHING = {"name": None, "confidence": 0.0}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(Learner, IntentClassifier):
    """Logistic regression, one intent against the rest, over spelling features and the sentence vector.

    Letters carry Arabizi and misspellings, the sentence vector carries paraphrase and dialect. docs/understanding.md
    has what else was tried. Where the six dangers together are likelier than `danger_threshold`, the likeliest of
    them comes first, whatever else the message may mean: nobody in danger should be missed for a better reading.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Both kinds of features must be there."""
        return [SpellingFeaturizer, SentenceEmbeddingFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: the higher, the closer to the training examples. `ranking_length`: runners-up reported."""
        return {"C": 5.0, "danger_threshold": 0.35, "ranking_length": 5}

    def _read(self, directory: Path) -> None:
        self._intents = json.loads((directory / "intents.json").read_text(encoding="utf-8"))
        self._weights = np.load(directory / "weights.npy")

    def train(self, training_data: TrainingData) -> Resource:
        """Fits a regression for each intent and stores their weights."""
        examples = training_data.intent_examples
        meant = [example.get(INTENT) for example in examples]
        self._intents = sorted(set(meant))
        truths = [[intent == one for one in meant] for intent in self._intents]
        self._weights = linear.fit(linear.rows(examples), truths, self._config["C"])
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "intents.json").write_text(json.dumps(self._intents), encoding="utf-8")
            np.save(directory / "weights.npy", self._weights)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking; no intent for a message without a single visible character."""
        for message in messages:
            ranking = self._ranking(message) if (message.get(TEXT) or "").strip() else []
            message.set(INTENT, ranking[0] if ranking else dict(_NOTHING), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        chances = softmax(linear.scores(self._weights, message))
        dangers = sum(chance for chance, name in zip(chances, self._intents, strict=True) if name in DANGERS)
        danger_first = dangers > self._config["danger_threshold"]
        ranked = sorted(
            zip(self._intents, map(float, chances), strict=True),
            key=lambda one: (danger_first and one[0] in DANGERS, one[1]),
            reverse=True,
        )
        ranking = [{"name": name, "confidence": chance} for name, chance in ranked[: self._config["ranking_length"]]]
        if danger_first:
            ranking[0]["confidence"] = float(dangers)
        return ranking
