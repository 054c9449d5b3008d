"""Every setting of the service, read from the environment or `.env`; the README's table explains each."""

from functools import cached_property
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from infrastructure.working_hours import WorkingHours

TWILIO_API = "https://api.twilio.com"
# https://www.twilio.com/docs/content
CONTENT_SID = "^HX[0-9a-f]{32}$"
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
# What people leave in example files; a secret that starts like this protects nothing.
PLACEHOLDERS = ("change", "secret", "password", "example", "test", "demo", "xxx")
# None at all would erase what is being answered; a century is for ever.
Days = Annotated[int, Field(ge=1, le=36_500)]


class Settings(BaseSettings):
    """One instance a process, built at its entry point and passed on; nothing reads the environment elsewhere."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore")

    host: str = Field("127.0.0.1", alias="DALEEL_HOST")
    port: int = Field(8080, alias="DALEEL_PORT")
    home: Path = Field(Path("var"), alias="DALEEL_HOME")
    secret: SecretStr | None = Field(None, alias="DALEEL_SECRET")
    database_url: str | None = Field(None, alias="DATABASE_URL")
    redis_url: str | None = Field(None, alias="REDIS_URL")
    publish_alone: bool = Field(False, alias="DALEEL_PUBLISH_ALONE")
    staff_hours: str = Field("SU-TH 08:00-16:00", alias="DALEEL_STAFF_HOURS")
    staff_reply_minutes: int = Field(30, ge=1, le=24 * 60, alias="DALEEL_STAFF_REPLY_MINUTES")
    public_url: str | None = Field(None, alias="PUBLIC_URL")
    rasa_url: str | None = Field(None, alias="RASA_URL")
    actions_url: str | None = Field(None, alias="ACTIONS_URL")
    phone_url: str | None = Field(None, alias="DALEEL_PHONE_URL")
    twilio_account_sid: str | None = Field(None, alias="TWILIO_ACCOUNT_SID")
    twilio_auth_token: SecretStr | None = Field(None, alias="TWILIO_AUTH_TOKEN")
    twilio_sms_number: str | None = Field(None, alias="TWILIO_SMS_NUMBER")
    twilio_whatsapp_number: str | None = Field(None, alias="TWILIO_WHATSAPP_NUMBER")
    twilio_messaging_service_sid: str | None = Field(None, alias="TWILIO_MESSAGING_SERVICE_SID")
    twilio_whatsapp_template_ar: str | None = Field(None, pattern=CONTENT_SID, alias="TWILIO_WHATSAPP_TEMPLATE_AR")
    twilio_whatsapp_template_en: str | None = Field(None, pattern=CONTENT_SID, alias="TWILIO_WHATSAPP_TEMPLATE_EN")
    twilio_api_url: str = Field(TWILIO_API, alias="TWILIO_API_URL")
    # How long personal data is kept (infrastructure.retention).
    keep_messages_days: Days = Field(365, alias="DALEEL_KEEP_MESSAGES_DAYS")
    keep_media_days: Days = Field(90, alias="DALEEL_KEEP_MEDIA_DAYS")
    keep_readings_days: Days = Field(365, alias="DALEEL_KEEP_READINGS_DAYS")
    keep_referrals_days: Days = Field(180, alias="DALEEL_KEEP_REFERRALS_DAYS")
    keep_misconduct_days: Days = Field(5 * 365, alias="DALEEL_KEEP_MISCONDUCT_DAYS")
    keep_tables_days: Days = Field(90, alias="DALEEL_KEEP_TABLES_DAYS")
    keep_audit_days: Days = Field(5 * 365, alias="DALEEL_KEEP_AUDIT_DAYS")

    @model_validator(mode="before")
    @classmethod
    def _blank_is_unset(cls, values: dict[str, object]) -> dict[str, object]:
        """`NAME=` in an `.env` file means "not set", as in a shell's `${NAME:-default}`."""
        return {name: value for name, value in values.items() if not (isinstance(value, str) and not value.strip())}

    @field_validator("staff_hours")
    @classmethod
    def _hours_can_be_read(cls, written: str) -> str:
        WorkingHours.read(written)
        return written

    @model_validator(mode="after")
    def _twilio_is_whole(self) -> "Settings":
        if (self.twilio_whatsapp_template_ar is None) != (self.twilio_whatsapp_template_en is None):
            raise ValueError("TWILIO_WHATSAPP_TEMPLATE_AR and _EN go together: set both or neither")
        credentials = (self.twilio_account_sid, self.twilio_auth_token)
        if any(credentials) and not all(credentials):
            raise ValueError("TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN go together: set both or neither")
        if all(credentials) and not (self.twilio_sms_number or self.twilio_whatsapp_number):
            raise ValueError("set TWILIO_SMS_NUMBER or TWILIO_WHATSAPP_NUMBER, or nothing could be answered")
        return self

    @model_validator(mode="after")
    def _secrets_are_secret(self) -> "Settings":
        value = self.secret.get_secret_value() if self.secret else None
        if value is not None and (len(value) < 32 or value.lower().startswith(PLACEHOLDERS)):
            raise ValueError("DALEEL_SECRET must be at least 32 random characters: openssl rand -base64 48")
        if not self.demo and urlsplit(self.public_base).scheme != "https":
            raise ValueError("PUBLIC_URL must be the https address that Twilio calls")
        api = urlsplit(self.twilio_api_url)
        if api.scheme != "https" and api.hostname not in LOOPBACK:
            raise ValueError("TWILIO_API_URL must be https: the account's token goes there")
        return self

    @property
    def uses_emulator(self) -> bool:
        """No Twilio account is set: the emulator stands in for it."""
        return self.twilio_account_sid is None

    @cached_property
    def demo(self) -> bool:
        """Nothing here can reach a real phone, so demo accounts and demo directory rows may be used."""
        return self.uses_emulator or urlsplit(self.twilio_api_url).hostname in LOOPBACK

    @property
    def public_base(self) -> str:
        """Where Twilio reaches this service, without a slash at the end."""
        return (self.public_url or f"http://localhost:{self.port}").rstrip("/")

    @property
    def configured_secret(self) -> str | None:
        """DALEEL_SECRET, if set; otherwise one is made and kept in `home` (infrastructure.vault)."""
        return self.secret.get_secret_value() if self.secret else None

    def required(self, name: str) -> str:
        """A setting that this process cannot do without; ValueError names it when it is missing."""
        value = getattr(self, name)
        if value is None:
            raise ValueError(f"{type(self).model_fields[name].alias} is not set; `make run` sets it by itself")
        return value.get_secret_value() if isinstance(value, SecretStr) else str(value)
