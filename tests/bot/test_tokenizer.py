"""The tokenizer inside Rasa: text and offsets as typed, lemma folded."""

import pytest
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.tokenizer import FoldingTokenizer


@pytest.fixture(scope="module")
def tokenizer() -> FoldingTokenizer:
    return FoldingTokenizer(FoldingTokenizer.get_default_config())


def test_offsets_point_at_the_text_as_typed(tokenizer: FoldingTokenizer) -> None:
    text = "\u200fأَرِيدُ مســاعدة، please!!! «بالموصل»"
    tokens = tokenizer.tokenize(Message({TEXT: text}), TEXT)
    assert [token.lemma for token in tokens] == ["اريد", "مساعده", "please", "بالموصل"]
    assert all(text[token.start : token.end] == token.text for token in tokens)


@pytest.mark.parametrize("text", ["", "   ", "🙏🙏", "؟!", "\u200f"])
def test_a_text_without_words_has_no_tokens(tokenizer: FoldingTokenizer, text: str) -> None:
    assert tokenizer.tokenize(Message({TEXT: text}), TEXT) == []
