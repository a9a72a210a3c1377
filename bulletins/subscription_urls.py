"""The addresses of subscribing, in every language. The token of a mail's link is the key to what it opens."""

from django.urls import path

from .views import subscriptions

app_name = "subscriptions"
urlpatterns = [
    path("subscribe/", subscriptions.subscribe, name="subscribe"),
    path("subscribe/sent/", subscriptions.sent, name="sent"),
    path("subscribe/confirm/<str:token>/", subscriptions.confirm, name="confirm"),
    path("subscription/<str:token>/", subscriptions.preferences, name="preferences"),
    path("subscription/<str:token>/data/", subscriptions.data, name="data"),
]
