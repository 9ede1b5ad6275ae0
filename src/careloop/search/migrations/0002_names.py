"""The index of names lies beside the index of what was said."""

from django.db import migrations

from careloop.search.engines import postgresql_names, sqlite_names


def _engine(editor):
    return postgresql_names if editor.connection.vendor == "postgresql" else sqlite_names


def create(apps, editor):
    for statement in _engine(editor).CREATE.split(";"):
        editor.execute(statement)


def drop(apps, editor):
    editor.execute(_engine(editor).DROP)


class Migration(migrations.Migration):
    dependencies = [("search", "0001_index")]
    operations = [migrations.RunPython(create, drop)]
