"""Every address of the product starts here."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from tgadmin import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    # The queue's pages are within the admin, for superusers: tgadmin/admin.py.
    path("django-rq/", RedirectView.as_view(pattern_name="admin:django_rq_home")),
    path("admin/", admin.site.urls),
    path("", include("dashboard.urls")),
]

handler500 = "dashboard.errors.internal_error"
