from pathlib import Path

import redis

from tgadmin.embedded import ValkeyServer, valkey_url


def test_it_answers_on_its_socket_alone_and_keeps_nothing(tmp_path: Path) -> None:
    server = ValkeyServer(tmp_path)
    server.start()
    with redis.Redis.from_url(valkey_url(tmp_path)) as client:
        assert client.config_get("port") == {"port": "0"}
        assert client.config_get("save") == {"save": ""}
        assert client.config_get("appendonly") == {"appendonly": "no"}
    assert server.socket.stat().st_mode & 0o777 == 0o700
    server.stop()
    assert not server.socket.exists()


def test_the_one_of_an_earlier_start_is_replaced(tmp_path: Path) -> None:
    first, second = ValkeyServer(tmp_path), ValkeyServer(tmp_path)
    first.start()
    second.start()
    assert second.process
    with redis.Redis.from_url(valkey_url(tmp_path)) as client:
        assert client.info("server")["process_id"] == second.process.pid
    first.stop()
    second.stop()
