"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import coverage, entries

# Rooms come before an entry's own address.
ROUTERS = (coverage.router, entries.router)
