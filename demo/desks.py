"""The desks: what staff do in the console, with the forms of its pages."""

import re
from html import unescape

import httpx

from tests.console.directory_pages import address_of, filled_in
from tests.journeys.staff import send, signed_in
from tests.stack import Stack

CONVERSATIONS, REFERRALS, REPORTS = "/console/conversations", "/console/referrals", "/console/directory/reports"


class Desks:
    """Members of staff by their roles, each signed in when first needed. An AssertionError tells what isn't there."""

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._signed_in: dict[str, httpx.Client] = {}

    def conversation(self, number: str) -> str:
        """Where hotline staff read the conversation with this number."""
        page = self._as("hotline").get(CONVERSATIONS, params={"show": "all"}).text
        lines = re.findall(r'<a id="c-([0-9a-f-]{36})".*?class="address">(.*?)</bdi>', page, re.DOTALL)
        found = [conversation for conversation, masked in lines if masked.endswith(number[-3:])]
        assert len(found) == 1, f"{number} is {len(found)} times on the list"
        return f"{CONVERSATIONS}/{found[0]}"

    def take_over(self, number: str) -> None:
        """From now on only staff write to this number."""
        self._at_conversation(number, "take-over")

    def write(self, number: str, text: str) -> None:
        """Send a text that somebody wrote themselves."""
        self._at_conversation(number, "reply", text=text)

    def hand_back(self, number: str) -> None:
        """The bot answers again; the question was answered."""
        self._at_conversation(number, "hand-back", outcome="answered")

    def referral(self, code: str) -> str:
        """Where caseworkers work on the referral with this code."""
        page = self._as("caseworker").get(REFERRALS).text
        found = re.search(rf'href="({REFERRALS}/[0-9a-f-]+)"[^>]*>(?:(?!</a>).)*{code}', page, re.DOTALL)
        assert found, f"{code} is not on the caseworkers' list"
        return found[1]

    def take_referral(self, code: str) -> None:
        """See to it oneself."""
        address = self.referral(code)
        page = self._as("caseworker").get(address).text
        assert send(self._as("caseworker"), f"{address}/take", page, seen="").is_success

    def move_referral(self, code: str, seen: str, to: str) -> None:
        """Say that it went from one state to the next; the person is told."""
        address = self.referral(code)
        page = self._as("caseworker").get(address).text
        assert send(self._as("caseworker"), f"{address}/move", page, to=to, seen=seen).is_success

    def reported(self) -> str:
        """Where the entry stands that the first report is about."""
        return self._in_reports(r'href="(/console/directory/[0-9a-f-]{36})"')

    def correct_number(self, entry: str, old: str, new: str) -> None:
        """An admin writes another phone number and sends it for review."""
        page = self._as("admin").get(f"{entry}/edit").text
        form = filled_in(page)
        field = next(name for name, values in form.items() if name.endswith(".number") and values == [old])
        sent = self._as("admin").post(address_of(page), data=form | {field: new, "then": "review"})
        assert sent.is_success, sent.text

    def publish(self, entry: str) -> None:
        """A second person publishes it, and the admin closes the report."""
        page = self._as("reviewer").get(entry).text
        seen = _found(r'name="seen" value="([^"]+)"', page)
        assert send(self._as("reviewer"), f"{entry}/publish", page, seen=seen).is_success
        close = self._in_reports(rf'action="({REPORTS}/[0-9a-f-]+/close)"')
        assert send(self._as("admin"), close, self._reports(), seen="1", outcome="corrected").is_success

    def _at_conversation(self, number: str, act: str, **fields: str) -> None:
        address = self.conversation(number)
        page = self._as("hotline").get(address).text
        key = re.search(r'name="key" value="([^"]+)"', page)
        fields |= {"key": key[1]} if key else {}
        assert send(self._as("hotline"), f"{address}/{act}", page, **fields).is_success

    def _in_reports(self, pattern: str) -> str:
        return _found(pattern, self._reports())

    def _reports(self) -> str:
        return self._as("admin").get(REPORTS).text

    def _as(self, role: str) -> httpx.Client:
        if role not in self._signed_in:
            self._signed_in[role] = signed_in(self._stack, role)
        return self._signed_in[role]


def _found(pattern: str, page: str) -> str:
    found = re.search(pattern, page)
    assert found, f"{pattern} is not on the page"
    return unescape(found[1])
