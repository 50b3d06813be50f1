"""Write every fact anew, with who held the ticket when its promise of 30 minutes fell due."""

from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    _write_anew()


def downgrade() -> None:
    _write_anew()


def _write_anew() -> None:
    op.execute("DELETE FROM ticket_fact")
    op.execute("DELETE FROM fact_due")
    op.execute("INSERT INTO fact_due (ticket_id) SELECT id FROM ticket ORDER BY id")
