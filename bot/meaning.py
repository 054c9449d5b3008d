"""What a message means, in the codes the rest of the service uses."""

from itertools import dropwhile
from typing import Any

from rasa.core.agent import Agent
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME

# Intents that outrank every other reading of a message (taxonomy.yml). They are never answered by a rule of Rasa's.
DANGERS = frozenset(
    "suicide_risk gbv_disclosure trafficking_disclosure child_at_risk immediate_danger medical_emergency".split()
)
# The one other intent that Rasa leaves to the service, where it is sure: whoever may be meant by it must not read it.
MISCONDUCT = "report_misconduct"
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
    """Rasa's parse as {"intent", "confidence", "sure", "entities"}.

    The intent is the likeliest reading; `sure` is false where Rasa asks what was meant instead of acting on it.
    Entities are lists of distinct codes in order of appearance.
    """
    readings = [reading for reading in parsed.get("intent_ranking", []) if _is_a_reading(reading)]
    best = readings[0] if readings else parsed["intent"]
    entities: dict[str, list[str]] = {}
    for entity in parsed["entities"]:
        codes = entities.setdefault(entity["entity"], [])
        if entity["value"] not in codes:
            codes.append(entity["value"])
    return {
        "intent": best["name"] if _is_a_reading(best) else "out_of_scope",
        "confidence": round(best["confidence"], 4) if _is_a_reading(best) else 0.0,
        "sure": _is_a_reading(parsed["intent"]),
        "entities": entities,
    }


def is_left_to_us(understood: dict[str, Any]) -> bool:
    """Whether the caller answers a message of this meaning (conversations.turns), so that Rasa must not keep it."""
    return understood["intent"] in DANGERS or (understood["intent"] == MISCONDUCT and understood["sure"])


def _is_a_reading(intent: dict[str, Any]) -> bool:
    """False for the stand-in that says Rasa is unsure, and for no intent at all."""
    return intent["name"] not in (None, DEFAULT_NLU_FALLBACK_INTENT_NAME)
