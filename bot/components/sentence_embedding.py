"""A message's sentence vector as features, from a multilingual encoder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.encoder import Encoder
from bot.components.learner import Learner
from orthography.arabizi import is_arabizi
from orthography.folding import fold_lightly

# Most people say what they want first. 200 bytes are some 45 tokens in either script (100 Arabic letters, 200 Latin
# ones); what more would tell isn't worth its time. Spelling features read the whole message.
_BYTES_READ = 200
# The encoder doesn't know Arabizi and would read noise: it is never encoded, in training or afterwards.
_UNKNOWN_REGISTERS = frozenset({"arabizi"})
# A batch is faster than its texts one by one; its texts are of like length, because it is as slow as its longest.
_BATCH = 16

# Of training messages only, which training asks for twice and cross-validation more often. Of what people send nothing
# is kept.
_learnt_vectors: dict[str, np.ndarray] = {}


@lru_cache(maxsize=1)
def _encoder() -> Encoder:
    """The encoder, loaded once."""
    return Encoder()


def embed(texts: Sequence[str]) -> np.ndarray:
    """The encoder's vectors for some texts, each of length 1."""
    return _encoder().vectors([_beginning(fold_lightly(text)) for text in texts])


def _embed_to_learn(examples: Sequence[Message]) -> np.ndarray:
    """The vectors of training messages, each worked out once."""
    texts = [example.get(TEXT) for example in examples]
    missing = sorted(set(texts) - _learnt_vectors.keys(), key=lambda text: (len(text), text))
    batches = [missing[start : start + _BATCH] for start in range(0, len(missing), _BATCH)]
    _encoder()  # loaded by one thread, before there are more
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for batch, vectors in zip(batches, threads.map(embed, batches), strict=True):
            _learnt_vectors.update(zip(batch, vectors, strict=True))
    return np.array([_learnt_vectors[text] for text in texts])


def _learnt(examples: Sequence[Message]) -> list[Message]:
    """The training messages whose vectors are learnt from; the others teach by their spelling only."""
    return [example for example in examples if _register(example) not in _UNKNOWN_REGISTERS]


def _register(example: Message) -> Optional[str]:
    return ((example.get(METADATA) or {}).get(METADATA_INTENT) or {}).get("register")


def _beginning(text: str) -> str:
    """As many whole words as are read."""
    encoded = text.encode()
    if len(encoded) <= _BYTES_READ:
        return text
    return encoded[:_BYTES_READ].decode(errors="ignore").rsplit(" ", 1)[0]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceEmbeddingFeaturizer(Learner, DenseFeaturizer):
    """Dense sentence features: the vector less the mean of the training vectors, times `scale`.

    All of the encoder's vectors point roughly the same way; the mean would hide what differs between them.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`scale` weighs these features against others in a linear classifier."""
        return {**DenseFeaturizer.get_default_config(), "scale": 2.0}

    def _read(self, directory: Path) -> None:
        """The encoder is read into memory too, so that the first message isn't slow."""
        self._mean = np.load(directory / "mean.npy")
        embed([""])

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Any scale works."""

    def train(self, training_data: TrainingData) -> Resource:
        """Stores the mean of the training examples that are learnt from; of all, should there be none."""
        examples = _learnt(training_data.intent_examples) or training_data.intent_examples
        self._mean = np.mean(_embed_to_learn(examples), axis=0)
        with self._model_storage.write_to(self._resource) as directory:
            np.save(directory / "mean.npy", self._mean)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds features to the training examples: nothing but zeros to those that aren't learnt from."""
        learnt = _learnt(training_data.intent_examples)
        vectors = dict(zip(map(id, learnt), _embed_to_learn(learnt), strict=True))
        for example in training_data.intent_examples:
            self._add(example, vectors.get(id(example), self._mean))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds features to each message: nothing but zeros to one in Arabizi, in which the encoder would read noise."""
        for message in messages:
            text = message.get(TEXT) or ""
            (vector,) = [self._mean] if text.isascii() and is_arabizi(text) else embed([text])
            self._add(message, vector)
        return messages

    def _add(self, message: Message, vector: np.ndarray) -> None:
        vector = (vector - self._mean) * self._config["scale"]
        origin = self._config[FEATURIZER_CLASS_ALIAS]
        message.add_features(Features(vector[np.newaxis], FEATURE_TYPE_SENTENCE, TEXT, origin))
