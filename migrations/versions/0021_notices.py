"""Keep notices of interruption with their story, and which of them explained a report."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0021"
down_revision = "0020"

WAS_OPEN = "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'cancelled') AND NOT imported"
IS_OPEN = (
    "state NOT IN ('closed', 'duplicate', 'solved_by_phone', 'answered_by_notice', 'cancelled') "
    "AND NOT imported"
)


def upgrade() -> None:
    _make_notices()
    op.create_table(
        "notice_event",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("notice_id", base.RowId, nullable=False),
        sa.Column("at", base.UTCDateTime(), nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("facts", base.Json, nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notice.id"], name=op.f("fk_notice_event_notice_id_notice")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_notice_event_user_id_user_account")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_event")),
    )
    op.create_index(op.f("ix_notice_event_notice_id"), "notice_event", ["notice_id"])
    _refuse_changes()
    # SQLite takes a reference only together with its column.
    row_id = "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"
    op.execute(
        f"ALTER TABLE report ADD COLUMN notice_id {row_id} "
        "CONSTRAINT fk_report_notice_id_notice REFERENCES notice (id)"
    )
    _index_open_tickets(IS_OPEN)


def _make_notices() -> None:
    op.create_table(
        "notice",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("kind", base.Code, nullable=False),
        sa.Column("categories", base.Json, nullable=False),
        sa.Column("area", sa.Text(), nullable=False),
        sa.Column("area_zh", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("grids", base.Json, nullable=False),
        sa.Column("outline", base.Json, nullable=True),
        sa.Column("geometry", base.Json, nullable=False),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.Column("begins_at", base.UTCDateTime(), nullable=False),
        sa.Column("ends_at", base.UTCDateTime(), nullable=False),
        sa.Column("published_at", base.UTCDateTime(), nullable=True),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        sa.Column("changed_at", base.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_notice_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    op.create_index(op.f("ix_notice_ends_at"), "notice", ["ends_at"])
    op.create_index(op.f("ix_notice_ticket_id"), "notice", ["ticket_id"])


def _index_open_tickets(where: str) -> None:
    op.drop_index("ix_ticket_open", "ticket")
    op.create_index(
        "ix_ticket_open",
        "ticket",
        ["state", "arrive_due_at"],
        sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )


def _refuse_changes() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.execute(
            "CREATE TRIGGER notice_event_append_only BEFORE UPDATE OR DELETE ON notice_event "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER notice_event_no_{verb.lower()} BEFORE {verb} ON notice_event "
            "BEGIN SELECT RAISE(ABORT, 'notice_event is append-only'); END"
        )


def downgrade() -> None:
    # The older rules know no such end; nobody was sent, and nobody is to be sent now.
    op.execute("UPDATE ticket SET state = 'solved_by_phone' WHERE state = 'answered_by_notice'")
    _index_open_tickets(WAS_OPEN)
    with op.batch_alter_table("report") as report:
        report.drop_column("notice_id")
    op.drop_table("notice_event")
    op.drop_table("notice")
