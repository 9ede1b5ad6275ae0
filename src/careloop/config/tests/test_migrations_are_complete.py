"""Every change of a model has its migration, in every room."""

import pytest
from django.core.management import call_command


@pytest.mark.django_db
def test_no_room_has_forgotten_a_migration() -> None:
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)
