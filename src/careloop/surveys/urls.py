from django.urls import path

from careloop.surveys import views, withheld

app_name = "surveys"

urlpatterns = [
    path("s/<str:token>", views.survey, name="survey"),
    path("s/<str:token>/", views.survey),
    path("surveys/withheld/", withheld.withheld, name="withheld"),
    path("surveys/withheld/<int:resolution>/", withheld.release, name="release"),
]
