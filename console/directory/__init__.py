"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import editing, entries, entry, review

ROUTERS = (entries.router, review.router, editing.router, entry.router)
