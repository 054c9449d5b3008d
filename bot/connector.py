"""The one channel into Rasa: a turn of a conversation, the meaning of a text, or the end of a memory.

POST turns        {"conversation": id, "message": id, "channel": "sms" or "whatsapp", "text": ...,
                   "language": "ar" or "en", "location": null or {"latitude", "longitude", "label"}}
                  -> {"replies": [{"text": ..., "buttons": [...]}],
                      "understood": {"intent", "confidence", "sure", "entities"}}
POST resume       {"conversation": id, "language": "ar" or "en"} -> {"status": "ok"}: staff had the conversation and
                  handed it back; no form goes on, nothing is offered, all but the language is forgotten
POST set-aside    {"conversation": id} -> {}: what was asked is asked no longer, because a danger goes first
POST understand   {"text": ...} -> {"intent", "confidence", "sure", "entities"}, no conversation involved
POST forget       {"conversation": id} -> {}: nothing of the conversation is left in Rasa's memory
GET  (the root)   {"status": "ok"}: a model is loaded and the tracker store answers; 500 otherwise

A malformed request gets 400 with {"error": ...}. A turn that raised, or that ended without a reply, gets 500
with {"error": ...}: Rasa swallows the failure of an action and goes on in silence, so silence is how it shows.
A message about danger or misconduct is answered without a reply, on purpose: the caller has the words and calls a
person or keeps it apart, and nothing of the message stays in Rasa's memory.

Where an action offered numbered readings (the slot `offered`), a digit alone is taken for the reading of that number,
and so are the words of its button; while a form asks, 0 leaves it. A button of an older question is read as anybody's
words are.

A repeated turn (the caller died before it stored the answer) gets the answer that it got: taken again, "1" would answer
the question that came after it, and somebody would agree to a text that they never saw.
"""

import json
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Optional

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import BotUttered, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import memory
from bot.bodies import MalformedRequest, check_language, conversation_of, fields
from bot.meaning import MISCONDUCT, is_left_to_us, meaning, plain, understand
from orthography.folding import fold

logger = logging.getLogger(__name__)

# What is longer is no choice, and costs time to read.
_LONGEST_NUMBER = 4
# A plain yes has no more words; "God willing" is a hope.
_LONGEST_YES = 4
_GOD_WILLING = ("انشا", "شاالله", "شالله", "insha")
# Leaves a form, in any script.
_NONE = ("0", "٠", "۰")
# A pin says where somebody is without a word.
_A_PIN = {"text": "", "intent": {"name": "give_location", "confidence": 1.0}, "entities": []}


class WholeTexts(CollectingOutputChannel):
    """Collects replies as they were written: Rasa's own channels cut a text at every blank line, an SMS each."""

    async def send_text_message(self, recipient_id: str, text: str, **kwargs: Any) -> None:
        await self._persist_message(self._message(recipient_id, text=text))


class DaleelInput(InputChannel):
    """Answers in the same HTTP exchange: what was said and what was understood. See the top of this file."""

    @classmethod
    def name(cls) -> str:
        """Part of the address: /webhooks/daleel/."""
        return "daleel"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """The routes. `on_new_message` isn't used: it hides what was understood."""
        routes = Blueprint("daleel", "daleel")

        @routes.get("/")
        async def health(request: Request) -> HTTPResponse:
            await _agent(request).tracker_store.retrieve("health")
            return response.json({"status": "ok"})

        @routes.post("/turns")
        async def turns(request: Request) -> HTTPResponse:
            turn = fields(request, "conversation", "message", "channel", "text", "language")
            location = json.loads(request.body).get("location")
            check_language(turn["language"])
            if not turn["conversation"] or not turn["message"]:
                raise MalformedRequest("conversation and message must not be empty")
            answer = await take_turn(_agent(request), location=location, **turn)
            if not answer["replies"] and not is_left_to_us(answer["understood"]):
                return response.json({"error": "the turn ended without a reply", **answer}, status=500)
            return response.json(answer)

        @routes.post("/resume")
        async def resumed(request: Request) -> HTTPResponse:
            language = fields(request, "language")["language"]
            check_language(language)
            await memory.resume(_agent(request), conversation_of(request), language)
            return response.json({"status": "ok"})

        @routes.post("/understand")
        async def understood(request: Request) -> HTTPResponse:
            return response.json(await understand(_agent(request), fields(request, "text")["text"]))

        @routes.post("/set-aside")
        async def asked_no_longer(request: Request) -> HTTPResponse:
            agent, conversation = _agent(request), conversation_of(request)
            async with agent.lock_store.lock(conversation):
                await memory.set_aside(agent, await memory.of(agent, conversation))
            return response.json({})

        @routes.post("/forget")
        async def forgotten(request: Request) -> HTTPResponse:
            agent, conversation = _agent(request), conversation_of(request)
            async with agent.lock_store.lock(conversation):
                memory.forget(agent.tracker_store, conversation)
            return response.json({})

        _say_what_went_wrong(routes)
        return routes


def _say_what_went_wrong(routes: Blueprint) -> None:
    """A bad request hears why; of a failure of ours only its kind is told, the rest is in the log."""

    @routes.exception(MalformedRequest)
    async def malformed(request: Request, problem: MalformedRequest) -> HTTPResponse:
        return response.json({"error": str(problem)}, status=400)

    @routes.exception(Exception)
    async def failed(request: Request, problem: Exception) -> HTTPResponse:
        logger.error("A request to %s failed", request.path, exc_info=problem)
        return response.json({"error": type(problem).__name__}, status=500)


async def take_turn(
    agent: Agent, conversation: str, message: str, channel: str, text: str, language: str, location: Any
) -> dict[str, Any]:
    """Sets the language, lets Rasa answer one message, and returns the replies and what was understood."""
    said = WholeTexts()
    async with agent.lock_store.lock(conversation):
        tracker = await memory.of(agent, conversation)
        if again := _answered_before(tracker, message):
            return again
        if memory.is_stale(tracker, time.time()):
            await memory.set_aside(agent, tracker)
        text = plain(text)
        chosen = _chosen(tracker, text)
        parsed = chosen or (_A_PIN if location and not text else await agent.parse_message(text))
        if answered := _answered(tracker, parsed):
            parsed = chosen = answered
        understood = meaning(parsed)
        if tracker.active_loop_name and understood["intent"] == MISCONDUCT:
            # Taken for the form's answer, it would go to whom it may be about.
            understood["sure"] = True
        if is_left_to_us(understood):
            await memory.set_aside(agent, tracker)
            return {"replies": [], "understood": understood}
        # A choice leaves the offer: the other number may follow, and a repeated turn must find it again.
        offered = tracker.get_slot("offered") if chosen else None
        for slot, value in (("language", language), ("offered", offered)):
            if tracker.get_slot(slot) != value:
                tracker.update(SlotSet(slot, value), agent.domain)
        await agent.tracker_store.save(tracker)
        # Actions read the channel (how long an answer may be) and a pin from the message's metadata.
        metadata = {"channel": channel, "location": location}
        await agent.processor.handle_message(
            UserMessage(text, said, conversation, parsed, DaleelInput.name(), message, metadata)
        )
        await memory.unstick(agent, conversation)
    return {"replies": _replies(said.messages), "understood": understood}


def _chosen(tracker: DialogueStateTracker, text: str) -> Optional[dict[str, Any]]:
    """The offered reading whose number, in any script's digits, or whose button is all of the text."""
    offered = tracker.get_slot("offered") or []
    number = int(text) if text.strip().isdecimal() and len(text) < _LONGEST_NUMBER else 0
    labels = [reading.get("label") for reading in offered]
    if text in labels:
        number = labels.index(text) + 1
    if tracker.active_loop_name and text.strip() in _NONE:
        # Not "cancel": Twilio takes that for a wish to get no messages at all.
        return _surely({"intent": "cancel", "entities": []}, text)
    if not 1 <= number <= len(offered):
        return None
    return _surely(offered[number - 1], text)


def _answered_before(tracker: DialogueStateTracker, message: str) -> Optional[dict[str, Any]]:
    """The answer to the message that was taken last, if it is this one and was answered."""
    events = list(tracker.events)
    at = next((at for at in reversed(range(len(events))) if isinstance(events[at], UserUttered)), None)
    if at is None or events[at].message_id != message:
        return None
    said = [{"text": event.text, **event.data} for event in events[at:] if isinstance(event, BotUttered)]
    replies = _replies([{**one, "buttons": one.get("buttons") or []} for one in said])
    return {"replies": replies, "understood": meaning(events[at].parse_data)} if replies else None


def _answered(tracker: DialogueStateTracker, parsed: dict[str, Any]) -> Optional[dict[str, Any]]:
    """The reading offered to a yes or a no, if that is what was said: plainly, for "yes, but ..." is neither."""
    said = fold(parsed["text"]).split()
    if len(said) > _LONGEST_YES or any(hope in "".join(said) for hope in _GOD_WILLING):
        return None
    for reading in tracker.get_slot("offered") or []:
        if reading.get("by") == parsed["intent"]["name"]:
            return _surely(reading, parsed["text"])
    return None


def _surely(reading: dict[str, Any], text: str) -> dict[str, Any]:
    """An offered reading as Rasa's parse of the text that chose it."""
    return {"text": text, "intent": {"name": reading["intent"], "confidence": 1.0}, "entities": reading["entities"]}


def _replies(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One reply per message of Rasa's that has a text, with the titles of its buttons; nothing is said twice."""
    replies: list[dict[str, Any]] = []
    for message in messages:
        if text := message.get("text"):
            reply = {"text": text, "buttons": [button["title"] for button in message.get("buttons", [])]}
            replies += [reply] if reply not in replies else []
    return replies


def _agent(request: Request) -> Agent:
    """The running agent. Raises RuntimeError while no model is loaded."""
    agent: Agent = request.app.ctx.agent
    if agent is None or not agent.is_ready():
        raise RuntimeError("no model is loaded")
    memory.lose_nothing(agent)
    return agent
