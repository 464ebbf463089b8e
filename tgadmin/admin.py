"""What the project itself adds to the admin."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern
from django_rq.admin import QueueAdmin
from django_rq.models import Dashboard
from django_rq.urls import get_admin_urlpatterns, get_api_urlpatterns


class QueuePages(QueueAdmin):
    """RQ's pages, whole behind the admin's door (stock, any staff user may read the figures)."""

    def get_urls(self) -> list[URLPattern]:
        def behind_the_door(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
            def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
                request.current_app = self.admin_site.name
                return self.admin_site.admin_view(view)(request, *args, **kwargs)

            return wrapper

        patterns = get_api_urlpatterns(name_prefix="django_rq_")
        for pattern in patterns:
            pattern.callback = behind_the_door(pattern.callback)
        return [
            *patterns,
            *get_admin_urlpatterns(name_prefix="django_rq_", view_wrapper=behind_the_door),
            *super(QueueAdmin, self).get_urls(),
        ]


admin.site.register(Dashboard, QueuePages)
