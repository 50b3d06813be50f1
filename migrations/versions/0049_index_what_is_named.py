"""Index what most rows do not name only where they name it: fewer pages for each one."""

import sqlalchemy as sa
from alembic import op

revision = "0049"
down_revision = "0048"

SELDOM = (("ticket", "parent_id"), ("ticket", "storm_id"), ("outbox", "endpoint_id"))


def upgrade() -> None:
    for table, column in SELDOM:
        is_named = sa.text(f"{column} IS NOT NULL")
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.create_index(
            op.f(f"ix_{table}_{column}"),
            table,
            [column],
            sqlite_where=is_named,
            postgresql_where=is_named,
        )


def downgrade() -> None:
    for table, column in SELDOM:
        op.drop_index(op.f(f"ix_{table}_{column}"), table_name=table)
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
