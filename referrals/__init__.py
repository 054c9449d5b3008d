"""A consented link from a person to a service, or to our own caseworkers: opening it, and what becomes of it."""
