"""What a person waits for: questions to Telegram that the web process posts and a holder answers.

A call is a row; its arguments are encrypted and wiped with the answer. Each kind is one function
(`login`, `channels`, `dialogs`). They run in the holder's event loop; rows are read and written in
its database thread. What each takes and answers is in its docstring.
"""

from ingestion.calls.answering import answer_call, answer_waiting
from ingestion.calls.base import Line
from ingestion.calls.reaching import reach

__all__ = ["Line", "answer_call", "answer_waiting", "reach"]
