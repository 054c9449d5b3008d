"""What Rasa remembers of a conversation: its tracker, and how it is set aside, begun anew or lost for good."""

from rasa.core.agent import Agent
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, RedisTrackerStore, TrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME, REQUESTED_SLOT
from rasa.shared.core.events import ActionExecuted, ActiveLoop, AllSlotsReset, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

# After half a day nobody remembers what was asked: a form is over, nothing of it was sent, and a "1" shows the menu.
STALE_SECONDS = 12 * 3600


async def of(agent: Agent, conversation: str) -> DialogueStateTracker:
    """The memory of a conversation, an empty one where there is none. The caller holds the conversation's lock."""
    return await agent.processor.fetch_tracker_and_update_session(conversation, CollectingOutputChannel())


def is_stale(tracker: DialogueStateTracker, now: float) -> bool:
    """Whether so long nothing was said (`now` in seconds since 1970) that a number answers no question any more."""
    last = next((event.timestamp for event in reversed(tracker.events) if isinstance(event, UserUttered)), now)
    return now - last > STALE_SECONDS


async def set_aside(agent: Agent, tracker: DialogueStateTracker) -> None:
    """Asks no longer what was asked before a message that goes before everything; what is known stays known."""
    if tracker.active_loop_name or tracker.get_slot("offered"):
        asked = (ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), SlotSet("offered", None))
        await _begin_from(agent, tracker, *asked)


async def unstick(agent: Agent, conversation: str) -> None:
    """Lets a conversation go on in which Rasa found nothing to do next: it would find nothing for ever."""
    tracker = await of(agent, conversation)
    if tracker.latest_action_name != ACTION_LISTEN_NAME:
        await _begin_from(agent, tracker, ActiveLoop(None), SlotSet(REQUESTED_SLOT, None), SlotSet("offered", None))


async def resume(agent: Agent, conversation: str, language: str) -> None:
    """Lets a conversation begin at a known place. Resuming again changes nothing."""
    async with agent.lock_store.lock(conversation):
        tracker = await of(agent, conversation)
        await _begin_from(agent, tracker, ActiveLoop(None), AllSlotsReset(), SlotSet("language", language))


async def _begin_from(agent: Agent, tracker: DialogueStateTracker, *events: Event) -> None:
    for event in (*events, ActionExecuted(ACTION_LISTEN_NAME)):
        tracker.update(event, agent.domain)
    await agent.tracker_store.save(tracker)


def forget(store: TrackerStore, conversation: str) -> None:
    """Delete what a store remembers of a conversation. Rasa's stores have no method for it, so each kind has its way;
    NotImplementedError for one we don't know, as claiming that it forgot would be a lie."""
    if isinstance(store, RedisTrackerStore):
        store.red.delete(store.key_prefix + conversation)
    elif isinstance(store, InMemoryTrackerStore):
        store.store.pop(conversation, None)
    else:
        raise NotImplementedError(type(store).__name__)


def lose_nothing(agent: Agent) -> None:
    """Take Rasa's safety net off its tracker store.

    When the store fails, the net goes on with an empty memory: the language, the need and the place are forgotten and
    the answer is wrong. Without it the turn fails, and the caller tries again.
    """
    if isinstance(agent.tracker_store, FailSafeTrackerStore):
        agent.tracker_store = agent.processor.tracker_store = agent.tracker_store._tracker_store
