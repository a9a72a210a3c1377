"""The portal's addresses, under portal/ in every language."""

from django.urls import path

from .views import facts, pages, reports

app_name = "influencers"
urlpatterns = [
    path("", pages.home, name="home"),
    path("bulletins/<int:number>/", pages.bulletin, name="bulletin"),
    path("facts/", facts.facts, name="facts"),
    path("facts/<slug:slug>/", facts.kit, name="kit"),
    path("facts/<slug:slug>/used/", facts.kit_used, name="kit_used"),
    path("report/", reports.report, name="report"),
    path("reports/", reports.reports, name="reports"),
    path("pledge/", pages.pledge, name="pledge"),
    path("handbook/", pages.handbook, name="handbook"),
]
