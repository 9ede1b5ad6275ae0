"""Perform one planned conversation: each step through the service that real people use, at its own moment."""

from __future__ import annotations

from datetime import timedelta
from random import Random

from django.db.models import F
from django.utils import timezone

from careloop.accounts.models import User
from careloop.care.models import FollowUp
from careloop.care.services.closing import done, skip
from careloop.care.services.opening import open_follow_up
from careloop.channels.email.sending import message_id_of
from careloop.common.events import record
from careloop.common.transaction import write_again
from careloop.conversations import events
from careloop.conversations.models import Conversation, Delivery, Message, Resolution
from careloop.conversations.services.holding import assign, snooze
from careloop.conversations.services.locking import locked
from careloop.conversations.services.posting import post_note, post_reply
from careloop.conversations.services.resolution import resolve
from careloop.demo.content import company
from careloop.demo.pacing import UNHAPPY_UP_TO, Step
from careloop.demo.plan import Fate, Planned
from careloop.demo.staging import doors
from careloop.demo.staging.backdating import Backdating
from careloop.demo.staging.cast import Cast
from careloop.demo.staging.correcting import answer_what_is_asked, correct_what_is_wrong
from careloop.sla.services.starting import mark_checked
from careloop.surveys.services import answering, asking
from careloop.triage.models import Prediction

MAILBOX_UNAVAILABLE = "550 5.1.1 The recipient's mailbox is unavailable."
SURVEY_AFTER = timedelta(minutes=30)
SLEEP = timedelta(hours=30)
SKIPPED_SHARE = 0.12
LOOKED_UP_WITHIN = timedelta(minutes=70)


class Performance:
    """One conversation while it is told."""

    def __init__(self, planned: Planned, cast: Cast, backdating: Backdating) -> None:
        self.planned, self.cast, self.backdating = planned, cast, backdating
        self.inbox = doors.inbox_of(cast, planned.door)
        self.conversation: Conversation | None = None
        self.said = 0
        self.is_understood = False

    def tell(self) -> Conversation:
        """Every step in order, in one transaction, so that an interrupted load can go on behind it."""
        with write_again(), self.backdating.told():
            for step in self.planned.steps:
                with self.backdating.step(step.at):
                    getattr(self, f"_{step.kind}")(step)
            self.backdating.settle(self._told().pk)
            if self.planned.fate == Fate.UNDELIVERED:
                self._fail_last_delivery()
        return self._told()

    def _customer(self, step: Step) -> None:
        message = self._hand_in(step)
        if message is None:
            raise doors.NotAccepted(f"{self.planned.key}: the road did not take this message.")
        self.conversation = message.conversation
        self.said += 1

    def _hand_in(self, step: Step) -> Message | None:
        planned, key = self.planned, f"{self.planned.key}:{self.said}"
        if planned.door == "phone":
            return doors.write_call(
                self._user(planned.agent.key), planned.client, key=key, text=step.text, at=step.at,
                conversation=self.conversation,
            )  # fmt: skip
        subject = planned.subject if self.said == 0 else f"Re: {planned.subject}"
        if planned.door in doors.MAIL_DOORS:
            return doors.write_mail(
                self.inbox, key=key, name=planned.client.name, email=planned.client.email, subject=subject,
                text=step.text, at=step.at, answering=self._answered_mail(),
            )  # fmt: skip
        return doors.write_form(
            self.inbox, planned.client, key=key, thread=f"demo-{planned.key}", subject=planned.subject,
            kind=doors.CHANNEL_KINDS[planned.door], text=step.text, at=step.at,
        )  # fmt: skip

    def _assign(self, step: Step) -> None:
        user, conversation = self._user(step.by), self._told()
        took_over = conversation.assignee_id not in (None, user.pk)
        reason = "taken_over" if took_over else "claimed"
        assign(conversation, user=user, team=conversation.team, by=user, reason=reason, at=step.at)
        if not self.is_understood:
            correct_what_is_wrong(conversation, self.planned, by=user, at=step.at)
            answer_what_is_asked(conversation, self.planned, by=user, at=step.at)
            self._look_up(step, user)
            self.is_understood = True

    def _look_up(self, step: Step, user: User) -> None:
        """An order question that is settled within the hour: its facts were looked up at once (class B)."""
        ends = [each.at for each in self.planned.steps if each.kind == "resolve"]
        if self.planned.thread.truth["class"] == "B" and ends and ends[-1] - step.at < LOOKED_UP_WITHIN:
            current = Prediction.objects.current().filter(conversation=self._told())
            mark_checked(self._told(), current, by=user, at=step.at)

    def _reply(self, step: Step) -> None:
        message = post_reply(self._told(), by=self._user(step.by), text=step.text, at=step.at)
        if self.planned.door in doors.MAIL_DOORS:
            message.message_id = message_id_of(message, self.inbox.address.split("@")[1])
            message.save(update_fields=["message_id"])
        self._send(message, step)

    def _send(self, message: Message, step: Step) -> None:
        """As the door would have told it; what stands on the portal's page was told by being put there."""
        if Delivery.objects.filter(message=message, state=Delivery.State.PENDING).exists():
            record(
                events.DELIVERY_SENT, conversation_id=message.conversation_id, subject="message",
                subject_id=message.pk, at=step.at + timedelta(seconds=3),
            )  # fmt: skip

    def _note(self, step: Step) -> None:
        post_note(self._told(), by=self._user(step.by), text=step.text, at=step.at)

    def _resolve(self, step: Step) -> None:
        conversation = locked(self._told())
        if conversation.is_resolved:
            return
        resolution = resolve(
            conversation, by=self._user(step.by), solved=True, satisfied=self._satisfied(), at=step.at,
            outcome=self.planned.thread.close["outcome"], cause=self.planned.thread.close["cause"],
        )  # fmt: skip
        self._ask(resolution)
        open_follow_up(resolution)
        FollowUp.objects.filter(resolution=resolution).update(created_at=step.at)

    def _followup(self, step: Step) -> None:
        """Asked in writing where the thread has words for it, else by telephone; a few are skipped."""
        owed = FollowUp.objects.open().filter(conversation=self._told()).first()
        if owed is None:
            return
        by, rng = owed.owner or self._user(step.by), Random(self.planned.key)  # noqa: S311
        if rng.random() < SKIPPED_SHARE:
            skip(owed, by=by, reason=rng.choice(company()["skip_reasons"][self.planned.thread.lang]))
        else:
            self._ask_how_it_went(owed, step, by, rng)
        FollowUp.objects.filter(pk=owed.pk).update(closed_at=step.at)

    def _ask_how_it_went(self, owed: FollowUp, step: Step, by: User, rng: Random) -> None:
        if not step.text or self.planned.door == "phone":
            done(owed, by=by, note=rng.choice(company()["follow_up_notes"][self.planned.thread.lang]))
            return
        message = post_reply(self._told(), by=by, text=step.text, at=step.at)
        self._send(message, step)
        done(owed, by=by)
        FollowUp.objects.filter(pk=owed.pk).update(draft=step.text, message=message)

    def _survey(self, step: Step) -> None:
        survey = asking.ask(self._told().resolutions.latest("at", "pk"), at=step.at)
        if survey is None or step.scores is None:
            return
        answering.answer(
            survey, solved=step.scores[2] > UNHAPPY_UP_TO, scores=step.scores, comment=step.text, at=step.at
        )

    def _snooze(self, step: Step) -> None:
        wake_at = timezone.now() + SLEEP + (timezone.now() - step.at) / 20
        snooze(self._told(), by=self._user(step.by), wake_at=wake_at, at=step.at)

    def _ask(self, resolution: Resolution) -> None:
        survey = asking.ask(resolution, at=resolution.at)
        if survey is not None and asking.needs_invitation(survey):
            asking.send(survey, at=min(resolution.at + SURVEY_AFTER, timezone.now()))

    def _satisfied(self) -> bool | None:
        """What the agent notes at the end: yes when the customer says thanks, otherwise not known yet."""
        return True if self.planned.thread.thanks or self.planned.thread.truth["class"] == "A" else None

    def _fail_last_delivery(self) -> None:
        delivery = Delivery.objects.filter(message__conversation=self._told()).latest("pk")
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.FAILED, attempts=F("attempts") + 1, last_error=MAILBOX_UNAVAILABLE, sent_at=None
        )
        record(
            events.DELIVERY_FAILED, conversation_id=self._told().pk, subject="message",
            subject_id=delivery.message_id, at=self.planned.steps[-1].at + timedelta(seconds=40),
            data={"error": MAILBOX_UNAVAILABLE, "attempts": 1},
        )  # fmt: skip

    def _answered_mail(self) -> str:
        """The Message-ID of our last answer, which the customer's next mail refers to."""
        if self.conversation is None:
            return ""
        ours = self.conversation.messages.filter(kind=Message.Kind.REPLY).exclude(message_id="").last()
        theirs = self.conversation.messages.exclude(message_id="").first()
        found = ours or theirs
        return found.message_id if found else ""

    def _told(self) -> Conversation:
        assert self.conversation is not None, "a conversation begins with the customer"
        return self.conversation

    def _user(self, key: str) -> User:
        return self.cast.people[key]
