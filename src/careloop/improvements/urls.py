from django.urls import path

from careloop.improvements import views

app_name = "improvements"
urlpatterns = [
    path("questions/", views.questions, name="questions"),
    path("questions/<int:pk>/setting-aside/", views.aside, name="aside"),
    path("questions/<int:pk>/registration/", views.registration, name="registration"),
    path("improvements/", views.register, name="register"),
    path("improvements/<int:pk>/state/", views.state, name="state"),
]
