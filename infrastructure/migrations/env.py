"""Alembic's entry: runs migrations on the connection it is handed (daleel.database hands it over)."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=context.config.attributes.get("metadata"),
    # The job queue's tables are Procrastinate's own; autogenerate must not drop them.
    include_name=lambda name, kind, _: not (kind == "table" and (name or "").startswith("procrastinate")),
)
with context.begin_transaction():
    context.run_migrations()
