"""Splits a message into words that remember where they stood."""

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message

from orthography.folding import words


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class FoldingTokenizer(Tokenizer):
    """Keeps text and offsets as typed and puts the folded form into `token.lemma`.

    Whatever counts or matches words reads the lemma; entities still point at the person's own text.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Rasa's tokenizer base class reads these keys; intents are never split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_"}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one attribute; none for a message of emoji or punctuation only."""
        found = words(message.get(attribute))
        return [Token(word.text, word.start, word.end, lemma=word.folded) for word in found]
