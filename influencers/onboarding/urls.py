"""The addresses of joining, under join/ in every language."""

from django.urls import path

from . import views

app_name = "joining"
urlpatterns = [
    path("", views.join, name="join"),
    path("look/", views.look, name="look"),
    path("code/", views.confirm, name="confirm"),
    path("link/<str:token>/", views.link, name="link"),
    path("code/again/", views.resend, name="resend"),
    path("invited/<str:token>/", views.invited, name="invited"),
    path("invited/<str:token>/no/", views.declined, name="declined"),
]
