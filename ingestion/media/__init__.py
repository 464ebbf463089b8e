"""Files of messages: which are wanted, where they are stored, how they are shown.

What speaks to Telegram is in `ingestion.downloads`; nothing here does.
"""
