"""How people in Iraq spell: one reading of many spellings, shared by the bot and the service.

Standard library only, and Python 3.10, because both environments import it.
"""
