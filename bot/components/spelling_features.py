"""Words, letters and consonants of a message as sparse features."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.constants import FEATURIZER_CLASS_ALIAS
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.components.learner import Learner
from orthography.arabizi import skeleton
from orthography.folding import fold

_WORDS = {"token_pattern": r"\S+", "ngram_range": (1, 2), "sublinear_tf": True}
_LETTERS = {"analyzer": "char_wb", "ngram_range": (2, 4), "sublinear_tf": True}
# Of the message's words as they are spelt, then of their consonants.
_KINDS = (_WORDS, _LETTERS, _WORDS, _LETTERS)
# What somebody wants is said by then; a longer text only costs time.
_CHARACTERS_READ = 4000


def _skeletons(folded: str) -> str:
    """The consonants of each word, in one alphabet for both scripts."""
    return " ".join(filter(None, map(skeleton, folded.split())))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingFeaturizer(Learner, SparseFeaturizer):
    """TF-IDF of folded words and letters, and of their consonants, where Arabizi meets Arabic.

    Letters carry misspellings. Rasa's own CountVectorsFeaturizer has no TF-IDF, and its counts were less accurate.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`min_examples`: what fewer training messages have is left out."""
        return {**SparseFeaturizer.get_default_config(), "min_examples": 2}

    def _read(self, directory: Path) -> None:
        terms = json.loads((directory / "terms.json").read_text(encoding="utf-8"))
        rarity = np.split(np.load(directory / "rarity.npy"), np.cumsum([len(known) for known in terms])[:-1])
        self._readers = [_Reader(*one) for one in zip(_KINDS, terms, rarity, strict=True)]

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Any number of examples works."""

    def train(self, training_data: TrainingData) -> Resource:
        """Learns which terms there are and how rare each is, and stores both."""
        terms, rarity = [], []
        for kind, texts in zip(_KINDS, _spelt(training_data.intent_examples), strict=True):
            fitted = TfidfVectorizer(**kind, min_df=self._config["min_examples"]).fit(texts)
            terms.append(fitted.get_feature_names_out().tolist())
            rarity.append(fitted.idf_)
        self._readers = [_Reader(*one) for one in zip(_KINDS, terms, rarity, strict=True)]
        with self._model_storage.write_to(self._resource) as directory:
            (directory / "terms.json").write_text(json.dumps(terms, ensure_ascii=False), encoding="utf-8")
            np.save(directory / "rarity.npy", np.concatenate(rarity))
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
        """A row for each message, the terms of each kind beside those of the others."""
        firsts = np.cumsum([0, *(len(reader) for reader in self._readers)])
        columns: list[np.ndarray] = []
        weights: list[np.ndarray] = []
        ends = [0]
        for texts in zip(*_spelt(messages), strict=True):
            for reader, first, text in zip(self._readers, firsts, texts, strict=False):
                known, weight = reader.read(text)
                columns.append(known + first)
                weights.append(weight)
            ends.append(ends[-1] + sum(map(len, columns[-len(texts) :])))
        return csr_matrix((np.concatenate(weights), np.concatenate(columns), ends), (len(ends) - 1, firsts[-1]))


class _Reader:
    """Weighs the terms of one kind in a text as TfidfVectorizer does, which for one text takes six times as long."""

    def __init__(self, kind: dict[str, Any], terms: Sequence[str], rarity: np.ndarray) -> None:
        """The terms to look for and how rare they are (scikit-learn's idf), in the order of their columns."""
        self._terms = TfidfVectorizer(**kind).build_analyzer()
        self._columns = {term: column for column, term in enumerate(terms)}
        self._rarity = rarity

    def __len__(self) -> int:
        """How many terms it knows."""
        return len(self._rarity)

    def read(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """The columns of the terms in a text and their weights, which together have the length 1."""
        known = Counter(column for term in self._terms(text) if (column := self._columns.get(term)) is not None)
        columns = np.fromiter(known, dtype=np.int32, count=len(known))
        counts = np.fromiter(known.values(), dtype=np.float64, count=len(known))
        weights = (1 + np.log(counts)) * self._rarity[columns]
        return columns, weights / (np.linalg.norm(weights) or 1)


def _spelt(messages: Sequence[Message]) -> tuple[list[str], ...]:
    """The texts as each of the four vectorizers reads them."""
    folded = [fold((message.get(TEXT) or "")[:_CHARACTERS_READ]) for message in messages]
    skeletons = [_skeletons(text) for text in folded]
    return folded, folded, skeletons, skeletons
