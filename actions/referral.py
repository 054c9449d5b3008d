"""What becomes of a referral that somebody asked for by text: opened, asked after, taken back."""

import uuid

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import asking
from actions.choices import Choice, Events, offer, spoken
from actions.conversation import FORGOTTEN, call_a_person
from actions.find_services import entities
from actions.referral_form import CONSENT, NEED, SHOWN, SLOTS, wish_of
from infrastructure.resources import Resources
from referrals import codes, opening
from referrals.consenting import NotOffered
from referrals.models import Referral
from referrals.opening import ConsentOutdated
from referrals.wishes import SENSITIVE, NeedsAPerson

FORGET = [SlotSet(slot, None) for slot in SLOTS]


class OpenReferral(Action):
    """The form's end: the referral opened with the consent as it was shown, or nothing sent."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_open_referral"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        try:
            key, code = await self._opened(tracker)
        except NeedsAPerson as needed:
            await call_a_person(self.resources, tracker, "asked")
            key, code = needed.says, ""
        except NotOffered:
            await call_a_person(self.resources, tracker, "asked")
            key, code = "utter_referral_gone_person", ""
        except ConsentOutdated:
            # Whoever receives it is called otherwise by now: nothing leaves on an older consent.
            await call_a_person(self.resources, tracker, "asked")
            key, code = "utter_referral_needs_a_person", ""
        dispatcher.utter_message(text=self.resources.wording.say(key, spoken(tracker), code=code))
        return [*FORGET, SlotSet("offered", None)]

    async def _opened(self, tracker: Tracker) -> tuple[str, str]:
        if tracker.get_slot(NEED) in SENSITIVE:
            raise NeedsAPerson
        if tracker.get_slot(CONSENT) != "yes":
            return "utter_referral_refused", ""
        async with self.resources.sessions() as session:
            referral = await opening.open_referral(
                session,
                self.resources.wording,
                uuid.UUID(tracker.sender_id),
                wish_of(tracker),
                str(tracker.get_slot(SHOWN)),
                _message_id(tracker),
            )
            code = referral.code
            await session.commit()
        return "utter_referral_opened", code


class CancelReferral(Action):
    """Leave the form: nothing of it is kept or sent."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_cancel_referral"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        dispatcher.utter_message(text=self.resources.wording.say("utter_referral_refused", spoken(tracker)))
        return [*FORGET, SlotSet("requested_slot", None), SlotSet("offered", None)]


class ReferralStatus(Action):
    """Where somebody's own referrals stand; a code of anybody else's is as unknown as one that never was."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources

    def name(self) -> str:
        return "action_referral_status"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        text = tracker.latest_message.get("text") or ""
        if codes.parse(text) and asking.takes_back(text):
            return await WithdrawReferral(self.resources).run(dispatcher, tracker, domain)
        code, found = await self._theirs(tracker)
        wording, language = self.resources.wording, spoken(tracker)
        if code and not found:
            dispatcher.utter_message(text=wording.say("utter_referral_no_such_code", language))
        else:
            dispatcher.utter_message(text=opening.status_text(wording, language, found))
        return []

    async def _theirs(self, tracker: Tracker) -> tuple[str | None, list[Referral]]:
        """The code that was written or chosen, and the referrals it means; without a code all of the person's."""
        conversation = uuid.UUID(tracker.sender_id)
        code = next(iter(entities(tracker, "reference")), None) or codes.parse(tracker.latest_message.get("text") or "")
        async with self.resources.sessions() as session:
            if code is None:
                return None, list(await opening.mine(session, conversation))
            one = await opening.find(session, conversation, code)
        return code, [one] if one else []


class StartAgain(ReferralStatus):
    """Forget what was spoken of; the language stays. Beside a referral's code "cancel" means that referral."""

    def name(self) -> str:
        return "action_start_again"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        if codes.parse(tracker.latest_message.get("text") or ""):
            return await WithdrawReferral(self.resources).run(dispatcher, tracker, domain)
        dispatcher.utter_message(response="utter_start_again")
        return [*FORGET, *(SlotSet(slot, None) for slot in FORGOTTEN), SlotSet("results_offset", 0)]


class WithdrawReferral(ReferralStatus):
    """Take a referral back: the one of the code, or the only open one; of several, which. Asked once more before."""

    def name(self) -> str:
        return "action_withdraw_referral"

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict) -> Events:
        code, found = await self._theirs(tracker)
        open_ones = [one for one in found if one.is_open]
        say, language = self.resources.wording.say, spoken(tracker)
        if not open_ones:
            missing = "utter_referral_no_such_code" if code else "utter_referral_none"
            key = "utter_referral_already_over" if code and found else missing
            dispatcher.utter_message(text=say(key, language, code=code))
            return [SlotSet("offered", None)]
        if entities(tracker, "confirmed"):
            return await self._withdraw(dispatcher, tracker, open_ones[0])
        if len(open_ones) > 1:
            choices = [_meant(one.code, one.code) for one in open_ones]
            return offer(dispatcher, tracker, say("utter_referral_which", language), choices, tapped=False)
        question = say("utter_referral_sure", language, code=open_ones[0].code)
        yes = Choice(
            say("utter_choice_referral_withdraw", language),
            "withdraw_referral",
            (("reference", open_ones[0].code), ("confirmed", "yes")),
            by="affirm",
        )
        no = Choice(say("utter_choice_no", language), "deny", by="deny")
        return offer(dispatcher, tracker, question, [yes, no], tapped=False)

    async def _withdraw(self, dispatcher: CollectingDispatcher, tracker: Tracker, referral: Referral) -> Events:
        async with self.resources.sessions() as session:
            done = await opening.withdraw(session, uuid.UUID(tracker.sender_id), referral)
            await session.commit()
        key = "utter_referral_withdrawn" if done else "utter_referral_already_over"
        dispatcher.utter_message(text=self.resources.wording.say(key, spoken(tracker), code=referral.code))
        return [SlotSet("offered", None)]


def _meant(label: str, code: str) -> Choice:
    return Choice(label, "withdraw_referral", (("reference", code),))


def _message_id(tracker: Tracker) -> uuid.UUID | None:
    """The message that said yes: bot/connector.py gives Rasa our own id of it."""
    told = next(event for event in reversed(tracker.events) if event["event"] == "user")
    try:
        return uuid.UUID(str(told.get("message_id")))
    except ValueError:
        return None
