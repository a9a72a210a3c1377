"""The pages of creators, and what everyone sees of published works."""

from django.urls import path

from . import creator_views, public_views

app_name = "commissions"
urlpatterns = [
    path("", public_views.works, name="works"),
    path("<int:pk>/", public_views.work, name="work"),
    path("picture/<int:pk>/", public_views.work_file, name="picture"),
    path("ledger/", public_views.public_ledger, name="ledger"),
    path("ledger.csv", public_views.ledger_csv, name="ledger_csv"),
    path("own/", creator_views.own, name="own"),
    path("own/<int:pk>/", creator_views.mine, name="mine"),
    path("own/file/<int:pk>/", creator_views.file, name="file"),
]
