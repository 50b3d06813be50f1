"""Is the migration of the database read?"""

from __future__ import annotations

from dispatch.queries.schema_version import schema_version


def test_the_newest_migration_is_read(session, root):
    found = schema_version()
    assert found is not None
    assert any(path.name.startswith(found) for path in (root / "migrations/versions").iterdir())
