"""Every address of the product starts here."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
]
if find_spec("dashboard.urls") if find_spec("dashboard") else None:
    urlpatterns.append(path("", include("dashboard.urls")))
