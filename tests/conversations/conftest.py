from tests.conversations.far_ends import provider, rasa
from tests.conversations.staff import ali, zainab

__all__ = ["ali", "provider", "rasa", "zainab"]
