from django.urls import path

from careloop.triage.views import models as views

app_name = "triage"
urlpatterns = [
    path("triage/models/", views.models, name="models"),
    path("triage/models/<str:head>/", views.head, name="head"),
    path("triage/models/<str:head>/training/", views.training, name="training"),
    path("triage/models/<str:head>/champion/", views.champion, name="champion"),
    path("triage/models/<str:head>/threshold/", views.threshold, name="threshold"),
]
