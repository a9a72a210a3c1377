"""The portal's addresses, under portal/ in every language."""

from django.urls import path

from . import views

app_name = "influencers"
urlpatterns = [
    path("", views.home, name="home"),
    path("bulletins/<int:number>/", views.bulletin, name="bulletin"),
    path("pledge/", views.pledge, name="pledge"),
    path("handbook/", views.handbook, name="handbook"),
]
