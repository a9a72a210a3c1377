"""The pages of single ways to help, and those of partner organisations. The list of them all is the website's."""

from django.urls import path

from . import partner_views, public_views

app_name = "ways_to_help"
urlpatterns = [
    path("<int:pk>/", public_views.offer, name="offer"),
    path("<int:pk>/done/", public_views.done, name="done"),
    path("thanks/", public_views.thanks, name="thanks"),
    path("own/", partner_views.mine, name="own"),
    path("own/new/", partner_views.new, name="new"),
    path("own/<int:pk>/", partner_views.change, name="mine"),
    path("own/<int:pk>/withdraw/", partner_views.withdraw, name="withdraw"),
]
