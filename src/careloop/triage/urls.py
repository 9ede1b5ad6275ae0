from django.urls import path

from careloop.triage.views import models as views
from careloop.triage.views import taxonomy

app_name = "triage"
urlpatterns = [
    path("triage/models/", views.models, name="models"),
    path("triage/models/<str:head>/", views.head, name="head"),
    path("triage/models/<str:head>/training/", views.training, name="training"),
    path("triage/models/<str:head>/champion/", views.champion, name="champion"),
    path("triage/models/<str:head>/threshold/", views.threshold, name="threshold"),
    path("triage/taxonomy/", taxonomy.page, name="taxonomy"),
    path("triage/taxonomy/labels/", taxonomy.labels, name="labels"),
    path("triage/taxonomy/packs/", taxonomy.packs, name="packs"),
    path("triage/taxonomy/<slug:key>/wording/", taxonomy.wording, name="wording"),
    path("triage/taxonomy/<slug:key>/place/", taxonomy.place, name="place"),
    path("triage/taxonomy/<slug:key>/retirement/", taxonomy.retirement, name="retirement"),
    path("triage/taxonomy/<slug:key>/restoration/", taxonomy.restoration, name="restoration"),
    path("triage/taxonomy/<slug:key>/merger/", taxonomy.merger, name="merger"),
    path("triage/taxonomy/<slug:key>/parts/", taxonomy.parts, name="parts"),
    path("triage/taxonomy/<slug:key>/continuation/", taxonomy.continuation, name="continuation"),
]
