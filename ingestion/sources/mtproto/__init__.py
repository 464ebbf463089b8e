"""Telegram itself, over MTProto, with Telethon: the one package that imports it.

`mapping` and `config` do without Telethon, so that mapping stored records again and reading the
configuration never load it.
"""
