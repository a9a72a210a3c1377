"""The portal's addresses, under portal/ in every language."""

from django.urls import path

from . import views

app_name = "influencers"
urlpatterns = [
    path("", views.home, name="home"),
    path("bulletins/<int:number>/", views.bulletin, name="bulletin"),
    path("facts/", views.facts, name="facts"),
    path("facts/<slug:slug>/", views.kit, name="kit"),
    path("facts/<slug:slug>/used/", views.kit_used, name="kit_used"),
    path("report/", views.report, name="report"),
    path("reports/", views.reports, name="reports"),
    path("pledge/", views.pledge, name="pledge"),
    path("handbook/", views.handbook, name="handbook"),
]
