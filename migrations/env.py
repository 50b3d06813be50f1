"""How does Alembic reach the database of the running application?"""

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def run_migrations() -> None:
    """Run the numbered files on the application's own connection, in one transaction."""
    with database.engine.connect().execution_options(writing=True) as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            compare_type=True,
            render_as_batch=False,
            user_module_prefix="base.",
        )
        with context.begin_transaction():
            if connection.dialect.name == "postgresql":
                # A big city's index takes longer than any request may.
                for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
                    connection.exec_driver_sql(f"SET LOCAL {limit} = 0")
            context.run_migrations()


if context.is_offline_mode():
    message = "migrations run against a live database; there is no offline mode"
    raise RuntimeError(message)
run_migrations()
