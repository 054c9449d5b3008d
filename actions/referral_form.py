"""The form by which somebody opens a referral: what an answer says, and which question comes next.

Rasa's form asks (actions/referral_questions.py), this tells what was answered; a message that is no answer is left to
the rules, and the question is asked again after it. Nothing leaves before a summary was right and a consent was given.
"""

from functools import cache
from re import Pattern
from typing import Any
from uuid import UUID

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Events, spoken
from actions.find_services import entities, guessed_place, pin_of
from directory.places import nearest_district
from directory.search import Wanted, search
from infrastructure.resources import Resources
from orthography.folding import fold
from orthography.phrases import pattern
from referrals.wishes import SENSITIVE, Wish, number_in

FORM = "referral_form"
# The slots in the order of their questions; `Wish` has the same fields.
NEED, PLACE, SERVICE, HOW, NUMBER, WHEN, WORDS = (
    f"referral_{field}" for field in ("need", "place", "service", "how", "number", "when", "words")
)
RIGHT, CHANGE, CONSENT = "referral_right", "referral_change", "referral_consent"
# The consent as it was shown, word by word.
SHOWN = "referral_shown"
SLOTS = (NEED, PLACE, SERVICE, HOW, NUMBER, WHEN, WORDS, RIGHT, CHANGE, CONSENT, SHOWN)
# Left to our caseworkers; said nothing.
OURS, NOTHING = "ours", "-"
# What may interrupt a question that any words answer.
NO_WORDS = ("cancel", "talk_to_human", "change_language", "privacy_question", "help", "delete_my_data", "stop_messages")

PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    HOW: {
        "text": (
            "رساله/رسايل/رسائل/مسج/واتساب/واتس/كتابه/اكتب*/راسل*",
            "لا/ما/بدون تتصل*/تخابر*/تدگ*/اتصال/مكالمه",
            "text/texts/sms/message/messages/whatsapp/write",
            "not/dont/don't/no call*",
            "risala/rasala/msg/watsab/wats",
        ),
        "call": (
            "اتصل*/اتصال/خابر*/دگ*/مكالمه/تلفون/بالتلفون/يتصل*/تتصل*",
            "call/phone/ring",
            "itsal*/ittasil*/khabr*/telefon",
        ),
    },
    WHEN: {
        "morning": ("الصبح/صبح/صباح*/الضحى", "morning/mornings", "sub7/subuh/sabah"),
        "afternoon": ("الظهر/ظهر/العصر/عصر", "afternoon/noon", "thuhr/3asr/asr/dhuhr"),
        "evening": ("المسا/مسا/المساء/الليل/بالليل/المغرب/ليل", "evening/night", "leil/masa/maghrib"),
        "any": ("اي/كل وقت", "شوكت/متى ما/تحب*/يعجبك*", "any/anytime/whenever/always", "ay waqt/wakit"),
    },
}
# Below this the model only guesses; it hears a way home in many a wish to be called.
SURE, SURE_OF = 0.6, {"return": 0.9}
NO_ANSWER_TO_CONSENT = (
    "ان شاء/شا الله",
    "انشالله/انشاالله/انشاءالله/شالله",
    "انشاء الله",
    "inshallah/inshalla/insha/inshaallah",
)


class ValidateReferral(Action):
    """Takes what was answered, and says which question is next."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return f"validate_{FORM}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        answered = self._answered(dispatcher, tracker) if _is_answering(tracker) else {}
        slots = {slot: tracker.get_slot(slot) for slot in SLOTS} | answered
        if slots[NEED] and slots[PLACE] and not slots[SERVICE] and not await self._services(slots, 1):
            answered[SERVICE] = slots[SERVICE] = OURS
        events = [SlotSet(slot, value) for slot, value in answered.items()]
        return [*events, SlotSet("requested_slot", next_question(slots))]

    def _answered(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> dict[str, Any]:
        """What the last message answers; empty for what is no answer."""
        requested = tracker.get_slot("requested_slot")
        if requested is None or tracker.active_loop_name != FORM:
            return _opening(tracker)
        chosen = dict(value.split("=", 1) for value in entities(tracker, "referral"))
        found = {f"referral_{field}": value for field, value in chosen.items()} or _in_words(tracker, requested)
        if change := found.get(CHANGE):
            forgotten = {HOW: (HOW, NUMBER, WHEN), PLACE: (PLACE, SERVICE), NEED: (NEED, SERVICE)}
            again = forgotten.get(f"referral_{change}", (f"referral_{change}",))
            return dict.fromkeys((*again, RIGHT, CHANGE, CONSENT))
        if not found and tracker.latest_message["intent"]["name"] in ("affirm", "deny"):
            # A yes or a no to a question of another kind: said so, and asked again.
            text = self.resources.wording.say("utter_not_an_answer", spoken(tracker))
            dispatcher.utter_message(text=text)
            return {requested: None}
        return found

    async def _services(self, slots: dict[str, Any], limit: int) -> bool:
        wanted = Wanted([slots[NEED]], slots[PLACE])
        async with self.resources.sessions() as session:
            page = await search(session, wanted, offset=0, limit=limit, demo=self.resources.settings.demo)
        return bool(page.results)


def next_question(slots: dict[str, Any]) -> str | None:
    """The slot to ask for; None when there is nothing left to ask."""
    if slots[NEED] in SENSITIVE or slots[CONSENT]:
        return None
    needed = [NEED, PLACE, SERVICE, HOW]
    needed += [NUMBER] if slots[HOW] == "number" else []
    needed += [WHEN] if slots[HOW] in ("call", "number") else []
    needed += [WORDS, RIGHT]
    needed += [CHANGE] if slots[RIGHT] == "change" else []
    return next((slot for slot in (*needed, CONSENT) if slots[slot] is None), None)


def wish_of(tracker: Tracker) -> Wish:
    """The referral as it was answered so far."""
    slots = {slot: tracker.get_slot(slot) for slot in SLOTS}
    how = "call" if slots[HOW] == "number" else slots[HOW] or "call"
    return Wish(
        need=str(slots[NEED]),
        place=slots[PLACE],
        service_id=None if slots[SERVICE] in (None, OURS) else UUID(slots[SERVICE]),
        how=how,
        when=slots[WHEN] or "any",
        number=slots[NUMBER],
        words="" if slots[WORDS] in (None, NOTHING) else str(slots[WORDS]),
    )


def _is_answering(tracker: Tracker) -> bool:
    """Whether the last message is the form's to read: not one that a rule has answered already."""
    for event in reversed(tracker.events):
        if event["event"] == "user":
            return True
        if event["event"] == "action" and event["name"] not in (FORM, "action_listen", "action_extract_slots"):
            return False
    return True


def _opening(tracker: Tracker) -> dict[str, Any]:
    """What is known from the message that asks for a referral, and from what was spoken of before it."""
    need = _surely_needed(tracker) or tracker.get_slot("need") or []
    place = next(iter(entities(tracker, "place")), None) or tracker.get_slot("place")
    shown = tracker.get_slot("shown") or []
    found: dict[str, Any] = {**dict.fromkeys(SLOTS), NEED: next(iter(need), None), PLACE: place}
    if len(shown) == 1 and tracker.get_slot("focus") == "services" and not entities(tracker, "need"):
        found[SERVICE] = shown[0]["id"]
    return found


def _surely_needed(tracker: Tracker) -> list[str]:
    """The needs that a wish for a referral plainly names: "call me" names none, whatever the model finds in it."""
    found = tracker.latest_message.get("entities") or []
    needs = [(one["value"], one.get("confidence_entity", 1.0)) for one in found if one["entity"] == "need"]
    return [need for need, confidence in needs if confidence >= SURE_OF.get(need, SURE)]


def _in_words(tracker: Tracker, requested: str) -> dict[str, Any]:
    """An answer in somebody's own words."""
    message = tracker.latest_message
    text, intent = message.get("text") or "", message["intent"]["name"]
    folded = fold(text[:500])
    if requested == NEED:
        return {NEED: entities(tracker, "need")[0]} if entities(tracker, "need") else {}
    if requested == PLACE:
        place = next(iter(entities(tracker, "place")), None) or guessed_place(tracker) or _pin_place(tracker)
        return {PLACE: place} if place else {}
    if requested in (HOW, NUMBER) and (number := number_in(text)):
        return {HOW: "number", NUMBER: number}
    when = _read(WHEN, folded)
    # Some say how to reach them before they are asked.
    if requested in (SERVICE, HOW) and (how := _read(HOW, folded)):
        return {HOW: how, WHEN: when}
    if requested == WORDS:
        return {WORDS: text.strip() or NOTHING} if intent not in NO_WORDS else {}
    if requested == CONSENT and _unclear_consent().search(folded):
        return {CONSENT: None}
    if requested == WHEN and when:
        return {WHEN: when}
    # Said later on, it takes back what was said first.
    how = _read(HOW, folded) if requested in (WHEN, RIGHT, CHANGE, CONSENT) else None
    return {HOW: how, NUMBER: None, RIGHT: None, CHANGE: None} if how else {}


def _pin_place(tracker: Tracker) -> str | None:
    pin = pin_of(tracker)
    return nearest_district(*pin) if pin else None


def _read(slot: str, folded: str) -> str | None:
    return next((value for value, found in _phrases(slot).items() if found.search(folded)), None)


@cache
def _phrases(slot: str) -> dict[str, Pattern[str]]:
    return {value: pattern(phrases) for value, phrases in PHRASES[slot].items()}


@cache
def _unclear_consent() -> Pattern[str]:
    return pattern(NO_ANSWER_TO_CONSENT)
