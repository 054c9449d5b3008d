"""The questions of the referral form, each with its numbered answers: Rasa's form runs action_ask_ and the slot."""

from collections.abc import Sequence

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions.choices import Choice, Events, offer, spoken
from actions.find_services import COMMON_NEEDS
from actions.referral_form import (
    CHANGE,
    CONSENT,
    HOW,
    NEED,
    NUMBER,
    OURS,
    PLACE,
    RIGHT,
    SERVICE,
    SHOWN,
    WHEN,
    WORDS,
    wish_of,
)
from directory.search import Wanted, search
from infrastructure.resources import Resources
from referrals import consenting
from referrals.consenting import NotOffered

ASKED = (NEED, PLACE, SERVICE, HOW, NUMBER, WHEN, WORDS, RIGHT, CHANGE, CONSENT)
SERVICES_OFFERED = 2


class Ask(Action):
    """One question of the form."""

    def __init__(self, resources: Resources, slot: str) -> None:
        self.resources, self.slot = resources, slot

    def name(self) -> str:
        return f"action_ask_{self.slot}"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if self.slot == CONSENT:
            return await self._ask_consent(dispatcher, tracker)
        choices = await self._choices(tracker)
        if self.slot == RIGHT:
            question = consenting.summary(self.resources.wording, spoken(tracker), wish_of(tracker))
            return offer(dispatcher, tracker, question, choices, of_form=True, tapped=False)
        how_to_stop = self._say(tracker, "utter_referral_stop") if self.slot in (NEED, PLACE, HOW) else ""
        question = self._say(tracker, f"utter_ask_{self.slot}")
        return offer(dispatcher, tracker, question, choices, how_to_stop, of_form=True)

    async def _choices(self, tracker: Tracker) -> list[Choice]:
        if self.slot == NEED:
            return [self._need(tracker, need) for need in COMMON_NEEDS]
        if self.slot == SERVICE:
            return await self._services(tracker)
        offered = {
            HOW: ("how=call", "how=text", "how=number"),
            WHEN: ("when=morning", "when=afternoon", "when=evening", "when=any"),
            WORDS: ("words=-",),
            RIGHT: ("right=yes", "right=change"),
            CHANGE: ("change=need", "change=place", "change=how", "change=words"),
        }
        return [self._choice(tracker, value) for value in offered.get(self.slot, ())]

    async def _services(self, tracker: Tracker) -> list[Choice]:
        """The nearest services, or whichever our caseworkers find."""
        wish = wish_of(tracker)
        wanted, demo = Wanted([wish.need], wish.place), self.resources.settings.demo
        async with self.resources.sessions() as session:
            page = await search(session, wanted, offset=0, limit=SERVICES_OFFERED, demo=demo)
        named = {str(one.service_id): one.service_name[spoken(tracker)] for one in page.results}
        choices = [Choice(name, "open_referral", (("referral", f"service={one}"),)) for one, name in named.items()]
        return [*choices, self._choice(tracker, f"service={OURS}")]

    async def _ask_consent(self, dispatcher: CollectingDispatcher, tracker: Tracker) -> Events:
        """The consent, kept word by word; where the service is gone meanwhile, the request is our caseworkers'."""
        wish, wording = wish_of(tracker), self.resources.wording
        events: Events = []
        async with self.resources.sessions() as session:
            try:
                text = await consenting.consent_text(session, wording, spoken(tracker), wish)
            except NotOffered:
                dispatcher.utter_message(text=self._say(tracker, "utter_referral_service_gone"))
                events = [SlotSet(SERVICE, OURS)]
                text = consenting.consent_to(None, wording, spoken(tracker), wish)
        choices = [self._choice(tracker, "consent=yes", "affirm"), self._choice(tracker, "consent=no", "deny")]
        # The text has its numbers in it: it is kept as it was shown. Somebody's own has nothing to tap (choices.offer).
        dispatcher.utter_message(text=text)
        return [*events, SlotSet(SHOWN, text), SlotSet("offered", [one.reading() for one in choices])]

    def _need(self, tracker: Tracker, need: str) -> Choice:
        return Choice(self._say(tracker, f"utter_need_{need}"), "open_referral", (("need", need),))

    def _choice(self, tracker: Tracker, value: str, by: str | None = None) -> Choice:
        slot, _, said = value.partition("=")
        by = {"right=yes": "affirm", "right=change": "deny"}.get(value, by)
        key = "utter_choice_yes" if value == "consent=yes" else "utter_choice_no" if value == "consent=no" else ""
        label = self._say(tracker, key or f"utter_choice_referral_{slot}_{'none' if said == '-' else said}")
        return Choice(label, "open_referral", (("referral", value),), by)

    def _say(self, tracker: Tracker, key: str) -> str:
        return self.resources.wording.say(key, spoken(tracker))


def questions(resources: Resources) -> Sequence[Ask]:
    """All of the form's questions."""
    return [Ask(resources, slot) for slot in ASKED]
