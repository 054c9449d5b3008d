"""Rasa's action endpoint (https://rasa.com/docs/rasa/action-server/): rasa_sdk's executor behind one route."""

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.clarify import Clarify
from actions.conversation import ChangeLanguage, PassOn, StartAgain, StartMessages, StopMessages, TalkToHuman
from actions.feedback import GiveFeedback
from actions.find_services import FindServices, GiveLocation, MoreResults
from infrastructure.resources import Resources

ACTIONS = (
    FindServices,
    GiveLocation,
    MoreResults,
    Clarify,
    ChangeLanguage,
    PassOn,
    GiveFeedback,
    StartAgain,
    StartMessages,
    StopMessages,
    TalkToHuman,
)


def install(app: FastAPI, resources: Resources) -> None:
    """Add the endpoint with every action of the domain. For loopback only: it trusts whoever calls."""
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action(resources))

    @app.post("/webhook")
    async def run(request: Request) -> dict[str, Any]:
        try:
            result = await executor.run(await request.json())
        except ActionNotFoundException as missing:
            raise HTTPException(404, {"error": str(missing), "action_name": missing.action_name}) from missing
        return result.model_dump() if result else {}

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}
