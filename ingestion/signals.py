"""What the write side announces, so that nothing below has to import what lies above.

`batch_writing` is sent inside the batch's transaction, `batch_committed` after it. Both carry
`channel_id`, `batch` (a `writer.Batch`) and `outcome` (a `writer.Outcome`). `messages_deleted` is
sent with `channel_id`, in the transaction that deletes all that was archived of a channel;
`messages_leaving` before anything of a channel is removed, with its lock held: a receiver that raises
an `IngestionError` keeps everything.
"""

from django.dispatch import Signal

batch_writing = Signal()
batch_committed = Signal()
messages_deleted = Signal()
messages_leaving = Signal()
