"""A Django project with nothing in it but log-ins as they come: django-allauth's and Django's own, to compare with."""
