from tests.console.serving import engines
from tests.conversations.far_ends import provider, rasa
from tests.conversations.staff import ali, zainab

__all__ = ["ali", "engines", "provider", "rasa", "zainab"]
