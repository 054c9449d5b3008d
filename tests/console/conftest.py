from tests.console.serving import address, app, colleague, engines, make_app, staff, visitor

__all__ = ["address", "app", "colleague", "engines", "make_app", "staff", "visitor"]
