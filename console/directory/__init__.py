"""The service directory in the console: finding, writing, reviewing and exchanging what the bot says."""

from console.directory import (
    asking,
    checks,
    coverage,
    due,
    duplicates,
    editing,
    entries,
    entry,
    exports,
    imports,
    log,
    reports,
    review,
)

# Rooms come before an entry's own address.
ROUTERS = (
    entries.router,
    review.router,
    due.router,
    asking.router,
    checks.router,
    reports.router,
    coverage.router,
    duplicates.router,
    imports.router,
    exports.router,
    log.router,
    editing.router,
    entry.router,
)
