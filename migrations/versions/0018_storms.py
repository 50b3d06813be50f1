"""Keep when storm mode was on, which tickets came in it, and who needs water first."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.create_table(
        "storm",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("grids", base.Json, nullable=False),
        sa.Column("begun_at", base.UTCDateTime(), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("ends_at", base.UTCDateTime(), nullable=False),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_storm_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storm")),
    )
    op.create_index(op.f("ix_storm_begun_at"), "storm", ["begun_at"])
    # SQLite takes a reference only together with its column.
    row_id = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE ticket ADD COLUMN storm_id {row_id} "
        "CONSTRAINT fk_ticket_storm_id_storm REFERENCES storm (id)"
    )
    op.create_index(op.f("ix_ticket_storm_id"), "ticket", ["storm_id"])
    op.add_column(
        "household",
        sa.Column("vulnerable", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def downgrade() -> None:
    op.drop_column("household", "vulnerable")
    op.drop_index(op.f("ix_ticket_storm_id"), table_name="ticket")
    with op.batch_alter_table("ticket") as ticket:
        ticket.drop_column("storm_id")
    op.drop_table("storm")
