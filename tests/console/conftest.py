from tests.console.serving import address, admin, app, boss, colleague, engines, make_app, staff, visitor

__all__ = ["address", "admin", "app", "boss", "colleague", "engines", "make_app", "staff", "visitor"]
