"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import entries

ROUTERS = (entries.router,)
