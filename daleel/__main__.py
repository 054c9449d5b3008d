"""`python -m daleel`."""

from daleel.cli import app

app()
