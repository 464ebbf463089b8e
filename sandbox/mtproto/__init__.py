"""MTProto 2.0, the server's side (https://core.telegram.org/mtproto)."""
