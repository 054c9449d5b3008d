from tests.console.serving import engines

__all__ = ["engines"]
