"""The emulated Twilio as a process, and a phone on the command line."""

import time
from collections.abc import Iterator

import httpx
from fastapi import FastAPI

from channels.emulator import app as emulator
from channels.emulator.config import EmulatorConfig
from daleel.training import ROOT
from infrastructure.settings import Settings
from infrastructure.wording import load

# A first answer takes a fraction of a second; after a quiet stretch nothing more is coming.
FIRST_REPLY_SECONDS, QUIET_SECONDS, PAUSE_SECONDS = 20.0, 1.5, 0.1


def create_app(settings: Settings) -> FastAPI:
    """The emulator, standing across from this installation."""
    config = EmulatorConfig(
        account_sid=settings.required("twilio_account_sid"),
        auth_token=settings.required("twilio_auth_token"),
        sms_number=settings.required("twilio_sms_number"),
        whatsapp_number=settings.required("twilio_whatsapp_number"),
        webhook_url=f"{settings.public_base}/twilio/messages",
        assets_path=ROOT / "node_modules",
        templates=_templates(settings),
    )
    return emulator.create_app(config)


def _templates(settings: Settings) -> dict[str, str]:
    """The templates named in the settings, with the text that the operator has approved (docs/operating.md)."""
    named = {"ar": settings.twilio_whatsapp_template_ar, "en": settings.twilio_whatsapp_template_en}
    wording = load()
    return {sid: wording.say("utter_write_again", language) for language, sid in named.items() if sid}


def exchange(settings: Settings, sender: str, channel: str, text: str) -> Iterator[str]:
    """Send one text from an emulated phone; yields the answers that come."""
    phone_page = _phone_page(settings)
    with httpx.Client(base_url=f"{phone_page}/phones/{sender}", timeout=10, trust_env=False) as phone:
        try:
            before = len(_received(phone, channel))
            phone.post("/messages", json={"channel": channel, "body": text}).raise_for_status()
        except httpx.HTTPStatusError:
            raise SystemExit("Not sent: --from is a number like +9647000000001, --channel sms or whatsapp") from None
        deadline = time.monotonic() + FIRST_REPLY_SECONDS
        while time.monotonic() < deadline:
            received = _received(phone, channel)
            if len(received) > before:
                yield from received[before:]
                before, deadline = len(received), time.monotonic() + QUIET_SECONDS
            time.sleep(PAUSE_SECONDS)


def _phone_page(settings: Settings) -> str:
    """Where the running installation's phone page is; it says so itself."""
    try:
        answer = httpx.get(f"http://127.0.0.1:{settings.port}/phone", timeout=5, trust_env=False)
    except httpx.HTTPError:
        raise SystemExit(f"Daleel doesn't run on port {settings.port}: start it with `make run`") from None
    if answer.status_code != httpx.codes.TEMPORARY_REDIRECT:
        raise SystemExit("This installation talks to the real Twilio: there are no emulated phones")
    return answer.headers["location"].rstrip("/?")


def _received(phone: httpx.Client, channel: str) -> list[str]:
    transcript = phone.get("/messages", params={"channel": channel}).raise_for_status().json()
    return [message["body"] for message in transcript if message["direction"] == "outbound"]
