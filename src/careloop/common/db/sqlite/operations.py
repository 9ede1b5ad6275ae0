"""What SQLite gives, as Django wants it, for values that come by the hundred a page."""

from datetime import UTC, datetime
from typing import Any

from django.db.backends.sqlite3.operations import DatabaseOperations as DjangoDatabaseOperations


class DatabaseOperations(DjangoDatabaseOperations):
    """SQLite keeps moments in UTC without saying so; here it is said without looking up the settings each time."""

    def convert_datetimefield_value(self, value: Any, expression: Any, connection: Any) -> datetime | None:
        if type(value) is not datetime:
            found: datetime | None = super().convert_datetimefield_value(value, expression, connection)
            return found
        return value if value.tzinfo else value.replace(tzinfo=UTC)
