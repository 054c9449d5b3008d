"""Settings: what is refused, what is understood, and that the README tells of each."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from infrastructure.settings import Settings

LIVE = {
    "TWILIO_ACCOUNT_SID": "AC" + "1" * 32,
    "TWILIO_AUTH_TOKEN": "token",
    "TWILIO_SMS_NUMBER": "+15550100",
    "PUBLIC_URL": "https://daleel.example.org",
}
GOOD_SECRET = "k3Jd9sLq0ZxV7bN2mPqR8tYw5uE1oA6c"


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields.values():
        monkeypatch.delenv(str(field.alias), raising=False)


def settings(**values: str) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[call-arg]


def test_without_any_setting_the_emulator_stands_in() -> None:
    assert settings().uses_emulator
    assert settings().demo


def test_a_local_api_address_is_still_a_demo_and_the_real_one_is_not() -> None:
    assert settings(**LIVE, TWILIO_API_URL="http://127.0.0.1:9000").demo
    assert not settings(**LIVE).demo
    assert not settings(**LIVE, TWILIO_API_URL="https://twilio.example.org").demo


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        pytest.param({"TWILIO_AUTH_TOKEN": ""}, "go together", id="account without token"),
        pytest.param({"TWILIO_SMS_NUMBER": ""}, "TWILIO_SMS_NUMBER", id="no number to answer from"),
        pytest.param({"PUBLIC_URL": "http://daleel.example.org"}, "https", id="live without https"),
        pytest.param({"DALEEL_SECRET": "short"}, "32 random", id="live with a short secret"),
        pytest.param({"DALEEL_SECRET": "changeme" * 8}, "32 random", id="live with a placeholder"),
        pytest.param({"PUBLIC_URL": ""}, "https", id="live without a public address"),
        pytest.param({"TWILIO_API_URL": "http://twilio.example.org"}, "token", id="the token in the clear"),
        pytest.param({"DALEEL_STAFF_REPLY_MINUTES": "0"}, "STAFF_REPLY", id="no time to answer"),
        pytest.param({"TWILIO_WHATSAPP_TEMPLATE_AR": f"HX{'a' * 32}"}, "go together", id="a template in one language"),
        pytest.param({"TWILIO_WHATSAPP_TEMPLATE_AR": "write again"}, "TEMPLATE_AR", id="a template that is no sid"),
        pytest.param({"DALEEL_PORT": "eighty"}, "DALEEL_PORT", id="a port that is no number"),
    ],
)
def test_what_is_refused(changes: dict[str, str], complaint: str) -> None:
    with pytest.raises(ValidationError, match=complaint):
        settings(**(LIVE | changes))


def test_live_with_a_good_secret() -> None:
    assert settings(**LIVE, DALEEL_SECRET=GOOD_SECRET).required("secret") == GOOD_SECRET


def test_a_blank_line_of_an_env_file_means_unset() -> None:
    blank = settings(DATABASE_URL="", DALEEL_PORT=" ", TWILIO_API_URL="")
    assert (blank.database_url, blank.port) == (None, 8080)
    assert blank.twilio_api_url == "https://api.twilio.com"


def test_the_public_address_has_no_slash_at_its_end() -> None:
    assert settings(PUBLIC_URL="http://localhost:9999/").public_base == "http://localhost:9999"
    assert settings(DALEEL_PORT="8090").public_base == "http://localhost:8090"


def test_a_missing_setting_is_named() -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        settings().required("database_url")


def test_the_readme_tells_of_every_setting() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text("utf-8")
    told = set(re.findall(r"^\| `([A-Z_]+)` \|", readme, re.MULTILINE))
    assert told == {str(field.alias) for field in Settings.model_fields.values()}


def test_the_shells_own_variables_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "HOST", "PORT", "SECRET"):
        monkeypatch.setenv(name, "9")
    plain = settings()
    assert (str(plain.home), plain.host, plain.port, plain.secret) == ("var", "127.0.0.1", 8080, None)
