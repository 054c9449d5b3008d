"""Content: created with the official client, sent by its sid, shown with its quick replies."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client
from twilio.rest.api.v2010.account.message import MessageInstance
from twilio.rest.content.v1.content import ContentList
from twilio.rest.content.v1.content.approval_create import ApprovalCreateList

from channels.emulator.config import EmulatorConfig
from tests.emulator.account import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, Redirected
from tests.emulator.running import running_emulator
from tests.phone import Phone

PERSON = "+9647000000009"
QUICK_REPLY = {
    "friendly_name": "answer",
    "language": "ar",
    "variables": {"1": "..."},
    "types": {
        "twilio/quick-reply": {
            "body": "{{1}}",
            "actions": [{"title": "المزيد", "id": "more"}, {"title": "{{2}}", "id": "{{2}}"}],
        }
    },
}


@pytest.fixture
def content_sid(twilio: Client) -> str:
    request = ContentList.ContentCreateRequest(QUICK_REPLY)
    sid = twilio.content.v1.contents.create(content_create_request=request).sid
    assert sid is not None
    assert sid.startswith("HX")
    return sid


def test_quick_replies_are_shown_and_tapped(twilio: Client, content_sid: str, whatsapp: Phone) -> None:
    whatsapp.texts("hello")
    twilio.messages.create(
        to=f"whatsapp:{PERSON}",
        from_=WHATSAPP_NUMBER,
        content_sid=content_sid,
        content_variables=json.dumps({"1": "أول خدمة", "2": "موظف"}),
    )

    message = whatsapp.receives("أول خدمة")
    assert message.quick_replies == [{"title": "المزيد", "id": "more"}, {"title": "موظف", "id": "موظف"}]
    whatsapp.taps("المزيد")


def test_only_an_approved_content_reaches_a_phone_outside_the_24_hours(twilio: Client, content_sid: str) -> None:
    def send() -> MessageInstance:
        return twilio.messages.create(to=f"whatsapp:{PERSON}", from_=WHATSAPP_NUMBER, content_sid=content_sid)

    with pytest.raises(TwilioRestException) as refused:
        send()
    assert refused.value.code == 63016
    wish = ApprovalCreateList.ContentApprovalRequest({"name": "write_again", "category": "UTILITY"})
    asked = twilio.content.v1.contents(content_sid).approval_create.create(content_approval_request=wish)
    assert asked.status == "approved"
    assert send().body == "..."


@pytest.mark.parametrize("body", [{}, {"name": "Write again!", "category": "UTILITY"}, {"name": "a", "category": "x"}])
def test_what_is_no_wish_for_approval_is_refused(http: httpx.Client, content_sid: str, body: dict[str, str]) -> None:
    path = f"/v1/Content/{content_sid}/ApprovalRequests/whatsapp"
    assert http.post(path, json=body, auth=(ACCOUNT, TOKEN)).json()["code"] == 20001
    nothing = f"/v1/Content/HX{'9' * 32}/ApprovalRequests/whatsapp"
    assert http.post(nothing, json={"name": "a", "category": "UTILITY"}, auth=(ACCOUNT, TOKEN)).status_code == 404


def test_templates_that_were_approved_before_are_there(config: EmulatorConfig) -> None:
    sid = "HX" + "a" * 32
    with running_emulator(replace(config, templates={sid: "write again"})) as url:
        client = Client(ACCOUNT, TOKEN, http_client=Redirected(url))
        sent = client.messages.create(to=f"whatsapp:{PERSON}", from_=WHATSAPP_NUMBER, content_sid=sid)
    assert sent.body == "write again"


def test_sms_has_the_text_without_the_buttons(twilio: Client, content_sid: str, phone: Phone) -> None:
    twilio.messages.create(to=PERSON, from_=SMS_NUMBER, content_sid=content_sid)
    assert phone.receives("...").quick_replies == []


@pytest.mark.parametrize("variables", ["{", "[]", '{"1": 5}', "[" * 100_000])
def test_wrong_variables_are_refused(twilio: Client, content_sid: str, variables: str) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(to=PERSON, from_=SMS_NUMBER, content_sid=content_sid, content_variables=variables)
    assert refused.value.code == 21656


def test_a_rendered_body_counts_against_the_limit(twilio: Client, content_sid: str) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages.create(
            to=PERSON, from_=SMS_NUMBER, content_sid=content_sid, content_variables=json.dumps({"1": "a" * 1601})
        )
    assert refused.value.code == 21617


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [],
        {**QUICK_REPLY, "types": {}},
        {**QUICK_REPLY, "types": {"twilio/quick-reply": None}},
        {**QUICK_REPLY, "types": {"twilio/quick-reply": {"body": "x", "actions": [{"title": "t", "id": "i"}] * 4}}},
        {**QUICK_REPLY, "types": {"twilio/quick-reply": {"body": "x", "actions": [{"title": "t" * 21, "id": "i"}]}}},
    ],
)
def test_wrong_contents_are_refused(http: httpx.Client, wrong: Any) -> None:
    answer = http.post("/v1/Content", json=wrong, auth=(ACCOUNT, TOKEN))
    assert (answer.status_code, answer.json()["code"]) == (400, 20001)


def test_a_content_can_be_fetched(twilio: Client, content_sid: str) -> None:
    assert twilio.content.v1.contents(content_sid).fetch().friendly_name == "answer"
    with pytest.raises(TwilioRestException):
        twilio.content.v1.contents("HX" + "0" * 32).fetch()
