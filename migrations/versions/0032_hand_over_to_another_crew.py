"""Keep how the wish of a crew to hand its ticket over stands, and which crew was asked."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0032"
down_revision = "0031"

_RELIEVED = sa.text("relief_crew_id IS NOT NULL")
_COLUMNS = (
    ("relief_state", base.Code),
    ("relief_reason", base.Code),
    ("relief_asked_at", base.UTCDateTime()),
)


def upgrade() -> None:
    for name, kind in _COLUMNS:
        op.add_column("visit", sa.Column(name, kind, nullable=True))
    # SQLite takes a reference only together with its column.
    row_id = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE visit ADD COLUMN relief_crew_id {row_id} "
        "CONSTRAINT fk_visit_relief_crew_id_crew REFERENCES crew (id)"
    )
    op.create_index(
        op.f("ix_visit_relief_crew_id"),
        "visit",
        ["relief_crew_id"],
        sqlite_where=_RELIEVED,
        postgresql_where=_RELIEVED,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_visit_relief_crew_id"), table_name="visit")
    for name in ("relief_crew_id", *(name for name, _ in _COLUMNS)):
        op.drop_column("visit", name)
