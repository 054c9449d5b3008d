"""The Messages resource, through Twilio's own client: what is accepted, what is refused and how."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.http.async_http_client import AsyncTwilioHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from tests.emulator.account import ACCOUNT, SMS_NUMBER, TOKEN, WHATSAPP_NUMBER, Redirected
from tests.emulator.running import Clock
from tests.phone import Phone

PERSON = "+9647000000009"
PATH = f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
SMS = {"To": PERSON, "From": SMS_NUMBER, "Body": "hello"}
WHATSAPP = {"To": f"whatsapp:{PERSON}", "From": WHATSAPP_NUMBER, "Body": "hello"}


def post(http: httpx.Client, form: dict[str, Any]) -> httpx.Response:
    return http.post(PATH, data=form, auth=(ACCOUNT, TOKEN))


def test_a_text_is_accepted_and_arrives(twilio: Client, phone: Phone) -> None:
    sent = twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="Hello from Daleel")

    assert (sent.status, sent.error_code, sent.num_segments) == ("queued", None, "1")
    assert (sent.to, sent.from_, sent.direction) == (PERSON, SMS_NUMBER, "outbound-api")
    phone.receives("Hello from Daleel", within_parts=1)
    fetched = twilio.messages(sent.sid).fetch()
    assert (fetched.status, fetched.body) == ("delivered", "Hello from Daleel")
    assert fetched.date_sent is not None


def test_the_answer_has_twilios_form(http: httpx.Client, clock: Clock) -> None:
    answer = post(http, SMS)

    assert answer.status_code == 201
    resource = answer.json()
    assert resource["date_created"] == "Mon, 04 May 2026 09:00:00 +0000"
    assert resource["date_sent"] is None
    assert resource["uri"] == f"/2010-04-01/Accounts/{ACCOUNT}/Messages/{resource['sid']}.json"
    assert len(resource["sid"]) == 34
    assert resource["sid"].startswith("SM")


async def test_the_asynchronous_client_works_too(emulator_url: str) -> None:
    class AsyncRedirected(AsyncTwilioHttpClient):
        async def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:
            return await super().request(method, url.replace("https://api.twilio.com", emulator_url), *args, **kwargs)

    async with AsyncRedirected() as http_client:
        client = Client(ACCOUNT, TOKEN, http_client=http_client)
        sent = await client.messages.create_async(to=PERSON, from_=SMS_NUMBER, body="hello")
        listed = await client.messages.list_async(to=PERSON)

    assert [message.sid for message in listed] == [sent.sid]


def test_a_messaging_service_picks_the_sender(twilio: Client) -> None:
    sent = twilio.messages.create(to=PERSON, messaging_service_sid="MG" + "1" * 32, body="hello")

    assert (sent.from_, sent.messaging_service_sid) == (SMS_NUMBER, "MG" + "1" * 32)


@pytest.mark.parametrize(
    ("form", "code", "status"),
    [
        ({**SMS, "To": ""}, 21604, 400),
        ({**SMS, "To": "12"}, 21211, 400),
        ({**SMS, "To": "+96470000000000000"}, 21211, 400),
        ({**SMS, "To": "IQ.someone"}, 21211, 400),
        ({**SMS, "To": "\ud800".encode("utf-8", "surrogatepass")}, 21211, 400),
        ({**SMS, "From": ""}, 21603, 400),
        ({**SMS, "From": "+15559999999"}, 21212, 400),
        ({**SMS, "From": WHATSAPP_NUMBER}, 21910, 400),
        ({**SMS, "Body": ""}, 21602, 400),
        ({**SMS, "Body": "a" * 1601}, 21617, 400),
        ({**SMS, "StatusCallback": "not an address"}, 21609, 400),
        ({**WHATSAPP}, 63016, 400),
        ({**SMS, "ContentSid": "HX" + "0" * 32}, 21655, 400),
    ],
)
def test_refusals(http: httpx.Client, form: dict[str, Any], code: int, status: int) -> None:
    answer = post(http, form)

    assert answer.status_code == status
    refusal = answer.json()
    assert (refusal["code"], refusal["status"]) == (code, status)
    assert refusal["message"]
    assert refusal["more_info"] == f"https://www.twilio.com/docs/errors/{code}"
    assert http.get(f"/phones/{PERSON}/messages").json() == []


def test_the_longest_body_is_accepted(http: httpx.Client) -> None:
    assert post(http, {**SMS, "Body": "ا" * 1600}).json()["num_segments"] == "24"


@pytest.mark.parametrize("auth", [None, (ACCOUNT, "wrong"), ("AC" + "9" * 32, TOKEN), ("ü", "ü")])
@pytest.mark.parametrize("path", [PATH, "/v1/Content"])
def test_only_the_account_may_send(http: httpx.Client, auth: tuple[str, str] | None, path: str) -> None:
    answer = http.post(path, data=SMS, auth=auth)

    assert answer.status_code == 401
    assert answer.json()["code"] == 20003


def test_a_broken_authorization_header_is_no_error_of_ours(http: httpx.Client) -> None:
    assert http.get(PATH, headers={"Authorization": "Basic %%%"}).status_code == 401


def test_another_accounts_path_is_refused(http: httpx.Client) -> None:
    path = PATH.replace(ACCOUNT, "AC" + "9" * 32)
    assert http.post(path, data=SMS, auth=(ACCOUNT, TOKEN)).status_code == 401


def test_an_unknown_message_is_not_found(twilio: Client) -> None:
    with pytest.raises(TwilioRestException) as refused:
        twilio.messages("SM" + "0" * 32).fetch()
    assert (refused.value.status, refused.value.code) == (404, 20404)


def test_whatsapp_takes_free_text_for_24_hours(http: httpx.Client, whatsapp: Phone, clock: Clock) -> None:
    whatsapp.texts("hello")
    clock.pass_(hours=23, minutes=59)
    assert post(http, WHATSAPP).status_code == 201
    clock.pass_(minutes=2)
    assert post(http, WHATSAPP).json()["code"] == 63016
    whatsapp.texts("still here")
    assert post(http, WHATSAPP).status_code == 201


def test_an_sms_does_not_open_the_whatsapp_window(http: httpx.Client, phone: Phone) -> None:
    phone.texts("hello")
    assert post(http, WHATSAPP).json()["code"] == 63016


@pytest.mark.parametrize("word", ["STOP", " stop ", "Unsubscribe", "OPTOUT"])
def test_nobody_who_texted_stop_is_texted_until_start(http: httpx.Client, phone: Phone, word: str) -> None:
    phone.texts(word)
    assert post(http, SMS).json()["code"] == 21610
    phone.texts("start")
    assert post(http, SMS).status_code == 201


def test_stop_inside_a_sentence_is_only_a_word(http: httpx.Client, phone: Phone) -> None:
    phone.texts("where is the bus stop")
    assert post(http, SMS).status_code == 201


def test_lists_by_recipient_sender_and_time(twilio: Client, clock: Clock, phone: Phone) -> None:
    early = twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="early")
    phone.receives("early")
    clock.pass_(hours=2)
    late = twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body="late")
    phone.receives("late")
    other = twilio.messages.create(to="+9647000000008", from_=SMS_NUMBER, body="to somebody else")
    asked = phone.texts("from the phone")

    def sids(**filters: Any) -> list[str]:
        return [message.sid for message in twilio.messages.list(**filters)]

    assert sids(to=PERSON) == [late.sid, early.sid]
    assert sids(to=PERSON, from_=SMS_NUMBER, date_sent_after=clock.at) == [late.sid]
    assert sids(to=PERSON, date_sent_before=clock.at - timedelta(hours=1)) == [early.sid]
    assert sids(date_sent=clock.at - timedelta(days=1)) == []
    assert sids(from_=PERSON) == [asked]
    assert sids() == [asked, other.sid, late.sid, early.sid]


def test_a_wrong_date_filter_is_refused(http: httpx.Client) -> None:
    assert http.get(PATH, params={"DateSent>": "soon"}, auth=(ACCOUNT, TOKEN)).json()["code"] == 20001


def test_the_client_reads_page_after_page(twilio: Client) -> None:
    sent = [twilio.messages.create(to=PERSON, from_=SMS_NUMBER, body=str(n)).sid for n in range(7)]

    assert [message.sid for message in twilio.messages.list(page_size=3)] == sent[::-1]
    assert len(twilio.messages.list(limit=5)) == 5


def test_the_client_says_which_error_it_was(emulator_url: str) -> None:
    client = Client(ACCOUNT, "wrong", http_client=Redirected(emulator_url))
    with pytest.raises(TwilioRestException) as refused:
        client.messages.create(to=PERSON, from_=SMS_NUMBER, body="hello")
    assert (refused.value.status, refused.value.code) == (401, 20003)


def test_people_without_a_number_are_reached_on_whatsapp(http: httpx.Client, emulator_url: str) -> None:
    hidden = Phone(emulator_url, "IQ.abcd1234", "whatsapp")
    hidden.texts("hello")

    assert post(http, {**WHATSAPP, "To": "whatsapp:IQ.abcd1234"}).status_code == 201
    hidden.receives("hello")
