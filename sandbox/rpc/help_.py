"""help.* and langpack.*: what clients ask for before anybody logs in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from telethon.tl import functions, types

from sandbox.rpc.registry import method
from sandbox.tl.media import THIS_DC
from sandbox.tl.peers import when

if TYPE_CHECKING:
    from sandbox.rpc.registry import Call


@method(functions.help.GetConfigRequest, anonymous=True)
def get_config(call: Call) -> Any:
    """See <https://core.telegram.org/method/help.getConfig>."""
    now = int(time.time())
    server = call.server
    return types.Config(
        date=when(now),
        expires=when(now + 3_600),
        test_mode=False,
        this_dc=call.connection.dc,
        dc_options=[
            types.DcOption(dc, server.host, port, static=True) for dc, port in server.ports.items()
        ],
        dc_txt_domain_name="example.org",
        chat_size_max=200,
        megagroup_size_max=200_000,
        forwarded_count_max=100,
        online_update_period_ms=210_000,
        offline_blur_timeout_ms=5_000,
        offline_idle_timeout_ms=30_000,
        online_cloud_timeout_ms=300_000,
        notify_cloud_delay_ms=30_000,
        notify_default_delay_ms=1_500,
        push_chat_period_ms=60_000,
        push_chat_limit=2,
        edit_time_limit=172_800,
        revoke_time_limit=2_147_483_647,
        revoke_pm_time_limit=2_147_483_647,
        rating_e_decay=2_419_200,
        stickers_recent_limit=200,
        channels_read_media_period=604_800,
        call_receive_timeout_ms=20_000,
        call_ring_timeout_ms=90_000,
        call_connect_timeout_ms=30_000,
        call_packet_timeout_ms=10_000,
        me_url_prefix="https://t.me/",
        caption_length_max=1_024,
        message_length_max=4_096,
        webfile_dc_id=THIS_DC,
    )


@method(functions.help.GetNearestDcRequest, anonymous=True)
def get_nearest_dc(call: Call) -> Any:
    """See <https://core.telegram.org/method/help.getNearestDc>."""
    return types.NearestDc("XX", call.connection.dc, THIS_DC)


@method(functions.help.GetCdnConfigRequest, anonymous=True)
def get_cdn_config(_call: Call) -> Any:
    """See <https://core.telegram.org/method/help.getCdnConfig>: there is no CDN here."""
    return types.CdnConfig([])


@method(functions.help.GetAppConfigRequest, anonymous=True)
def get_app_config(_call: Call) -> Any:
    """See <https://core.telegram.org/method/help.getAppConfig>."""
    return types.help.AppConfig(0, types.JsonObject([]))


@method(functions.langpack.GetLangPackRequest, anonymous=True)
def get_lang_pack(call: Call) -> Any:
    """See <https://core.telegram.org/method/langpack.getLangPack>."""
    return types.LangPackDifference(call.request.lang_code, 0, 1, [])


@method(functions.langpack.GetLanguagesRequest, anonymous=True)
def get_languages(_call: Call) -> bytes:
    """See <https://core.telegram.org/method/langpack.getLanguages>."""
    return b"\x15\xc4\xb5\x1c\x00\x00\x00\x00"
