"""Questions asked before, ranked by words: FTS5 on SQLite, tsvector on PostgreSQL."""

from django.db import migrations

from careloop.search.engines import passages_postgresql, passages_sqlite


def _engine(editor):
    return passages_postgresql if editor.connection.vendor == "postgresql" else passages_sqlite


def create(apps, editor):
    for statement in _engine(editor).CREATE.split(";"):
        editor.execute(statement)


def drop(apps, editor):
    for statement in _engine(editor).DROP.split(";"):
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("search", "0002_names")]
    operations = [migrations.RunPython(create, drop)]
