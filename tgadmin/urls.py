"""Every address of the product starts here."""

from importlib.util import find_spec

import django_rq.urls
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from tgadmin import health

# The queue's own pages are open to any staff user; behind the admin's door they are for superusers.
_queue_pages = django_rq.urls.get_admin_urlpatterns(view_wrapper=admin.site.admin_view)

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("admin/", admin.site.urls),
    path("django-rq/", include((_queue_pages, "django_rq"))),
]
if find_spec("dashboard.urls") if find_spec("dashboard") else None:
    urlpatterns.append(path("", include("dashboard.urls")))
