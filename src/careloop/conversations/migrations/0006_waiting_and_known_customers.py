from django.db import migrations, models


class Migration(migrations.Migration):
    """Who waits unanswered is counted, and the customers a team knows are read, from indexes of their own."""

    dependencies = [("conversations", "0005_opening")]

    operations = [
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(
                condition=models.Q(
                    models.Q(("state", "resolved"), _negated=True),
                    ("needs_review", False),
                    ("waiting_since__isnull", False),
                ),
                fields=["waiting_since", "state", "needs_review"],
                name="conv_waiting",
            ),
        ),
        migrations.AddIndex(
            model_name="conversation",
            index=models.Index(fields=["team", "-customer"], name="conv_team_customer"),
        ),
    ]
