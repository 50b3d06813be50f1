"""Keep telephone numbers without the blanks, dashes and brackets they were written with."""

from alembic import op

revision = "0044"
down_revision = "0043"

_TABLES = ("report", "household", "unfinished_call")
_BETWEEN = " ()./-"


def upgrade() -> None:
    """Find a number however it was typed.

    The digits are as they were, so there is no way back and none is needed.
    """
    plain = "phone"
    for sign in _BETWEEN:
        plain = f"replace({plain}, '{sign}', '')"
    for table in _TABLES:
        op.execute(f"UPDATE {table} SET phone = {plain} WHERE phone <> {plain}")  # noqa: S608  three fixed names


def downgrade() -> None:
    """Leave the numbers as they are: the version before reads them too."""
