from django.urls import path

from careloop.analytics import views

app_name = "analytics"
urlpatterns = [
    path("reports/weekly/", views.latest, name="weekly"),
    path("reports/weekly/<str:week>/", views.weekly, name="week"),
]
