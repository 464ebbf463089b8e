"""A local Telegram server that speaks real MTProto, for tests and for the demo.

A program of its own (``python -m sandbox``): nothing imports it but tests, and it
imports no app. Telethon's TL classes read its requests and write its answers.
"""
