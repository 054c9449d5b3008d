"""Changes come from our own pages only, and browsers are told to trust nothing else."""

import pytest
from fastapi import FastAPI

from tests.console.browsing import EMAIL, PASSWORD, Visitor

LIST = "/console/conversations"
FORGED = "This was not accepted"


async def test_form_without_token_is_refused(colleague: Visitor) -> None:
    answer = await colleague.post("/console/sign-out")
    assert answer.status_code == 403
    assert FORGED in answer.text
    assert (await colleague.get(LIST)).status_code == 200


async def test_refusal_is_said_in_arabic_too(colleague: Visitor) -> None:
    answer = await colleague.post("/console/sign-out", headers={"Accept-Language": "ar-IQ,ar;q=0.9,en;q=0.5"})
    assert answer.status_code == 403
    assert "لم يُقبل الطلب" in answer.text
    assert 'dir="rtl"' in answer.text


async def test_sign_in_form_is_bound_to_the_browser(visitor: Visitor) -> None:
    token = await visitor.token()
    visitor.cookies.clear()
    answer = await visitor.post("/console/sign-in", data={"form_token": token, "email": EMAIL, "password": PASSWORD})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "http://["}, 403),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "http://test"}, 303),
        ({"Origin": "http://test"}, 303),
        ({}, 303),
    ],
)
async def test_forms_from_elsewhere_are_refused(colleague: Visitor, headers: dict[str, str], status: int) -> None:
    token = await colleague.token(LIST)
    answer = await colleague.post("/console/sign-out", data={"form_token": token}, headers=headers)
    assert answer.status_code == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"},
        {"Content-Type": "application/json", "Origin": "https://evil.example"},
    ],
)
async def test_api_takes_json_from_our_own_pages_only(colleague: Visitor, headers: dict[str, str]) -> None:
    answer = await colleague.post("/api/understand", content=b'{"text": "x"}', headers=headers)
    assert (answer.status_code, answer.json()) == (403, {"error": "forged_request"})


async def test_every_route_that_changes_something_is_guarded(app: FastAPI, visitor: Visitor) -> None:
    addresses = [
        "/console/sign-in",
        "/console/sign-out",
        "/console/language",
        "/console/conversations/3c0ffee0-0000-4000-8000-000000000000/take-over",
        "/console/conversations/3c0ffee0-0000-4000-8000-000000000000/reply",
        "/console/conversations/3c0ffee0-0000-4000-8000-000000000000/hand-back",
        "/console/conversations/3c0ffee0-0000-4000-8000-000000000000/erase",
        "/console/misconduct/3c0ffee0-0000-4000-8000-000000000000",
        "/console/learning/3c0ffee0-0000-4000-8000-000000000000",
        "/console/emergency-lines/new",
        "/console/emergency-lines/3c0ffee0-0000-4000-8000-000000000000",
        "/console/emergency-lines/3c0ffee0-0000-4000-8000-000000000000/remove",
        "/console/directory/due/3c0ffee0-0000-4000-8000-000000000000/right",
        "/console/directory/due/3c0ffee0-0000-4000-8000-000000000000/link",
        "/console/directory/due/3c0ffee0-0000-4000-8000-000000000000/keeper",
        "/console/directory/due/organization/3c0ffee0-0000-4000-8000-000000000000/link",
        "/console/directory/due/organization/3c0ffee0-0000-4000-8000-000000000000/keeper",
        "/console/directory/reports/3c0ffee0-0000-4000-8000-000000000000/close",
        "/console/directory/3c0ffee0-0000-4000-8000-000000000000/flag",
        "/api/understand",
    ]
    for address in addresses:
        assert (await visitor.post(address)).status_code == 403, address


@pytest.mark.parametrize("address", ["/console/sign-in", LIST, "/console/nothing-here", "/api/understand"])
async def test_headers_of_pages(colleague: Visitor, address: str) -> None:
    headers = (await colleague.get(address)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["cache-control"] == "no-store"


async def test_other_paths_are_left_alone(app: FastAPI, visitor: Visitor) -> None:
    @app.post("/twilio/messages")
    async def webhook() -> str:
        return "taken"

    answer = await visitor.post("/twilio/messages", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 200
    assert "content-security-policy" not in answer.headers
    assert (await visitor.get("/nothing-here")).json() == {"detail": "Not Found"}


async def test_failures_get_a_page_with_the_same_headers(app: FastAPI, visitor: Visitor) -> None:
    @app.get("/console/broken")
    async def broken() -> None:
        raise RuntimeError("broken")

    visitor._transport.raise_app_exceptions = False  # type: ignore[attr-defined]
    answer = await visitor.get("/console/broken")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "content-security-policy" in answer.headers


async def test_assets_are_served_by_name_alone(visitor: Visitor) -> None:
    page = (await visitor.get("/console/sign-in")).text
    for name in ("bootstrap.min.css", "console.css", "htmx.min.js", "sse.js", "fonts/noto-sans-arabic.css"):
        assert f"/assets/{name}?v=" in page
        answer = await visitor.get(f"/assets/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
    font = await visitor.get("/assets/fonts/files/noto-sans-arabic-arabic-wght-normal.woff2")
    assert font.content[:4] == b"wOF2"
    for name in ("../package.json", "htmx.js", "%2e%2e/pyproject.toml", "console.css/"):
        assert (await visitor.get(f"/assets/{name}")).status_code == 404


@pytest.mark.parametrize("charset", ["unicode_escape", "utf-7", "no-such-charset"])
async def test_odd_charsets_in_forms_are_refused_not_stumbled_over(visitor: Visitor, charset: str) -> None:
    token = await visitor.token()
    part = f'--x\r\nContent-Disposition: form-data; name="email"\r\nContent-Type: text/plain; charset={charset}\r\n\r\n'
    body = f'{part}\\ud800\r\n--x\r\nContent-Disposition: form-data; name="form_token"\r\n\r\n{token}\r\n--x--\r\n'
    headers = {"Content-Type": f"multipart/form-data; boundary=x; charset={charset}"}
    answer = await visitor.post("/console/sign-in", content=body.encode(), headers=headers)
    assert answer.status_code in (401, 403)
