from django.db import migrations, models


class Migration(migrations.Migration):
    """The statutory tier is read by its due times, through an index of its own."""

    dependencies = [("routing", "0001_initial")]

    operations = [
        migrations.AddIndex(
            model_name="queueentry",
            index=models.Index(
                condition=models.Q(("tier", 1)),
                fields=["team", "state", "due_at", "waiting_since", "id"],
                name="queue_statutory",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.CheckConstraint(
                condition=models.Q(("due_at", None), ("tier", 1), _negated=True), name="statutory_work_is_due"
            ),
        ),
    ]
