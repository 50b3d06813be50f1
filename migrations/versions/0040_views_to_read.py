"""Let other programs read tickets, stages and hours by names that stay, without personal data."""

from alembic import op

revision = "0040"
down_revision = "0039"

TIMES = (
    "received_at", "dispatched_at", "acknowledged_at", "en_route_at", "arrived_at", "working_at",
    "restored_at", "completed_at", "verified_at", "closed_at", "arrive_due_at", "restore_due_at",
    "repair_due_at", "call_back_due_at",
)  # fmt: skip
STAGES = (
    ("dispatch", "received_at", "dispatched_at"),
    ("acknowledge", "dispatched_at", "acknowledged_at"),
    ("turnout", "acknowledged_at", "en_route_at"),
    ("travel", "en_route_at", "arrived_at"),
    ("response", "received_at", "arrived_at"),
    ("locate", "arrived_at", "working_at"),
    ("restore", "received_at", "restored_at"),
    ("repair", "received_at", "completed_at"),
    ("wrench", "arrived_at", "completed_at"),
    ("follow_up", "completed_at", "verified_at"),
    ("closure", "received_at", "closed_at"),
)
UNTIMED_STATES = "'duplicate', 'cancelled', 'solved_by_phone', 'answered_by_notice'"
VIEWS = ("bi_ticket", "bi_stage", "bi_hour")


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        # A table that a view reads cannot be made anew under its name: drop the views before.
        number, unflagged = "printf('W%06d', ticket.id)", "ticket.flags = '[]'"
        minutes = "round((julianday({end}) - julianday({begin})) * 1440, 3)"
        hour = "strftime('%Y-%m-%d %H:00:00.000000', received_at)"
        count = "count(CASE WHEN {0} THEN 1 END)"
    else:
        number = "'W' || lpad(ticket.id::text, greatest(6, length(ticket.id::text)), '0')"
        unflagged = "ticket.flags = '[]'::jsonb"
        minutes = "round(extract(epoch FROM {end} - {begin}) / 60, 3)::double precision"
        hour = "date_trunc('hour', received_at, 'UTC')"
        count = "count(*) FILTER (WHERE {0})"
    op.execute(_tickets(number, unflagged))
    op.execute(_stages(minutes))
    op.execute(_hours(hour, count))


def _tickets(number: str, unflagged: str) -> str:
    times = ", ".join(f"ticket.{name}" for name in TIMES)
    return f"""
        CREATE VIEW bi_ticket AS
        SELECT ticket.id AS ticket_id, {number} AS number, ticket.kind, ticket.category,
            ticket.level, ticket.state, ticket.parent_id, ticket.zone, ticket.storm,
            ticket.imported,
            ticket.kind = 'repair' AND ticket.state NOT IN ({UNTIMED_STATES})
                AND {unflagged} AS timed,
            ticket.team_id, team.name AS team, team.name_zh AS team_zh,
            ticket.grid_id, grid.name AS grid, grid.name_zh AS grid_zh,
            {times},
            ticket.held_seconds / 60 AS held_minutes, ticket.dispatches, ticket.returns,
            ticket.reopenings, ticket.report_count AS reports
        FROM ticket
        LEFT JOIN team ON team.id = ticket.team_id
        LEFT JOIN grid ON grid.id = ticket.grid_id
        """  # noqa: S608  constants of this file


def _stages(minutes: str) -> str:
    parts = [
        f"SELECT id AS ticket_id, '{stage}' AS stage, {begin} AS begins_at, {end} AS ends_at, "  # noqa: S608  constants
        f"{minutes.format(begin=begin, end=end)} AS minutes "
        f"FROM ticket WHERE {begin} IS NOT NULL AND {end} IS NOT NULL"
        for stage, begin, end in STAGES
    ]
    return "CREATE VIEW bi_stage AS " + " UNION ALL ".join(parts)


def _hours(hour: str, count: str) -> str:
    promised = "timed AND arrive_due_at IS NOT NULL"
    kept = f"{promised} AND arrived_at >= received_at AND arrived_at <= arrive_due_at"
    counts = {
        "timed_tickets": "timed",
        "promised": promised,
        "kept": kept,
        "arrived": "timed AND arrived_at IS NOT NULL",
        "closed": "closed_at IS NOT NULL",
        "storm_tickets": "storm",
    }
    columns = ", ".join(f"{count.format(asked)} AS {name}" for name, asked in counts.items())
    return f"""
        CREATE VIEW bi_hour AS
        SELECT {hour} AS begins_at, team_id, team, grid_id, grid, category, level,
            count(*) AS tickets, {columns}
        FROM bi_ticket
        GROUP BY {hour}, team_id, team, grid_id, grid, category, level
        """  # noqa: S608  constants of this file


def downgrade() -> None:
    for view in reversed(VIEWS):
        op.execute(f"DROP VIEW {view}")
