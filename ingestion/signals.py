"""What the write side announces, so that nothing below has to import what lies above.

`batch_writing` is sent inside the batch's transaction, `batch_committed` after it. Both carry
`channel_id`, `batch` (a `writer.Batch`) and `outcome` (a `writer.Outcome`).
"""

from django.dispatch import Signal

batch_writing = Signal()
batch_committed = Signal()
