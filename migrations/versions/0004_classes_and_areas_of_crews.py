"""Say what a crew's vehicle is and carries, where it may work, and its Chinese name."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("crew", sa.Column("vehicle_class", base.Code, nullable=True))
    op.add_column("crew", sa.Column("carries", base.Json, nullable=True))
    op.add_column("crew", sa.Column("contractor", sa.Text(), nullable=True))
    op.add_column("crew", sa.Column("area", base.Json, nullable=True))
    op.add_column("crew", sa.Column("name_zh", sa.Text(), nullable=True))


def downgrade() -> None:
    for column in ("name_zh", "area", "contractor", "carries", "vehicle_class"):
        op.drop_column("crew", column)
