"""What a language-model service says, and how often it was asked."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0004_model_versions")]

    operations = [
        migrations.AlterField(
            model_name="prediction",
            name="source",
            field=models.CharField(
                choices=[
                    ("rules", "Rules"),
                    ("linear", "Learned model"),
                    ("service", "Language model"),
                    ("human", "A person"),
                    ("import", "Imported"),
                ],
                max_length=8,
            ),
        ),
        migrations.CreateModel(
            name="ServiceDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("requests", models.PositiveIntegerField(verbose_name="requests")),
                ("unanswered", models.PositiveIntegerField(verbose_name="without an answer")),
            ],
            options={
                "verbose_name": "day of the language model",
                "verbose_name_plural": "days of the language model",
            },
        ),
    ]
