"""Rasa's action endpoint (https://rasa.com/docs/rasa/action-server/): rasa_sdk's executor behind one route."""

from typing import Any

from fastapi import FastAPI, HTTPException, Request
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionNotFoundException

from actions.clarify import Clarify
from actions.conversation import ChangeLanguage, Help, StartMessages, StopMessages, TalkToHuman
from actions.details import Answer, ServiceDetail
from actions.erasure import DeleteMyData
from actions.feedback import GiveFeedback
from actions.find_services import FindServices, GiveLocation, MoreResults, ToNothing
from actions.referral import CancelReferral, OpenReferral, ReferralStatus, StartAgain, WithdrawReferral
from actions.referral_form import ValidateReferral
from actions.referral_questions import questions
from infrastructure.resources import Resources

ACTIONS = (
    FindServices,
    GiveLocation,
    Answer,
    Help,
    MoreResults,
    ServiceDetail,
    ValidateReferral,
    OpenReferral,
    CancelReferral,
    ReferralStatus,
    WithdrawReferral,
    Clarify,
    ChangeLanguage,
    DeleteMyData,
    GiveFeedback,
    StartAgain,
    StartMessages,
    StopMessages,
    TalkToHuman,
    ToNothing,
)


def everything(resources: Resources) -> list[Action]:
    """Every action of the domain."""
    return [*(kind(resources) for kind in ACTIONS), *questions(resources)]


def install(app: FastAPI, resources: Resources) -> None:
    """Add the endpoint with every action of the domain. For loopback only: it trusts whoever calls."""
    executor = ActionExecutor()
    for action in everything(resources):
        executor.register_action(action)

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
