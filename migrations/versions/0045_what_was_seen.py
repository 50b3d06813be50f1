"""Keep what each person last saw of the figures of past days."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0045"
down_revision = "0044"


def upgrade() -> None:
    op.create_table(
        "figure_look",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("user_id", base.RowId, nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("seen", base.Json, nullable=False),
        sa.Column("seen_at", base.UTCDateTime(), nullable=False),
        sa.Column("seen_event", base.RowId, nullable=False),
        sa.Column("shown", base.Json, nullable=False),
        sa.Column("shown_at", base.UTCDateTime(), nullable=False),
        sa.Column("shown_event", base.RowId, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_figure_look_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_figure_look")),
        sa.UniqueConstraint("user_id", "view", name=op.f("uq_figure_look_user_id_view")),
    )
    op.create_index(op.f("ix_figure_look_shown_at"), "figure_look", ["shown_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_figure_look_shown_at"), table_name="figure_look")
    op.drop_table("figure_look")
