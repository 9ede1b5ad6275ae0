"""The words a conversation began with: its title when it has no subject."""

from typing import Any

from django.db import migrations, models
from django.db.models.functions import Coalesce, Substr

LETTERS = 160


def take_from_the_first_message(apps: Any, schema_editor: Any) -> None:
    """Only where no subject says it; one statement, whatever the size."""
    conversations, messages = (apps.get_model("conversations", name) for name in ("Conversation", "Message"))
    first = messages.objects.filter(conversation=models.OuterRef("pk")).order_by("created_at", "pk")
    words = Substr("text", 1, LETTERS)
    rows = conversations.objects.filter(subject="", message_count__gt=0)
    rows.update(opening=Coalesce(models.Subquery(first.annotate(words=words).values("words")[:1]), models.Value("")))


class Migration(migrations.Migration):
    dependencies = [("conversations", "0004_heads_of_lists")]

    operations = [
        migrations.AddField("conversation", "opening", models.CharField(blank=True, default="", max_length=160)),
        migrations.RunPython(take_from_the_first_message, migrations.RunPython.noop),
    ]
