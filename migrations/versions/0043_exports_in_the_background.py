"""Keep the large files that are made of the circle beside the clockwork."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0043"
down_revision = "0042"


def upgrade() -> None:
    op.create_table(
        "export",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("key", base.Code, nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("fault", base.Json, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("beat_at", base.UTCDateTime(), nullable=True),
        sa.Column("started_at", base.UTCDateTime(), nullable=True),
        sa.Column("finished_at", base.UTCDateTime(), nullable=True),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("file", base.Code, nullable=False),
        sa.Column("query", base.Json, nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("language", base.Code, nullable=False),
        sa.Column("digest", base.Code, nullable=False),
        sa.Column("tickets", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("expires_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_export_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_export_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_export")),
        sa.UniqueConstraint("key", name=op.f("uq_export_key")),
    )
    _unique("ix_export_running", ["state"], "state = 'running'")
    _unique("ix_export_going", ["user_id", "digest"], "state IN ('queued', 'running')")


def _unique(name: str, columns: list[str], where: str) -> None:
    op.create_index(
        name,
        "export",
        columns,
        unique=True,
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def downgrade() -> None:
    op.drop_table("export")
