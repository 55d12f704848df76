"""Runs the steps on the connection and transaction that `Database.upgrade` hands over."""

from alembic import context

from handoff.tables import metadata

config = context.config
context.configure(
    connection=config.attributes["connection"],
    target_metadata=metadata,
    version_table=config.attributes["version_table"],
    # The caller's transaction holds everything, so that a killed upgrade never happened.
    transactional_ddl=False,
    render_as_batch=True,
)
context.run_migrations()
