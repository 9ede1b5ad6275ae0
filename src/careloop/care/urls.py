"""The follow-ups of the desk."""

from django.urls import path

from careloop.care import views

app_name = "care"

urlpatterns = [
    path("follow-ups/", views.follow_ups, name="follow_ups"),
    path("follow-ups/<int:pk>/", views.follow_up, name="follow_up"),
    path("follow-ups/<int:pk>/done/", views.done, name="done"),
    path("follow-ups/<int:pk>/skip/", views.skip, name="skip"),
    path("follow-ups/<int:pk>/owner/", views.owner, name="owner"),
    path("follow-ups/<int:pk>/draft/", views.draft, name="draft"),
    path("follow-ups/<int:pk>/reply/", views.reply, name="reply"),
]
