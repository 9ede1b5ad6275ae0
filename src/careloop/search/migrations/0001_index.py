"""The index lies outside Django's models: FTS5 on SQLite, tsvector on PostgreSQL."""

from django.db import migrations

from careloop.search.engines import postgresql, sqlite


def _engine(editor):
    return postgresql if editor.connection.vendor == "postgresql" else sqlite


def create(apps, editor):
    for statement in _engine(editor).CREATE.split(";"):
        editor.execute(statement)


def drop(apps, editor):
    editor.execute(_engine(editor).DROP)


class Migration(migrations.Migration):
    dependencies = []
    operations = [migrations.RunPython(create, drop)]
