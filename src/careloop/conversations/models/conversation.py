"""What is said: one thread with one customer. It stays thin; capabilities live in their own rooms."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from careloop.conversations.querysets import ConversationQuerySet

FIRST_NUMBER = 1000


class State(models.TextChoices):
    OPEN = "open", _("Open")
    WAITING = "waiting", _("Waiting for customer")
    SNOOZED = "snoozed", _("Snoozed")
    RESOLVED = "resolved", _("Resolved")


class Kind(models.TextChoices):
    """The four kinds of contact (mission 149)."""

    INQUIRY = "inquiry", _("Inquiry")
    FEEDBACK = "feedback", _("Feedback")
    COMPLAINT = "complaint", _("Complaint")
    UPKEEP = "upkeep", _("Relationship")


UNRESOLVED = ~models.Q(state=State.RESOLVED)
OPEN_COMPLAINT = UNRESOLVED & models.Q(kind=Kind.COMPLAINT)
FREE = models.Q(state=State.OPEN, assignee=None)
HELD = models.Q(assignee__isnull=False)
IN_HAND = HELD & models.Q(state=State.OPEN)
DOUBTFUL = models.Q(needs_review=True)
UNANSWERED = UNRESOLVED & models.Q(waiting_since__isnull=False, needs_review=False)


class Conversation(models.Model):
    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=255, blank=True)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="conversations")
    inbox = models.ForeignKey("conversations.Inbox", on_delete=models.PROTECT, related_name="conversations")
    team = models.ForeignKey(
        "accounts.Team", null=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="conversations", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.INQUIRY)
    language = models.CharField(max_length=8, default="en")
    # The kind of the inbox and of the contact: they differ (a public comment arrives through the API).
    channel = models.CharField(max_length=12)
    channel_kind = models.CharField(max_length=24, default="direct")
    created_at = models.DateTimeField()
    # The earliest customer message nobody has answered; empty when nobody waits.
    waiting_since = models.DateTimeField(null=True)
    first_replied_at = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField()
    # The earliest running clock, kept by the sla room so that lists need no join.
    next_due_at = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    opening = models.CharField(max_length=160, blank=True, default="")
    preview = models.CharField(max_length=160, blank=True)
    message_count = models.PositiveIntegerField(default=0)
    needs_review = models.BooleanField(default=False)
    review_reason = models.CharField(max_length=64, blank=True)
    # The thread's name in the system it came from (an API client's, a chat's).
    external_thread = models.CharField(max_length=128, blank=True)
    related_to = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="side_threads")
    merged_into = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="merged")
    # Raising it makes every link sent so far stop working.
    link_version = models.PositiveSmallIntegerField(default=1)

    # Filled by the words ``with_mention`` and ``with_holding`` of the query set.
    is_mention_unread: bool
    given_because: str | None
    given_by_name: str | None

    objects: ClassVar[ConversationQuerySet] = ConversationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("conversation")
        verbose_name_plural = _("conversations")
        # One index for each way a list is opened; every list ends in (moment, id), its key-set cursor, and begins
        # with the team, so that a small team's rows need no search among a large one's (conversations/lanes.py).
        # What is done outlives everything: the lists of unresolved work keep it out of their indexes. The columns of
        # such a condition stand at the end again: without them SQLite reads every row that it counts.
        indexes = (
            models.Index(fields=("team", "state", "-last_activity_at", "-id"), name="conv_team_activity"),
            models.Index(fields=("team", "state", "next_due_at", "id"), name="conv_team_due"),
            models.Index(
                fields=("assignee", "state", "-last_activity_at", "-id", "team"), name="conv_mine_activity",
                condition=HELD,
            ),
            models.Index(fields=("assignee", "next_due_at", "id"), name="conv_mine_due", condition=IN_HAND),
            models.Index(
                fields=("team", "-last_activity_at", "-id", "state", "assignee"), name="conv_free_activity",
                condition=FREE,
            ),
            models.Index(fields=("team", "next_due_at", "id"), name="conv_free_due", condition=FREE),
            models.Index(
                fields=("team", "-last_activity_at", "-id", "state", "kind"), name="conv_complaint_activity",
                condition=OPEN_COMPLAINT,
            ),
            models.Index(fields=("team", "next_due_at", "id"), name="conv_complaint_due", condition=OPEN_COMPLAINT),
            models.Index(
                fields=("team", "channel", "-last_activity_at", "-id", "state"), name="conv_channel_activity",
                condition=UNRESOLVED,
            ),
            models.Index(
                fields=("team", "channel", "next_due_at", "id"), name="conv_channel_due", condition=UNRESOLVED
            ),
            models.Index(
                fields=("team", "-last_activity_at", "-id", "needs_review"), name="conv_review", condition=DOUBTFUL
            ),
            models.Index(fields=("customer", "-created_at"), name="conv_customer"),
            models.Index(fields=("created_at",), name="conv_created"),
            # Turns nobody has answered, for the weekly report: how many, and the oldest.
            models.Index(fields=("waiting_since", "state", "needs_review"), name="conv_waiting", condition=UNANSWERED),
            # The customers a team knows, newest first.
            models.Index(fields=("team", "-customer"), name="conv_team_customer"),
            models.Index(
                fields=("inbox", "external_thread"), name="conv_external", condition=~models.Q(external_thread="")
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"

    @property
    def title(self) -> str:
        """The subject; without one the words it began with, which stay while the newest words change."""
        return self.subject or self.opening or self.preview

    @property
    def number(self) -> int:
        return FIRST_NUMBER + self.pk

    @property
    def reference(self) -> str:
        """What people say on the phone: CL-1042."""
        return f"CL-{self.number}"

    @property
    def is_resolved(self) -> bool:
        return self.state == State.RESOLVED

    @property
    def is_waiting(self) -> bool:
        """Whether the customer waits for us."""
        return self.waiting_since is not None
