"""Words, letters and consonants of a message as sparse features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Optional

import skops.io
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer

from orthography.arabizi import skeleton
from orthography.folding import fold

# Besides scikit-learn's own types: TfidfVectorizer keeps its weights in one.
TRUSTED_TYPES = ["scipy.sparse._csr.csr_matrix"]
_WORD = r"\S+"
# What somebody wants is said by then; a longer text only costs time.
_CHARACTERS_READ = 4000


def _skeletons(folded: str) -> str:
    """The consonants of each word, in one alphabet for both scripts."""
    return " ".join(filter(None, map(skeleton, folded.split())))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingFeaturizer(SparseFeaturizer, GraphComponent):
    """TF-IDF of folded words and letters, and of their consonants, where Arabizi meets Arabic.

    Letters carry misspellings. Rasa's own CountVectorsFeaturizer has no TF-IDF, and its counts were less accurate.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`min_examples`: what fewer training messages have is left out."""
        return {**SparseFeaturizer.get_default_config(), "min_examples": 2}

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        vectorizers: Optional[list[TfidfVectorizer]] = None,
    ) -> None:
        """Untrained unless given its fitted vectorizers: words, letters, skeletons, letters of skeletons."""
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        common = {"sublinear_tf": True, "min_df": config["min_examples"]}
        words = {"token_pattern": _WORD, "ngram_range": (1, 2), **common}
        letters = {"analyzer": "char_wb", "ngram_range": (2, 4), **common}
        self._vectorizers = vectorizers or [TfidfVectorizer(**kind) for kind in (words, letters, words, letters)]

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SpellingFeaturizer:
        """Creates it untrained."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> SpellingFeaturizer:
        """Loads what was trained. skops refuses a file that holds anything but the types it knows."""
        with model_storage.read_from(resource) as directory:
            vectorizers = skops.io.load(directory / "vectorizers.skops", trusted=TRUSTED_TYPES)
        return cls(config, execution_context.node_name, model_storage, resource, vectorizers)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Any number of examples works."""

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the vectorizers and stores them."""
        for vectorizer, texts in zip(self._vectorizers, _spelt(training_data.intent_examples), strict=True):
            vectorizer.fit(texts)
        with self._model_storage.write_to(self._resource) as directory:
            skops.io.dump(self._vectorizers, directory / "vectorizers.skops")
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the training examples."""
        self.process(training_data.intent_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds one row of features to each message."""
        origin = self._config[FEATURIZER_CLASS_ALIAS]
        for message, row in zip(messages, self._rows(messages), strict=True):
            message.add_features(Features(row, FEATURE_TYPE_SENTENCE, TEXT, origin))
        return messages

    def _rows(self, messages: Sequence[Message]) -> csr_matrix:
        spelt = _spelt(messages)
        return hstack([kind.transform(texts) for kind, texts in zip(self._vectorizers, spelt, strict=True)], "csr")


def _spelt(messages: Sequence[Message]) -> tuple[list[str], ...]:
    """The texts as each of the four vectorizers reads them."""
    folded = [fold((message.get(TEXT) or "")[:_CHARACTERS_READ]) for message in messages]
    skeletons = [_skeletons(text) for text in folded]
    return folded, folded, skeletons, skeletons
