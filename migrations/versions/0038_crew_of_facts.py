"""Write every fact anew, with the crew of each ticket and how many crews took it on."""

from alembic import op

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    _write_anew()


def downgrade() -> None:
    _write_anew()


def _write_anew() -> None:
    op.execute("DELETE FROM ticket_fact")
    op.execute("INSERT INTO fact_due (ticket_id) SELECT id FROM ticket ORDER BY id")
