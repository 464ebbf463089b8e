"""Somebody who writes, and how a message's counters grew."""

from datetime import timedelta

from django.utils import timezone

from ingestion.models import Channel, CounterSnapshot, Message, Sender, SenderChange


def make_sender(channel: Channel, message: Message) -> Sender:
    """A member who was called otherwise, and a message whose counters grew."""
    now = timezone.now()
    sender = Sender.objects.create(
        workspace=channel.workspace,
        peer_id=5_200_000_001,
        kind="user",
        name="Mira Solveig",
        usernames=["mira", "solveig"],
        flags=["verified"],
        first_seen_at=now - timedelta(days=90),
    )
    SenderChange.objects.create(
        workspace=channel.workspace,
        peer_id=sender.peer_id,
        field="name",
        before="Mira S.",
        after=sender.name,
        at=now - timedelta(days=3),
    )
    CounterSnapshot.objects.bulk_create(
        CounterSnapshot(
            channel=channel,
            message_id=message.message_id,
            step=step,
            at=message.date + timedelta(hours=hours),
            views=views,
            forwards=step,
            reactions={"👍": views // 10, "custom:5368": 3} if step else None,
        )
        for step, hours, views in ((0, 0.05, 40), (1, 1.1, 1_900), (2, 6.2, 4_100))
    )
    return sender
