"""The desk's addresses. An action is a resource of its conversation: GET shows its form, POST does it."""

from __future__ import annotations

from django.urls import path

from careloop.workspace.views import (
    alarms,
    bulk,
    calls,
    composing,
    customers,
    delivering,
    desk,
    mentions,
    preferences,
    reading,
    review,
    states,
    suggesting,
    triage,
    writing,
)
from careloop.workspace.views import search as searching

app_name = "workspace"

_ONE = "conversations/<int:number>/"

urlpatterns = [
    path("desk/", desk.home, name="home"),
    path("desk/next/", desk.take_next, name="next"),
    path("desk/<slug:view>/", desk.list_page, name="list"),
    path("desk/<slug:view>/rows/", desk.rows, name="rows"),
    path("desk/<slug:view>/counts/", desk.counts, name="counts"),
    path("desk/<slug:view>/<int:number>/", desk.conversation, name="list_conversation"),
    path(_ONE, desk.conversation, name="conversation"),
    path(f"{_ONE}thread/", reading.messages, name="thread"),
    path(f"{_ONE}messages/", writing.messages, name="messages"),
    path(f"{_ONE}checks/", composing.checks, name="checks"),
    path(f"{_ONE}draft/", composing.draft, name="draft"),
    path(f"{_ONE}colleagues/", mentions.colleagues, name="colleagues"),
    path(f"{_ONE}saved-replies/", composing.saved_replies, name="saved_replies"),
    path(f"{_ONE}suggestions/", suggesting.suggestions, name="suggestions"),
    path(f"{_ONE}messages/<int:message>/original/", reading.original, name="original"),
    path(f"{_ONE}messages/<int:message>/delivery/", delivering.delivery, name="delivery"),
    path(f"{_ONE}files/<int:pk>/<str:name>", reading.attachment, name="attachment"),
    path(f"{_ONE}resolution/", states.resolution, name="resolution"),
    path(f"{_ONE}reopening/", states.reopening, name="reopening"),
    path(f"{_ONE}assignment/", states.assignment, name="assignment"),
    path(f"{_ONE}claim/", states.claim, name="claim"),
    path(f"{_ONE}snooze/", states.snoozing, name="snooze"),
    path(f"{_ONE}predictions/<int:prediction>/correction/", triage.correction, name="correction"),
    path(f"{_ONE}alarm/", alarms.alarm, name="alarm"),
    path(f"{_ONE}review/", states.review, name="review"),
    path("triage/review/", review.queue, name="triage_review"),
    path("triage/review/<int:pk>/answers/", review.answers, name="triage_answers"),
    path("triage/review/<int:pk>/skips/", review.skips, name="triage_skips"),
    path("triage/review/withdrawals/", review.withdrawals, name="triage_withdrawals"),
    path("bulk/claims/", bulk.claims, name="bulk_claims"),
    path("bulk/assignments/", bulk.assignments, name="bulk_assignments"),
    path("bulk/snoozes/", bulk.snoozes, name="bulk_snoozes"),
    path("mentions/<int:event>/", mentions.news, name="mention_news"),
    path("calls/new/", calls.call_new, name="call_new"),
    path("search/", searching.search, name="search"),
    path("customers/", customers.customer_list, name="customers"),
    path("customers/<int:pk>/", customers.customer, name="customer"),
    path("preferences/theme/", preferences.theme, name="theme"),
    path("preferences/language/", preferences.language, name="language"),
    path("preferences/presence/", preferences.presence, name="presence"),
]
