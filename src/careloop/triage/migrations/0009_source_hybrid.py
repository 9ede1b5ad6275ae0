"""A prediction may come from a linear model and a sentence encoder together; no table changes."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("triage", "0008_broken_off_trainings")]

    operations = [
        migrations.AlterField(
            model_name="prediction",
            name="source",
            field=models.CharField(
                choices=[
                    ("rules", "Rules"),
                    ("linear", "Learned model"),
                    ("hybrid", "Learned model with a sentence encoder"),
                    ("service", "Language model"),
                    ("human", "A person"),
                    ("import", "Imported"),
                ],
                max_length=8,
            ),
        ),
    ]
