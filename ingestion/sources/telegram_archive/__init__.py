"""The SQLite database of Telegram-Archive (https://github.com/GeiserX/Telegram-Archive).

What is known of its tables is read from its public schema: `chats` with marked ids, `messages` (times
in UTC without an offset, text as Telethon's Markdown), `media`, `reactions`, `message_versions`; from its
version 8 on each with an `account_id`.
"""

from ingestion.sources.telegram_archive.database import TelegramArchive

__all__ = ["TelegramArchive"]
