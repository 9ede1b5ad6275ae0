import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Replays of recorded months under other weights are kept with their results."""

    dependencies = [
        ("routing", "0002_statutory_work"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Simulation",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("since", models.DateTimeField()),
                ("until", models.DateTimeField()),
                ("current", models.JSONField()),
                ("proposed", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("queued", "Waits for its turn"),
                            ("running", "Is being computed"),
                            ("done", "Done"),
                            ("failed", "Failed"),
                            ("stopped", "Stopped"),
                        ],
                        default="queued",
                        max_length=8,
                    ),
                ),
                ("done", models.FloatField(default=0.0)),
                ("finished_at", models.DateTimeField(null=True)),
                ("result", models.JSONField(null=True)),
                (
                    "reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("broke", "The computation broke off. Try once more; the log of the server says why."),
                            (
                                "too_much",
                                "There are more than 200,000 first answers in that time. Choose fewer months.",
                            ),
                        ],
                        max_length=12,
                    ),
                ),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={
                "verbose_name": "simulation of priority",
                "verbose_name_plural": "simulations of priority",
                "indexes": [models.Index(fields=["asked_by", "-id"], name="simulation_asked_by")],
            },
        ),
    ]
