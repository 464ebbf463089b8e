"""gunicorn's settings under `up`. The address comes on the command line."""

import signal
import sys
from typing import Any

from tgadmin import env
from tgadmin.embedded.launch import die_with_parent
from tgadmin.lib import garbage, logs

wsgi_app = "tgadmin.wsgi:application"
worker_class = "gthread"
workers = 2
threads = 8
preload_app = True  # Django is loaded once, and its memory shared
timeout = 60
graceful_timeout = 3  # `up` has to stop within 10 s, downloads included
# Browsers keep a connection about so long. One that the server closes first is closed just when
# somebody sends his next request on it, now and then; an idle one takes no thread.
keepalive = 75
control_socket_disable = True  # it would be in one place for every installation of this user
accesslog = None
loglevel = "warning"
# Its own lines as all others: scrubbed, and as JSON when that is asked for.
logconfig_dict = logs.config(level=env.log_level(), form=env.log_format())
for _name in ("gunicorn.error", "gunicorn.access"):
    logconfig_dict["loggers"][_name] = {"level": "WARNING", "handlers": [], "propagate": True}


def when_ready(server: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Before the workers are forked."""
    garbage.settle()


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 - gunicorn's signature
    """Let no worker outlive its master: it would keep the port."""
    if sys.platform.startswith("linux"):
        die_with_parent(server.pid, signal.SIGKILL)
