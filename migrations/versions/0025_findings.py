"""Keep what leaders said about findings."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "finding_mark",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("finding", base.Code, nullable=False),
        sa.Column("mark", base.Code, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("marked_at", base.UTCDateTime(), nullable=False),
        sa.Column("marked_by", sa.Text(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("undone_at", base.UTCDateTime(), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_finding_mark_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding_mark")),
    )
    stands = sa.text("undone_at IS NULL")
    op.create_index(
        "uq_finding_mark_stands",
        "finding_mark",
        ["finding"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )


def downgrade() -> None:
    op.drop_table("finding_mark")
