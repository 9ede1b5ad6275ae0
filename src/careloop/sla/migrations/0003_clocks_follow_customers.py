from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("sla", "0002_moved_clocks")]

    operations = [
        migrations.AlterField(
            model_name="clock",
            name="moved_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("hours", "the working hours changed"),
                    ("target", "the target changed"),
                    ("customer", "the customer's standing changed"),
                ],
                max_length=8,
            ),
        ),
    ]
