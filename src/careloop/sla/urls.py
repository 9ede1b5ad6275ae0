from django.urls import path

from careloop.sla.views import checking, laws, laws_here

app_name = "sla"
urlpatterns = [
    path("conversations/<int:pk>/checked/", checking.checked, name="checked"),
    path("conversations/<int:pk>/laws/", laws_here.page, name="laws_here"),
    path("conversations/<int:pk>/laws/start/", laws_here.start, name="start_law"),
    path("clocks/<int:pk>/extension/", laws_here.extension, name="extend"),
    path("clocks/<int:pk>/pause/", laws_here.pausing, name="pause"),
    path("clocks/<int:pk>/resumption/", laws_here.resumption, name="resume"),
    path("clocks/<int:pk>/final-reply/", laws_here.final_reply, name="final_reply"),
    path("clocks/<int:pk>/withdrawal/", laws_here.withdrawal, name="withdraw"),
    path("laws/", laws.page, name="laws"),
    path("laws/<int:pk>/off/", laws.off, name="law_off"),
]
