"""Sync runs: what was asked for, what of it is done, and how it goes."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ingestion.models.accounts import Account
from ingestion.models.channels import Channel, Coverage
from tgadmin.lib.fields import IdRangesField, ToldField


class SyncRun(models.Model):
    """One execution on one channel. PostgreSQL holds all of it; a job only says "do a slice"."""

    workspace_path = "channel__workspace"

    class Kind(models.TextChoices):
        UPDATE = "update", _("Update")
        REFRESH = "refresh", _("Refresh")
        BACKFILL = "backfill", _("Backfill")
        REPAIR = "repair", _("Repair")

    class State(models.TextChoices):
        QUEUED = "queued", "Queued"
        RUNNING = "running", "Running"
        WAITING = "waiting", "Waiting"
        PAUSED = "paused", "Paused"
        INTERRUPTED = "interrupted", "Interrupted"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        CANCELLED = "cancelled", "Cancelled"

    class StopWish(models.TextChoices):
        NONE = ""
        PAUSE = "pause"
        CANCEL = "cancel"

    ACTIVE = (State.QUEUED, State.RUNNING, State.WAITING, State.PAUSED, State.INTERRUPTED)
    ENDED = (State.DONE, State.FAILED, State.CANCELLED)
    #: Who goes first when an account has several runs to do.
    PRIORITY = (Kind.UPDATE, Kind.REFRESH, Kind.REPAIR, Kind.BACKFILL)
    #: What a press on Sync now starts; a repair is for ids that a person names.
    PRESSED = (Kind.UPDATE, Kind.REFRESH, Kind.BACKFILL)
    #: What a press starts where the web is read.
    PREVIEWED = (Kind.UPDATE, Kind.BACKFILL)
    #: A run that was passed over for so long has one slice before the others: frequent schedules
    #: must not keep a backfill waiting for ever.
    PATIENCE = timedelta(minutes=10)

    channel = models.ForeignKey(Channel, models.CASCADE, related_name="runs")
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="runs")
    #: How it reads: through its account, or what the web shows to everybody (then it has none).
    source = models.CharField(
        max_length=20, choices=Coverage.Source.choices, default=Coverage.Source.MTPROTO
    )
    #: Of a run without an account, whose lease would tell: its worker's last sign of life.
    heartbeat_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.QUEUED)
    stop_wish = models.CharField(
        max_length=6, choices=StopWish.choices, default=StopWish.NONE, blank=True
    )
    #: Who pressed pause or cancel while it was running.
    wished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    #: A person confirmed that the channel may be empty: what each id's own answer proves counts,
    #: however much vanished at once.
    accepts_empty = models.BooleanField(default=False)
    #: The runs of one press on Sync now share it.
    press = models.UUIDField()
    #: The id ranges to ask for; null until the first slice made the plan.
    planned = IdRangesField(null=True)
    done = IdRangesField()

    new = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    counters = models.BigIntegerField(default=0, help_text="Only views, reactions … changed")
    absent = models.BigIntegerField(default=0)
    deleted = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    requests = models.BigIntegerField(default=0)

    #: The slice that is enqueued or running; the job's id is made of run and slice.
    slice = models.PositiveIntegerField(default=0)
    slice_began_at = models.DateTimeField(null=True)
    slice_ended_at = models.DateTimeField(null=True)
    lease_token = models.UUIDField(null=True)
    not_before = models.DateTimeField(null=True)
    #: Transient errors in a row.
    attempts = models.PositiveIntegerField(default=0)
    #: Ids a second, of late.
    rate = models.FloatField(default=0)
    error_class = models.CharField(max_length=16, blank=True)
    error_code = models.CharField(max_length=64, blank=True)
    error = ToldField()

    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "kind"],
                name="run_active_once",
                condition=Q(state__in=["queued", "running", "waiting", "paused", "interrupted"]),
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "-created_at"], name="run_of_channel"),
            models.Index(fields=["-created_at"], name="run_newest"),
            models.Index(
                fields=["state"],
                name="run_active",
                condition=Q(state__in=["queued", "running", "waiting", "paused", "interrupted"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class RunEvent(models.Model):
    """A line of a run's history. Every slice ends with one, whose kind tells how it ended; other
    lines are presses on a run that rested. The counts of all lines of a run add up to the run's.
    """

    workspace_path = "run__channel__workspace"

    class Kind(models.TextChoices):
        SLICE = "slice", "Worked"
        FLOOD_WAIT = "flood_wait", "Flood wait"
        #: Our own caution: quiet hours, a day's budget that is used up.
        HELD = "held", "Kept still"
        #: It goes on with another account.
        MOVED = "moved", "Went to another account"
        RETRY = "retry", "Will be tried again"
        INTERRUPTED = "interrupted", "Worker gone"
        PAUSED = "paused", "Paused"
        RESUMED = "resumed", "Resumed"
        ENDED = "ended", "Ended"

    run = models.ForeignKey(SyncRun, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    slice = models.PositiveIntegerField(default=0)
    at = models.DateTimeField()
    #: When the slice that ends here began; null where none does.
    began_at = models.DateTimeField(null=True)
    #: Of a flood wait or a retry: until when.
    until = models.DateTimeField(null=True)
    #: `{"new": 100, "requests": 2, …}`: what this slice did. In a line that stands for many,
    #: `folded` says how many, and `waits`, `retries`, `interruptions` what was among them.
    counts = models.JSONField(default=dict)
    error_code = models.CharField(max_length=64, blank=True)
    text = ToldField()
    #: Whose press it was.
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["run", "at"], name="run_event_order")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.kind}"
