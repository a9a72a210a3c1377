"""The public addresses of rumour and insight reports, under insight/ in every language."""

from django.urls import path

from . import public_views

app_name = "insight"
urlpatterns = [
    path("", public_views.reports, name="reports"),
    path("<slug:code>/", public_views.report, name="report"),
    path("<slug:code>/report.pdf", public_views.report_pdf, name="pdf"),
    path("<slug:code>/report.json", public_views.report_data, name="data"),
]
