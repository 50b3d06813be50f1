"""Keep the rehearsals that managers ask for, with what came of them."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "rehearsal",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("key", base.Code, nullable=False),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("created_at", base.UTCDateTime(), nullable=False),
        sa.Column("options", base.Json, nullable=False),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("progress", sa.Float(), nullable=False),
        sa.Column("result", base.Json, nullable=True),
        sa.Column("fault", base.Json, nullable=True),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("beat_at", base.UTCDateTime(), nullable=True),
        sa.Column("started_at", base.UTCDateTime(), nullable=True),
        sa.Column("finished_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_rehearsal_team_id_team")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_rehearsal_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal")),
        sa.UniqueConstraint("key", name=op.f("uq_rehearsal_key")),
    )
    op.create_index(
        "ix_rehearsal_running",
        "rehearsal",
        ["state"],
        unique=True,
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )


def downgrade() -> None:
    op.drop_index(
        "ix_rehearsal_running",
        table_name="rehearsal",
        sqlite_where=sa.text("state = 'running'"),
        postgresql_where=sa.text("state = 'running'"),
    )
    op.drop_table("rehearsal")
