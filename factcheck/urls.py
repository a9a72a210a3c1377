"""The public fact-checks."""

from django.urls import path

from .views import copies, feeds, pages, reporting

app_name = "factcheck"
urlpatterns = [
    path("", pages.claims, name="claims"),
    path("report/", reporting.report, name="report"),
    path("reported/", reporting.reported, name="reported"),
    path("feed/", feeds.feed, name="feed"),
    path("data/claims.json", feeds.claims, name="claims_data"),
    path("data/claimreview.json", feeds.claimreview, name="claimreview_data"),
    path("corrections/", pages.corrections, name="corrections"),
    path("how-we-check/", pages.policy, name="policy"),
    path("cards/<slug:slug>/<int:number>-<slug:language>-<slug:ratio>.png", pages.card, name="card"),
    path("sources/<int:pk>/", copies.copy, name="copy"),
    path("<slug:slug>/", pages.claim, name="claim"),
    path("<slug:slug>/versions/<int:number>/", pages.version, name="version"),
]
