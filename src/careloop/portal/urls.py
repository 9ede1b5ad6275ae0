"""The customer's addresses. What stands behind ``/p/<token>`` opens to whoever holds the link."""

from django.urls import path

from careloop.portal.views import case, submitting

app_name = "portal"

urlpatterns = [
    path("portal/", submitting.submit, name="submit"),
    path("portal/received/<str:receipt>/", submitting.received, name="received"),
    path("portal/<slug:inbox>/", submitting.submit, name="submit_to"),
    path("p/<str:token>", case.case, name="case"),
    path("p/<str:token>/", case.case),
    path("p/<str:token>/progress", case.progress, name="progress"),
    path("p/<str:token>/messages", case.add_message, name="messages"),
    path("p/<str:token>/files/<int:pk>", case.attachment, name="file"),
]
