"""Keep how we know when a stop of a round ended: the phone's clock, the receipt, the trust."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    with op.batch_alter_table("round_stop") as table:
        table.add_column(sa.Column("received_at", base.UTCDateTime(), nullable=True))
        table.add_column(sa.Column("device_at", base.UTCDateTime(), nullable=True))
        table.add_column(sa.Column("time_quality", base.Code, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("round_stop") as table:
        for name in ("received_at", "device_at", "time_quality"):
            table.drop_column(name)
