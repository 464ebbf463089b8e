"""What gunicorn serves."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tgadmin.settings")

application = get_wsgi_application()
# Before gunicorn forks: shared by its workers, and an error in it stops the start.
get_resolver().url_patterns  # noqa: B018
