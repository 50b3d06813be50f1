"""Keep the rounds of stewards and what came of each stop."""

import sqlalchemy as sa
from alembic import op

from dispatch.models import base

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "round",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("crew_id", base.RowId, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("made_at", base.UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["crew_id"], ["crew.id"], name=op.f("fk_round_crew_id_crew")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("crew_id", "day", name=op.f("uq_round_crew_id_day")),
    )
    op.create_index(op.f("ix_round_day"), "round", ["day"])
    op.create_table(
        "round_stop",
        sa.Column("id", base.RowId, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("round_id", base.RowId, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("household_id", base.RowId, nullable=True),
        sa.Column("ticket_id", base.RowId, nullable=True),
        sa.Column("state", base.Code, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("ended_at", base.UTCDateTime(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.Column("user_id", base.RowId, nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("accuracy_metres", sa.Float(), nullable=True),
        sa.Column("found_ticket_id", base.RowId, nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["round.id"], name=op.f("fk_round_stop_round_id_round")
        ),
        sa.ForeignKeyConstraint(
            ["household_id"], ["household.id"], name=op.f("fk_round_stop_household_id_household")
        ),
        sa.ForeignKeyConstraint(
            ["ticket_id"], ["ticket.id"], name=op.f("fk_round_stop_ticket_id_ticket")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_round_stop_user_id_user_account")
        ),
        sa.ForeignKeyConstraint(
            ["found_ticket_id"], ["ticket.id"], name=op.f("fk_round_stop_found_ticket_id_ticket")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_stop")),
    )
    for columns in (["round_id", "turn"], ["household_id", "ended_at"], ["ticket_id"]):
        name = f"ix_round_stop_{'_'.join(columns)}"
        op.create_index(op.f(name), "round_stop", columns)


def downgrade() -> None:
    op.drop_table("round_stop")
    op.drop_table("round")
