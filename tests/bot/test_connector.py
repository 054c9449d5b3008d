"""The channel of a running Rasa."""

import asyncio
from typing import Any

import pytest
from conftest import ActionServer, Rasa
from rasa.core.tracker_store import RedisTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import memory
from bot.meaning import is_left_to_us, meaning, plain
from bot.memory import forget


def test_health(rasa: Rasa) -> None:
    assert rasa.health() == {"status": "ok"}


def test_a_turn_returns_replies_and_what_was_understood(rasa: Rasa, actions: ActionServer) -> None:
    status, answer = rasa.turn("وين اكدر احصل على دعم نفسي بالموصل؟", conversation="a")
    assert status == 200
    assert answer["replies"] == [{"text": "action_find_services", "buttons": ["المزيد"]}]
    assert answer["understood"]["intent"] == "find_service"
    assert answer["understood"]["entities"]["need"] == ["mhpss"]
    call = actions.calls[-1]
    assert (call["sender_id"], call["tracker"]["slots"]["language"]) == ("a", "ar")


def test_the_language_of_a_turn_decides_the_words(rasa: Rasa) -> None:
    assert "دليل" in rasa.turn("مرحبا", "ar", "b")[1]["replies"][0]["text"]
    assert "Daleel" in rasa.turn("مرحبا", "en", "b")[1]["replies"][0]["text"]
    assert "دليل" in rasa.turn("hello", "ar", "b")[1]["replies"][0]["text"]


def test_slots_survive_between_turns_and_stay_within_a_conversation(rasa: Rasa, actions: ActionServer) -> None:
    rasa.turn("hello", "en", "c")
    rasa.turn("i need a lawyer", "en", "c")
    assert actions.calls[-1]["tracker"]["slots"]["language"] == "en"
    assert sum(event["event"] == "user" for event in actions.calls[-1]["tracker"]["events"]) == 2
    rasa.turn("اريد محامي", "ar", "d")
    assert sum(event["event"] == "user" for event in actions.calls[-1]["tracker"]["events"]) == 1


@pytest.mark.parametrize("text", ["/restart", '/greet{"x":1}', " \u200f/ /restart", "\ufeff//back", "/session_start"])
def test_a_leading_slash_is_no_command(rasa: Rasa, text: str) -> None:
    status, answer = rasa.turn(text, "en", "e")
    assert status == 200
    assert answer["understood"]["confidence"] < 1
    assert answer["replies"]


@pytest.mark.parametrize(
    "text",
    ["", "   ", "\u200f", "🙏", "😂😂😂", "\x00", "a\x00b", "\ud83d", "؟؟؟", "١", "x" * 10_000, "نص " * 3_000, "/"],
    ids=lambda text: ascii(text[:9]),
)
def test_any_text_gets_an_answer(rasa: Rasa, text: str) -> None:
    status, answer = rasa.turn(text, "ar", "f")
    assert (status, bool(answer["replies"])) == (200, True)
    assert rasa.post("understand", {"text": text})[1] == answer["understood"]


def test_a_pin_is_a_place_and_reaches_the_action(rasa: Rasa, actions: ActionServer) -> None:
    pin = {"latitude": 36.34, "longitude": 43.13, "label": ""}
    body = {"conversation": "p", "message": "m", "channel": "whatsapp", "text": "", "language": "ar", "location": pin}
    status, answer = rasa.post("turns", body)
    assert (status, answer["understood"]["intent"]) == (200, "give_location")
    message = actions.calls[-1]["tracker"]["latest_message"]
    assert message["metadata"]["location"] == pin
    assert message["metadata"]["channel"] == "whatsapp"


def test_an_unsure_message_is_asked_again(rasa: Rasa) -> None:
    _, answer = rasa.turn("", "en", "g")
    assert answer["understood"] == {"intent": "out_of_scope", "confidence": 0.0, "sure": False, "entities": {}}
    assert answer["replies"][0]["text"] == "action_clarify"


def test_danger_is_never_answered_by_rasa_nor_remembered(rasa: Rasa, actions: ActionServer) -> None:
    status, answer = rasa.turn("my husband beats me every night", "en", "danger")
    assert (status, answer["replies"]) == (200, [])
    assert answer["understood"]["intent"] == "gbv_disclosure"
    rasa.turn("i need a lawyer", "en", "danger")
    assert "husband" not in str(actions.calls[-1])


def test_misconduct_is_never_answered_by_rasa_nor_remembered(rasa: Rasa, actions: ActionServer) -> None:
    status, answer = rasa.turn("the man who gives out the food baskets wants to sleep with me", "en", "misconduct")
    assert (status, answer["replies"]) == (200, [])
    assert (answer["understood"]["intent"], answer["understood"]["sure"]) == ("report_misconduct", True)
    rasa.turn("i need a lawyer", "en", "misconduct")
    assert "baskets" not in str(actions.calls[-1])


def test_what_is_left_to_the_service() -> None:
    assert is_left_to_us({"intent": "gbv_disclosure", "sure": False})
    assert is_left_to_us({"intent": "report_misconduct", "sure": True})
    # Where it isn't clear, the bot asks what was meant.
    assert not is_left_to_us({"intent": "report_misconduct", "sure": False})
    assert not is_left_to_us({"intent": "find_service", "sure": True})


def test_a_forgotten_conversation_begins_anew_and_no_other(rasa: Rasa, actions: ActionServer) -> None:
    for conversation in ("forgotten", "remembered"):
        rasa.turn("i need a lawyer", "en", conversation)
    for _ in range(2):  # once more changes nothing
        assert rasa.post("forget", {"conversation": "forgotten"}) == (200, {})
    for conversation, said in (("forgotten", 1), ("remembered", 2)):
        rasa.turn("i need a doctor", "en", conversation)
        tracker = actions.calls[-1]["tracker"]
        assert sum(event["event"] == "user" for event in tracker["events"]) == said


@pytest.mark.parametrize("body", [{}, {"conversation": 1}, {"conversation": ""}, [], b"x"])
def test_only_a_conversation_can_be_forgotten(rasa: Rasa, body: Any) -> None:
    assert rasa.post("forget", body)[0] == 400


def test_a_tracker_is_deleted_from_redis(valkey: dict[str, Any]) -> None:
    """In the store that endpoints.yml names: Rasa's own ways to end a conversation leave its words there."""
    store = RedisTrackerStore(Domain.empty(), **valkey, key_prefix="daleel")
    for conversation in ("gone", "kept"):
        tracker = DialogueStateTracker.from_events(conversation, [UserUttered("words")])
        asyncio.run(store.save(tracker))
    forget(store, "gone")
    forget(store, "gone")
    assert list(store.red.keys("*")) == ["daleel:tracker:kept"]
    assert asyncio.run(store.retrieve("gone")) is None


def test_a_store_of_unknown_kind_is_no_silent_success() -> None:
    with pytest.raises(NotImplementedError):
        forget(TrackerStore(Domain.empty()), "c")


def test_a_number_takes_the_reading_offered_under_it(rasa: Rasa, actions: ActionServer) -> None:
    lawyer = {"intent": "find_service", "entities": [{"entity": "need", "value": "legal_aid"}]}
    actions.events = [{"event": "slot", "name": "offered", "value": [lawyer, {"intent": "help", "entities": []}]}]
    rasa.turn("where is a doctor in Erbil", "en", "choice")
    actions.events = []
    status, answer = rasa.turn("١", "ar", "choice")
    assert (status, answer["understood"]["intent"]) == (200, "find_service")
    assert answer["understood"]["entities"] == {"need": ["legal_aid"]}
    assert rasa.turn("2", "en", "choice")[1]["understood"]["intent"] == "help"
    assert rasa.turn("3", "en", "choice")[1]["understood"]["intent"] != "help"
    # A text that is no number closes the offer.
    rasa.turn("thank you", "en", "choice")
    assert rasa.turn("2", "en", "choice")[1]["understood"]["confidence"] < 1


def test_after_staff_a_conversation_begins_at_a_known_place(rasa: Rasa, actions: ActionServer) -> None:
    lawyer = {"intent": "find_service", "entities": [{"entity": "need", "value": "legal_aid"}]}
    known = {"need": ["health"], "place": "IQG15", "results_offset": 4.0, "offered": [lawyer], "asks": ["idp"]}
    actions.events = [{"event": "slot", "name": name, "value": value} for name, value in known.items()]
    rasa.turn("where is a doctor in Erbil", "en", "resumed")
    actions.events = []
    assert rasa.post("resume", {"conversation": "resumed", "language": "en"}) == (200, {"status": "ok"})
    assert rasa.post("resume", {"conversation": "resumed", "language": "en"})[0] == 200
    status, answer = rasa.turn("1", "en", "resumed")
    assert (status, answer["understood"]["confidence"] < 1) == (200, True)  # nothing is offered any more
    status, answer = rasa.turn("i need a lawyer", "en", "resumed")
    assert (status, answer["understood"]["intent"]) == (200, "find_service")
    tracker = actions.calls[-1]["tracker"]
    assert tracker["active_loop"] == {}
    slots = {name: tracker["slots"][name] for name in (*known, "language")}
    assert slots == {**dict.fromkeys(known), "results_offset": 0, "language": "en"}


def test_a_turn_that_comes_again_gets_the_answer_it_got(rasa: Rasa, actions: ActionServer) -> None:
    """Taken again, a "1" would answer the question that came after it."""
    first, second = ({"intent": "help", "entities": []}, {"intent": "find_service", "entities": []})
    actions.events = [{"event": "slot", "name": "offered", "value": [first]}]
    rasa.turn("where is a doctor in Erbil", "en", "again")
    actions.events = [{"event": "slot", "name": "offered", "value": [second]}]
    body = {"conversation": "again", "message": "the same", "channel": "sms", "text": "1", "language": "en"}
    answers = [rasa.post("turns", {**body, "location": None}) for _ in range(3)]
    actions.events = []
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][1]["understood"]["intent"] == "help"
    assert rasa.turn("1", "en", "again")[1]["understood"]["intent"] == "find_service"


@pytest.mark.parametrize(
    ("said", "is_a_yes"),
    [
        ("yes", True),
        ("اي نعم", True),
        ("yes inshallah", False),
        ("ان شاء الله", False),
        ("yes but not on this number ok", False),
    ],
)
def test_only_a_plain_yes_is_one(rasa: Rasa, actions: ActionServer, said: str, is_a_yes: bool) -> None:
    sure = {"intent": "help", "entities": [], "by": "affirm"}
    actions.events = [{"event": "slot", "name": "offered", "value": [sure]}]
    rasa.turn("where is a doctor in Erbil", "en", f"yes {said}")
    actions.events = []
    assert (rasa.turn(said, "en", f"yes {said}")[1]["understood"]["intent"] == "help") is is_a_yes


def test_the_words_of_a_button_take_the_reading_offered_under_them(rasa: Rasa, actions: ActionServer) -> None:
    lawyer = {"intent": "find_service", "entities": [{"entity": "need", "value": "legal_aid"}], "label": "A helper"}
    actions.events = [{"event": "slot", "name": "offered", "value": [lawyer]}]
    rasa.turn("where is a doctor in Erbil", "en", "label")
    actions.events = []
    assert rasa.turn("A helper", "en", "label")[1]["understood"]["entities"] == {"need": ["legal_aid"]}


def _in_the_form(rasa: Rasa, actions: ActionServer, conversation: str) -> None:
    """The form for a referral is open, and asks how to reach somebody."""
    actions.events = [{"event": "slot", "name": "requested_slot", "value": "referral_how"}]
    status, _ = rasa.turn("please register me and call me back about food", "en", conversation)
    actions.events = []
    assert status == 200
    assert "validate_referral_form" in {call["next_action"] for call in actions.calls[-3:]}


def test_0_leaves_a_form_and_means_nothing_else(rasa: Rasa, actions: ActionServer) -> None:
    _in_the_form(rasa, actions, "zero")
    _, answer = rasa.turn("٠", "ar", "zero")
    assert (answer["understood"]["intent"], answer["replies"][0]["text"]) == ("cancel", "action_cancel_referral")
    assert rasa.turn("0", "en", "zero")[1]["understood"]["intent"] != "cancel"


def test_another_question_in_a_form_is_answered_and_the_form_asks_again(rasa: Rasa, actions: ActionServer) -> None:
    _in_the_form(rasa, actions, "between")
    _, answer = rasa.turn("where is a doctor in Erbil", "en", "between")
    assert answer["replies"][0]["text"] == "action_find_services"
    assert actions.calls[-1]["tracker"]["active_loop"]["name"] == "referral_form"


def test_the_wish_again_in_a_form_is_answered_once(rasa: Rasa, actions: ActionServer) -> None:
    _in_the_form(rasa, actions, "twice")
    for _ in range(2):
        status, answer = rasa.turn("please register me and call me back about food", "en", "twice")
        assert status == 200
        assert answer["replies"][0]["text"] == "I did not understand this answer."
        # The form checks the answer, and asks again.
        assert len(answer["replies"]) == 3
    assert actions.calls[-1]["tracker"]["active_loop"]["name"] == "referral_form"


def test_after_a_danger_a_form_asks_no_longer(rasa: Rasa, actions: ActionServer) -> None:
    _in_the_form(rasa, actions, "danger in a form")
    assert rasa.turn("my husband beats me every night", "en", "danger in a form")[1]["replies"] == []
    rasa.turn("i need a lawyer", "en", "danger in a form")
    assert actions.calls[-1]["next_action"] == "action_find_services"
    assert actions.calls[-1]["tracker"]["active_loop"] == {}


def test_a_question_is_set_aside_and_what_is_known_stays(rasa: Rasa, actions: ActionServer) -> None:
    actions.events = [{"event": "slot", "name": "place", "value": "IQG15"}]
    rasa.turn("where is a doctor in Erbil", "en", "aside")
    _in_the_form(rasa, actions, "aside")
    for _ in range(2):
        assert rasa.post("set-aside", {"conversation": "aside"}) == (200, {})
    rasa.turn("i need a lawyer", "en", "aside")
    tracker = actions.calls[-1]["tracker"]
    assert (tracker["active_loop"], tracker["slots"]["place"]) == ({}, "IQG15")


@pytest.mark.parametrize(("hours", "is_stale"), [(0, False), (11, False), (13, True), (48, True)])
def test_after_half_a_day_of_silence_a_question_is_asked_no_longer(hours: int, is_stale: bool) -> None:
    now = 1_800_000_000.0
    said = [UserUttered("register me", timestamp=now - hours * 3600), SlotSet("offered", [], timestamp=now)]
    assert memory.is_stale(DialogueStateTracker.from_events("c", said), now) is is_stale
    assert not memory.is_stale(DialogueStateTracker.from_events("c", []), now)


def test_staff_hand_back_in_the_middle_of_a_form(rasa: Rasa, actions: ActionServer) -> None:
    _in_the_form(rasa, actions, "back")
    assert rasa.post("resume", {"conversation": "back", "language": "en"}) == (200, {"status": "ok"})
    rasa.turn("i need a lawyer", "en", "back")
    assert actions.calls[-1]["next_action"] == "action_find_services"
    assert actions.calls[-1]["tracker"]["active_loop"] == {}


@pytest.mark.parametrize("body", [{}, {"conversation": ""}, [], b"x"])
def test_only_a_conversation_can_be_set_aside(rasa: Rasa, body: Any) -> None:
    assert rasa.post("set-aside", body)[0] == 400


def test_a_conversation_that_never_was_can_be_resumed(rasa: Rasa) -> None:
    assert rasa.post("resume", {"conversation": "new", "language": "ar"}) == (200, {"status": "ok"})
    assert "دليل" in rasa.turn("مرحبا", "ar", "new")[1]["replies"][0]["text"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        [],
        {},
        {"conversation": "", "language": "ar"},
        {"conversation": "x", "language": "ckb"},
        {"conversation": 1},
    ],
)
def test_a_malformed_resumption_is_refused(rasa: Rasa, body: Any) -> None:
    assert rasa.post("resume", body)[0] == 400


def test_a_failing_action_is_a_failure_not_silence(rasa: Rasa, actions: ActionServer) -> None:
    actions.failing = True
    try:
        status, answer = rasa.turn("where is a doctor in Erbil", "en", "h")
    finally:
        actions.failing = False
    assert status == 500
    assert answer["error"] == "the turn ended without a reply"
    assert answer["understood"]["intent"] == "find_service"
    assert rasa.turn("where is a doctor in Erbil", "en", "h")[0] == 200


def test_understanding_leaves_no_trace(rasa: Rasa, actions: ActionServer) -> None:
    status, understood = rasa.post("understand", {"text": "lost documents in Duhok"})
    assert (status, understood["entities"]["need"]) == (200, ["documentation"])
    rasa.turn("i need a lawyer", "en", "i")
    assert sum(event["event"] == "user" for event in actions.calls[-1]["tracker"]["events"]) == 1


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"", "the body is not JSON"),
        (b"\xff", "the body is not JSON"),
        ([], "the body is not a JSON object"),
        ({}, "conversation must be a string"),
        (
            {"conversation": "x", "message": 1, "channel": "sms", "text": "hi", "language": "ar"},
            "message must be a string",
        ),
        (
            {"conversation": "x", "message": "m", "channel": "sms", "text": None, "language": "ar"},
            "text must be a string",
        ),
        (
            {"conversation": "x", "message": "m", "channel": "sms", "text": "hi", "language": "ckb"},
            "language must be one of ar, en",
        ),
        (
            {"conversation": "", "message": "m", "channel": "sms", "text": "hi", "language": "ar"},
            "conversation and message must not be empty",
        ),
    ],
)
def test_a_malformed_request_is_told_why(rasa: Rasa, body: Any, complaint: str) -> None:
    assert rasa.post("turns", body) == (400, {"error": complaint})


def test_plain_text_keeps_everything_but_commands() -> None:
    assert plain(" \u2067// /x/y ") == "x/y "
    assert plain("ab\ud800") == "ab\ufffd"
    assert plain("") == ""


def test_meaning_lists_each_code_once_in_order() -> None:
    parsed = {
        "intent": {"name": "nlu_fallback", "confidence": 0.35},
        "intent_ranking": [{"name": "nlu_fallback", "confidence": 0.35}, {"name": "thank", "confidence": 0.3}],
        "entities": [
            {"entity": "place", "value": "IQG15"},
            {"entity": "need", "value": "food"},
            {"entity": "place", "value": "IQG09"},
            {"entity": "place", "value": "IQG15"},
        ],
    }
    assert meaning(parsed) == {
        "intent": "thank",
        "confidence": 0.3,
        "sure": False,
        "entities": {"place": ["IQG15", "IQG09"], "need": ["food"]},
    }


@pytest.mark.parametrize(
    ("text", "need"),
    [
        ("اريد محامي", "legal_aid"),
        ("areed mu7ami", "legal_aid"),
        ("I need a lawyer", "legal_aid"),
        ("دواء في البصرة", "health"),
        ("food in Kirkuk", "food"),
        ("counselling in Mosul", "mhpss"),
        ("شغل في دهوك", "livelihoods"),
        ("الجهال يشربون من الترعة والماي وسخ", "wash"),
        ("our tent is torn and the rain comes in", "shelter"),
    ],
)
def test_needs_by_name_and_by_situation(rasa: Rasa, text: str, need: str) -> None:
    understood = rasa.post("understand", {"text": text})[1]
    assert understood["intent"] == "find_service"
    assert understood["entities"]["need"] == [need]
