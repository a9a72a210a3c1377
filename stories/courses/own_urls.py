"""The pages on which somebody with a login takes a course."""

from django.urls import path

from . import own_views

app_name = "own_courses"
urlpatterns = [
    path("", own_views.mine, name="mine"),
    path("<slug:slug>/", own_views.take, name="take"),
    path("<slug:slug>/begin/", own_views.begin, name="begin"),
    path("<slug:slug>/done/", own_views.go_on, name="go_on"),
    path("<slug:slug>/certificate/", own_views.certificate, name="certificate"),
    path("<slug:slug>/certificate/taken-back/", own_views.certificate_taken_back, name="certificate_taken_back"),
    path("<slug:slug>/certificate/<slug:language>.pdf", own_views.certificate_file, name="certificate_file"),
]
