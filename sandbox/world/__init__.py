"""What exists on this Telegram: accounts, people, channels and their messages.

Plain dataclasses that know nothing of TL; the truth that tests compare with is
written from them.
"""
