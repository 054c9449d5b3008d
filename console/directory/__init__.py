"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import asking, checks, due, entries, reports

# Rooms come before an entry's own address.
ROUTERS = (due.router, asking.router, checks.router, reports.router, entries.router)
