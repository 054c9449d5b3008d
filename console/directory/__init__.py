"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import coverage, duplicates, editing, entries, entry, log, review

# Rooms come before an entry's own address.
ROUTERS = (
    entries.router,
    review.router,
    coverage.router,
    duplicates.router,
    log.router,
    editing.router,
    entry.router,
)
