from collections.abc import Callable
from django.test import Client
from tests.dashboard.world import World

def test_pages(world: World, client_of: Callable[[str], Client]) -> None:
    c = client_of("owner")
    for u in ["/", "/live/", "/channels/", "/channels/add/", f"/channels/{world.channel.pk}/", f"/channels/{world.channel.pk}/live/",
      f"/channels/{world.channels[-1].pk}/", "/messages/", "/messages/?q=ferry", f"/channels/{world.channel.pk}/messages/{world.message.message_id}/", "/runs/", f"/runs/{world.run.pk}/", f"/runs/{world.run.pk}/live/",
      "/exports/", "/exports/live/", "/accounts/", f"/accounts/{world.account.pk}/", f"/accounts/{world.lost.pk}/", "/accounts/connect/", f"/calls/{world.call.pk}/", f"/calls/{world.call.pk}/live/", f"/channels/{world.channel.pk}/remove/", f"/accounts/{world.lost.pk}/delete/"]:
        r = c.get(u)
        print(u, r.status_code, len(r.content))
        assert r.status_code in (200, 286), u
