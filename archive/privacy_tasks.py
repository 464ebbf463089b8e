"""What RQ runs of keeping and forgetting: take ids, call one service."""

from typing import Final

from django.db import connection

from archive import retention
from archive.privacy import auditing, forgetting
from tgadmin.lib import jobs, logs

#: Seconds of one job; the tick queues the rest.
SECONDS: Final = 20.0


def requeue() -> None:
    """For the tick: everything that has work to do has a job."""
    for audit_id in auditing.due():
        jobs.enqueue("exports", f"pii-{audit_id}", run_audit, audit_id)
    for person_id in forgetting.due():
        jobs.enqueue("exports", f"forget-{person_id}", run_forgetting, person_id)
    for run_id in retention.due():
        jobs.enqueue("exports", f"retention-{run_id}", run_retention, run_id)


def start_retention() -> None:
    """For the tick: today's runs."""
    if retention.start_due():
        requeue()


def run_audit(audit_id: int) -> None:
    try:
        with logs.bound(pii_audit=audit_id):
            auditing.work(audit_id=audit_id, seconds=SECONDS)
    finally:
        connection.close()


def run_forgetting(person_id: int) -> None:
    try:
        with logs.bound(forgotten=person_id):
            forgetting.work(person_id=person_id, seconds=SECONDS)
    finally:
        connection.close()


def run_retention(run_id: int) -> None:
    try:
        with logs.bound(retention=run_id):
            retention.work(run_id=run_id, seconds=SECONDS)
    finally:
        connection.close()
