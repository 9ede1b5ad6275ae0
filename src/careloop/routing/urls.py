from django.urls import path

from careloop.routing import views

app_name = "routing"
urlpatterns = [
    path("priority/", views.priority, name="priority"),
    path("priority/sources/", views.sources, name="sources"),
]
