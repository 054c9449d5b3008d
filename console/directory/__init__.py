"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import coverage, duplicates, entries, log

# Rooms come before an entry's own address.
ROUTERS = (coverage.router, duplicates.router, log.router, entries.router)
