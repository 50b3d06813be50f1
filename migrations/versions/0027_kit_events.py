"""Find what crews used and lacked on site without reading every event."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"

_KIT = sa.text("kind IN ('parts_used', 'next_visit_needs')")


def upgrade() -> None:
    op.create_index(
        "ix_ticket_event_kit", "ticket_event", ["id"], sqlite_where=_KIT, postgresql_where=_KIT
    )


def downgrade() -> None:
    op.drop_index("ix_ticket_event_kit", "ticket_event")
