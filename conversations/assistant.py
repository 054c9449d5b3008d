"""Rasa seen from here: one text in, what to say and what was understood out (the far end is bot/connector.py)."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import httpx

from conversations import danger, language, screening
from conversations.models import MISCONDUCT
from infrastructure.segments import parts

logger = logging.getLogger(__name__)

# A turn runs one small model and one database query; what takes longer is down.
TIMEOUT_SECONDS = 15.0
# Somebody in danger doesn't wait for it.
GLANCE_SECONDS = 2.0
# An answer's budget by SMS (DESIGN.md); a text with things to tap on WhatsApp.
MOST_PARTS, LONGEST_JOINED = 3, 1024


@dataclass(frozen=True)
class Question:
    """One message for Rasa: ids are opaque, numbers and names never go there."""

    conversation: str
    message: str
    channel: str
    language: str  # to answer in
    text: str
    location: dict[str, Any] | None  # a pin: latitude, longitude, label


@dataclass(frozen=True)
class Reply:
    """One text to send, with the answers a person may tap."""

    text: str
    quick_replies: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Understood:
    """What Rasa read in a text, in codes of the taxonomy."""

    intent: str
    confidence: float
    sure: bool  # whether Rasa acted on it; where not, it asked what was meant
    entities: dict[str, list[str]]


class AssistantFailed(Exception):
    """Rasa gave no answer to a text, or an empty one (which is how it hides a failed action)."""


class AssistantUnavailable(AssistantFailed):
    """Rasa or its action endpoint is down; the same text may be answered later."""


class Assistant:
    """A client of one Rasa server and of the action endpoint it depends on."""

    def __init__(self, rasa_url: str, actions_url: str) -> None:
        self._actions_url = actions_url.rstrip("/")
        self._http = httpx.AsyncClient(base_url=rasa_url, timeout=TIMEOUT_SECONDS, trust_env=False)

    async def answer(self, question: Question) -> tuple[list[Reply], Understood]:
        """Let Rasa take a turn; raises AssistantUnavailable or AssistantFailed."""
        try:
            response = await self._http.post("/webhooks/daleel/turns", json=asdict(question))
        except httpx.ConnectError:
            raise AssistantUnavailable("Rasa does not listen") from None
        except httpx.HTTPError as error:
            # It had the text: if that is what ends it, trying for ever would end it for everybody.
            raise AssistantFailed(f"Rasa: {type(error).__name__}") from None
        if response.is_success:
            told = response.json()
            replies = [Reply(reply["text"], reply.get("buttons", [])) for reply in told["replies"]]
            understood = Understood(**told["understood"])
            # Danger and misconduct are what Rasa leaves to us without a word (bot.meaning.is_left_to_us).
            if replies or danger.is_danger(understood.intent) or understood.intent == MISCONDUCT:
                return joined(replies, question.channel), understood
        if not await self.ready():
            raise AssistantUnavailable("Rasa has no model or no memory, or the action endpoint is down")
        raise AssistantFailed(f"Rasa answered {response.status_code} without a reply")

    async def glance(self, text: str) -> Understood | None:
        """What Rasa reads in a text by itself, outside any conversation; None when it doesn't say at once."""
        try:
            response = await self._http.post("/webhooks/daleel/understand", json={"text": text}, timeout=GLANCE_SECONDS)
            return Understood(**response.raise_for_status().json())
        except httpx.HTTPError as error:
            logger.warning("a text was not read: %s", type(error).__name__)
            return None

    async def set_aside(self, conversation: str) -> None:
        """Let Rasa ask no longer what it asked before a danger; where it doesn't do so at once, it asks on."""
        told = {"conversation": conversation}
        try:
            await self._http.post("/webhooks/daleel/set-aside", json=told, timeout=GLANCE_SECONDS)
        except httpx.HTTPError as error:
            logger.warning("a question was not set aside: %s", type(error).__name__)

    async def forget(self, conversation: str) -> None:
        """Have Rasa forget a conversation; returns when it has, raises AssistantFailed otherwise."""
        try:
            response = await self._http.post("/webhooks/daleel/forget", json={"conversation": conversation})
        except httpx.HTTPError as error:
            raise AssistantFailed(f"Rasa: {type(error).__name__}") from None
        if not response.is_success:
            raise AssistantFailed(f"Rasa answered {response.status_code} and may remember the conversation")

    async def resume(self, conversation: str, language: str) -> None:
        """Let Rasa begin at a known place after staff had a conversation: nothing asked or offered, only the language.

        Raises as `answer` does.
        """
        told = {"conversation": conversation, "language": language}
        try:
            response = await self._http.post("/webhooks/daleel/resume", json=told)
        except httpx.ConnectError:
            raise AssistantUnavailable("Rasa does not listen") from None
        except httpx.HTTPError as error:
            raise AssistantFailed(f"Rasa: {type(error).__name__}") from None
        if not response.is_success:
            raise AssistantUnavailable(f"Rasa answered {response.status_code} to a resumption")

    async def understand(self, text: str) -> dict[str, Any]:
        """Language and meaning of one text, in the form that `make understand` prints; raises httpx.HTTPError."""
        response = await self._http.post("/webhooks/daleel/understand", json={"text": text})
        return described(text, response.raise_for_status().json())

    async def ready(self) -> bool:
        """Whether a text would be answered now: a model is loaded, its memory answers, and actions can run."""
        try:
            rasa = await self._http.get("/webhooks/daleel/", timeout=2)
            actions = await self._http.get(f"{self._actions_url}/health", timeout=2)
        except httpx.HTTPError:
            return False
        return rasa.is_success and actions.is_success

    async def close(self) -> None:
        await self._http.aclose()


def joined(replies: Sequence[Reply], channel: str) -> list[Reply]:
    """Replies as few messages: two texts at once can arrive in the wrong order, and cost more than one.

    What can be tapped belongs to the last of them. By SMS they are joined as long as they fit an answer's parts.
    """
    texts = [reply.text for reply in replies]
    one = "\n\n".join(texts)
    fits = len(one) <= LONGEST_JOINED if channel == "whatsapp" else parts(one) <= MOST_PARTS
    return [Reply(one, replies[-1].quick_replies)] if len(replies) > 1 and fits else list(replies)


def described(text: str, parsed: dict[str, Any]) -> dict[str, Any]:
    """What is read in a text: its language and script, and its meaning, where the screen outranks Rasa."""
    found = language.detect(text)
    if screened := screening.screen(text):
        parsed = {"intent": screened, "confidence": 1.0, "sure": True, "entities": parsed["entities"]}
    return {
        "language": found.language if found else "other",
        "script": found.script if found else None,
        "intent": parsed["intent"],
        "confidence": round(parsed["confidence"], 4),
        "sure": parsed["sure"],
        "entities": parsed["entities"],
    }
