from django.urls import path

from careloop.routing import views

app_name = "routing"
urlpatterns = [
    path("priority/", views.priority, name="priority"),
    path("priority/simulations/<int:pk>/", views.simulation, name="simulation"),
    path("priority/simulations/<int:pk>/stop/", views.stop_simulation, name="stop_simulation"),
    path("priority/simulations/<int:pk>/adoption/", views.adopt_simulated, name="adopt_simulated"),
    path("priority/sources/", views.sources, name="sources"),
]
