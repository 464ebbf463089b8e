"""Talking to a running server: a Unix socket, one JSON line each way.

A request is ``{"command": …, …}``. The answer is ``{"ok": true, "result": …}`` or
``{"ok": false, "error": …}``; a stream sends ``{"item": …}`` lines before it.
"""
