"""Twilio's refusals: a number, an HTTP status and a sentence, in Twilio's JSON form."""

from fastapi import Request
from fastapi.responses import JSONResponse

# code: (HTTP status, message). Source: Twilio's error dictionary, https://www.twilio.com/docs/api/errors
ERRORS = {
    20001: (400, "Invalid parameter"),
    20003: (401, "Authenticate"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "Internal Server Error"),
    21211: (400, "Invalid 'To' Phone Number"),
    21212: (400, "Invalid 'From' Phone Number"),
    21408: (403, "Permission to send an SMS has not been enabled for the region of the 'To' number"),
    21602: (400, "Message body is required."),
    21603: (400, "A 'From' phone number is required."),
    21604: (400, "A 'To' phone number is required."),
    21609: (400, "The 'StatusCallback' URL is not a valid URL."),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21611: (429, "This 'From' number has exceeded the maximum number of queued messages"),
    21617: (400, "The concatenated message body exceeds the 1600 character limit"),
    21655: (400, "The ContentSid is Invalid"),
    21656: (400, "The Content Variables parameter is invalid"),
    21910: (400, "Invalid From and To pair. From and To should be of the same channel"),
    30003: (400, "Unreachable destination handset"),
    30005: (400, "Unknown destination handset"),
    30007: (400, "Message filtered"),
    30008: (400, "Unknown error"),
    63016: (400, "Failed to send freeform message because you are outside the allowed window. "
                 "If you are using WhatsApp, please use a Message Template."),
}  # fmt: skip


class TwilioError(Exception):
    """A request that Twilio would turn down."""

    def __init__(self, code: int, status: int | None = None) -> None:
        known_status, self.message = ERRORS.get(code, (400, "Unknown error"))
        self.code = code
        self.status = status or known_status
        super().__init__(f"{code} {self.message}")


async def answer(_: Request, error: Exception) -> JSONResponse:
    """The exception handler: Twilio's error document."""
    assert isinstance(error, TwilioError)
    document = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return JSONResponse(document, status_code=error.status)
