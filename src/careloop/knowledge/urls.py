from django.urls import path

from careloop.knowledge import views

app_name = "knowledge"
urlpatterns = [
    path("knowledge/", views.articles, name="articles"),
    path("knowledge/new/", views.new, name="new"),
    path("knowledge/<int:pk>/", views.article, name="article"),
    path("knowledge/<int:pk>/text/", views.text, name="text"),
    path("knowledge/<int:pk>/publication/", views.publication, name="publication"),
    path("knowledge/<int:pk>/retirement/", views.retirement, name="retirement"),
    path("help/", views.help_index, name="help"),
    path("help/offers/", views.offers, name="offers"),
    path("help/<int:pk>/", views.help_article, name="help_article"),
]
