"""Do the tables stand at the migration that this program needs?"""

from __future__ import annotations

from sqlalchemy import text

from dispatch.models.base import db


def schema_version() -> str | None:
    """Return the migration the database stands at.

    Raises:
        SQLAlchemyError: when the database cannot be reached or was never migrated.
    """
    found: str | None = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    return found
