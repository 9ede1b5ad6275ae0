from django.urls import path

from careloop.surveys import views

app_name = "surveys"

urlpatterns = [
    path("s/<str:token>", views.survey, name="survey"),
    path("s/<str:token>/", views.survey),
]
