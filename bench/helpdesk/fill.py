"""Fill django-helpdesk with the rows Careloop gets: `python -m bench.helpdesk.fill N`, in its own environment."""

import json
import sys
from datetime import timedelta

import django


def main(count: int) -> None:
    """Migrate, one staff member, one queue, the tickets; print the ids of the open ones as JSON."""
    from django.contrib.auth.models import User
    from django.core.management import call_command
    from django.db import connection, transaction
    from django.utils import timezone
    from helpdesk.models import FollowUp, Queue, Ticket  # type: ignore[import-not-found]

    from bench.rows import samples

    call_command("migrate", interactive=False, verbosity=0)
    agent = User.objects.create_superuser("agent0", "agent0@bench.example", "a long enough password")
    queue = Queue.objects.create(title="Care", slug="care", allow_public_submission=True)
    now = timezone.now()
    with transaction.atomic():
        rows = list(samples(count))
        tickets = Ticket.objects.bulk_create(
            (
                Ticket(
                    title=each.subject,
                    queue=queue,
                    created=now - timedelta(minutes=4 * each.number),
                    modified=now - timedelta(minutes=4 * each.number),
                    submitter_email=f"c{each.number % max(1, count // 4)}@example.com",
                    description=each.first,
                    status=Ticket.OPEN_STATUS if each.is_open else Ticket.RESOLVED_STATUS,
                    assigned_to=agent,
                    priority=3,
                    secret_key=f"{each.number:036d}",
                )
                for each in rows
            ),
            batch_size=1000,
        )
        FollowUp.objects.bulk_create(
            (
                FollowUp(ticket=ticket, date=ticket.created, title="Comment", comment=text, public=True, user=by)
                for each, ticket in zip(rows, tickets, strict=True)
                for text, by in [(each.answer, agent), (each.again, None)][: 2 if each.is_open else 1]
            ),
            batch_size=1000,
        )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    opened = Ticket.objects.filter(status=Ticket.OPEN_STATUS).order_by("-created")
    print(json.dumps({"open": list(opened.values_list("pk", flat=True)), "queue": queue.pk}))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]))
