from django.urls import path

from careloop.sla import views

app_name = "sla"
urlpatterns = [path("conversations/<int:pk>/checked/", views.checked, name="checked")]
