"""The process that takes turns and delivers answers."""

import console.accounts  # noqa: F401  messages and handovers refer to the table of staff
from channels.twilio.sending import TwilioSender
from conversations import desk, erasure, outbox, screening, turns  # noqa: F401  their tasks register themselves
from conversations.assistant import Assistant
from daleel import retention
from infrastructure import queue
from infrastructure.resources import opened
from infrastructure.settings import Settings


async def run(settings: Settings) -> None:
    """Work until told to stop."""
    screening.load()
    async with opened(settings) as resources:
        assistant = Assistant(settings.required("rasa_url"), settings.required("actions_url"))
        provider = TwilioSender(settings, resources.redis)
        try:
            await queue.work(
                settings.required("database_url"),
                {
                    "resources": resources,
                    "assistant": assistant,
                    "provider": provider,
                    "holdings": retention.HOLDINGS,
                    "retention": retention.rules(settings),
                },
            )
        finally:
            await provider.close()
            await assistant.close()
