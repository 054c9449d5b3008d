from tests.console.serving import engines
from tests.conversations.far_ends import assistant, provider, rasa
from tests.conversations.staff import ali, zainab

__all__ = ["ali", "assistant", "engines", "provider", "rasa", "zainab"]
