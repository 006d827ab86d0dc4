"""The addresses of the demo."""

from django.urls import path

from demo import views

urlpatterns = [
    path("", views.people, name="demo_people"),
    path("people-to-import/", views.people_to_import, name="demo_people_to_import"),
    path("inbox/", views.inbox, name="demo_inbox"),
    path("inbox/<str:key>/", views.mail, name="demo_mail"),
    path("inbox/<str:key>/html/", views.mail_html, name="demo_mail_html"),
]
