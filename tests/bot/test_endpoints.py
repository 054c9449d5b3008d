"""endpoints.yml and credentials.yml as Rasa reads them."""

import pytest
import yaml
from conftest import ROOT
from rasa.core.tracker_store import RedisTrackerStore, TrackerStore
from rasa.core.utils import AvailableEndpoints
from rasa.shared.exceptions import RasaException

VARIABLES = {
    "DALEEL_ACTIONS_URL": "http://127.0.0.1:1234/webhook",
    "DALEEL_TRACKER_HOST": "127.0.0.1",
    "DALEEL_TRACKER_PORT": "6399",
    "DALEEL_TRACKER_DB": "2",
    "DALEEL_TRACKER_PASSWORD": "",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def tracker_store() -> RedisTrackerStore:
    endpoints = AvailableEndpoints.read_endpoints(str(ROOT / "endpoints.yml"))
    assert endpoints.action.url == VARIABLES["DALEEL_ACTIONS_URL"]
    store = TrackerStore.create(endpoints.tracker_store)
    assert isinstance(store, RedisTrackerStore)
    return store


def test_trackers_live_three_days_under_our_prefix(environment: pytest.MonkeyPatch) -> None:
    store = tracker_store()
    assert store.record_exp == 3 * 24 * 60 * 60
    assert store.key_prefix == "daleel:tracker:"


def test_an_empty_password_means_none(environment: pytest.MonkeyPatch) -> None:
    connection = tracker_store().red.connection_pool.make_connection()
    assert (connection.host, connection.port, connection.db) == ("127.0.0.1", 6399, "2")
    assert not connection.password


def test_a_password_is_used(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("DALEEL_TRACKER_PASSWORD", "12345")
    assert tracker_store().red.connection_pool.make_connection().password == "12345"


def test_a_missing_variable_stops_rasa(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("DALEEL_TRACKER_HOST")
    with pytest.raises(RasaException, match="DALEEL_TRACKER_HOST"):
        tracker_store()


def test_ours_is_the_only_channel() -> None:
    assert list(yaml.safe_load((ROOT / "credentials.yml").read_text())) == ["bot.connector.DaleelInput"]
