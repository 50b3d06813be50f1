"""Keep the thinned ways of crews on shift, one row a crew and hour."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "crew_track",
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("begins_at", base.UTCDateTime(), nullable=False),
        sa.Column("points", sa.LargeBinary(), nullable=False),
        sa.Column("settled", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_crew_track_crew_id_crew")),
        sa.PrimaryKeyConstraint("crew_id", "begins_at", name=op.f("pk_crew_track")),
    )
    op.create_index(op.f("ix_crew_track_begins_at"), "crew_track", ["begins_at"])


def downgrade() -> None:
    op.drop_table("crew_track")
