"""What a message means, in the codes the rest of the service uses."""

from itertools import dropwhile
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

# Half a surrogate pair comes from a text cut in two; no encoder, log or store accepts it.
_HALF_SURROGATES = dict.fromkeys(range(0xD800, 0xE000), "\ufffd")


def plain(text: str) -> str:
    """The text as Rasa may see it: never a command such as /restart, and nothing a store would refuse."""
    text = text.translate(_HALF_SURROGATES).replace("\x00", " ")
    return "".join(dropwhile(_is_before_a_command, text))


def _is_before_a_command(character: str) -> bool:
    """True for the slash that makes a command, and for what Rasa or a reader would not see in front of it."""
    return character == "/" or character.isspace() or not character.isprintable()


async def understand(agent: Agent, text: str) -> dict[str, Any]:
    """The meaning of a text by itself, without any conversation."""
    return meaning(await agent.parse_message(plain(text)))


def meaning(parsed: dict[str, Any]) -> dict[str, Any]:
    """Rasa's parse as {"intent", "confidence", "entities"}.

    Entities are lists of distinct codes in order of appearance. A message Rasa is unsure about is out of scope.
    """
    intent = parsed["intent"]["name"]
    entities: dict[str, list[str]] = {}
    for entity in parsed["entities"]:
        codes = entities.setdefault(entity["entity"], [])
        if entity["value"] not in codes:
            codes.append(entity["value"])
    return {
        "intent": "out_of_scope" if intent == DEFAULT_NLU_FALLBACK_INTENT_NAME else intent,
        "confidence": round(parsed["intent"]["confidence"], 4),
        "entities": entities,
    }
