"""Keep views of the desk, one's own and shared ones."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "saved_view",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("team_id", base.RowId, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("shared", sa.Boolean(), nullable=False),
        sa.Column("filters", base.Json, nullable=False),
        sa.Column("changed_at", base.UTCDateTime(), nullable=False),
        sa.Column("deleted_at", base.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_saved_view_team_id_team")),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_saved_view_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
    )
    for column in ("user_id", "shared"):
        op.create_index(op.f(f"ix_saved_view_{column}"), "saved_view", [column])


def downgrade() -> None:
    op.drop_table("saved_view")
