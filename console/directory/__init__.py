"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import coverage, entries, log

# Rooms come before an entry's own address.
ROUTERS = (coverage.router, log.router, entries.router)
