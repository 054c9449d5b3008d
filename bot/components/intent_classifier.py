"""Decides what a message means from its words, its letters and its sentence vector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion

from bot.components.normaliser import fold
from bot.components.sentence_embedding import SentenceEmbeddingFeaturizer

# Besides its own and scikit-learn's types: TfidfVectorizer keeps its weights in one.
_TRUSTED_TYPES = ["scipy.sparse._csr.csr_matrix"]
_FOLDED_WORD = r"\S+"
_NOTHING = {"name": None, "confidence": 0.0}


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(IntentClassifier, GraphComponent):
    """Logistic regression over TF-IDF of folded words and letters, beside the dense sentence features.

    Letters carry Arabizi and misspellings, the sentence vector carries paraphrase and dialect. Rasa's own
    featurizers with its logistic regression were as accurate, but took twice as long to train.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """The sentence vectors must be there."""
        return [SentenceEmbeddingFeaturizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`C`: the higher, the closer to the training examples. `ranking_length`: runners-up reported."""
        return {"C": 10.0, "max_iter": 1000, "ranking_length": 5}

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        letters_and_words: Optional[FeatureUnion] = None,
        regression: Optional[LogisticRegression] = None,
    ) -> None:
        """Untrained unless given its two fitted parts."""
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._letters_and_words = letters_and_words or FeatureUnion(
            [
                ("words", TfidfVectorizer(token_pattern=_FOLDED_WORD, ngram_range=(1, 2), sublinear_tf=True)),
                ("letters", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), sublinear_tf=True)),
            ]
        )
        self._regression = regression or LogisticRegression(
            C=config["C"], max_iter=config["max_iter"], class_weight="balanced"
        )

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> LinearIntentClassifier:
        """Creates it untrained."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> LinearIntentClassifier:
        """Loads what was trained. skops refuses a file that holds anything but the types it knows."""
        with model_storage.read_from(resource) as directory:
            path = directory / "classifier.skops"
            letters_and_words, regression = skops.io.load(path, trusted=_TRUSTED_TYPES)
        return cls(config, model_storage, resource, letters_and_words, regression)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits both parts and stores them."""
        examples = training_data.intent_examples
        self._letters_and_words.fit([fold(example.get(TEXT)) for example in examples])
        self._regression.fit(self._features(examples), [example.get(INTENT) for example in examples])
        with self._model_storage.write_to(self._resource) as directory:
            skops.io.dump((self._letters_and_words, self._regression), directory / "classifier.skops")
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking; no intent for a message without a single visible character."""
        for message in messages:
            ranking = self._ranking(message) if (message.get(TEXT) or "").strip() else []
            message.set(INTENT, ranking[0] if ranking else dict(_NOTHING), add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages

    def _ranking(self, message: Message) -> list[dict[str, Any]]:
        chances = self._regression.predict_proba(self._features([message]))[0]
        ranked = sorted(zip(chances, self._regression.classes_, strict=True), reverse=True)
        ranking = [{"name": str(name), "confidence": float(chance)} for chance, name in ranked]
        return ranking[: self._config["ranking_length"]]

    def _features(self, messages: Sequence[Message]) -> csr_matrix:
        sparse = self._letters_and_words.transform([fold(message.get(TEXT)) for message in messages])
        dense = [message.get_dense_features(TEXT)[1].features[0] for message in messages]
        return hstack([sparse, csr_matrix(dense)], format="csr")
