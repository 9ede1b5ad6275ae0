"""Every customer's name goes into the index of names."""

from django.db import migrations

from careloop.search import names


def fill(apps, editor):
    customers = apps.get_model("customers", "Customer").objects.filter(merged_into=None).exclude(name="")
    for number, name in customers.values_list("pk", "name").iterator():
        names.put(number, name)


class Migration(migrations.Migration):
    dependencies = [("customers", "0001_initial"), ("search", "0002_names")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
