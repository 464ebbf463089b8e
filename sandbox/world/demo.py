"""The demo world's channels, and small made ones for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sandbox.world.model import ChannelKind


@dataclass(frozen=True, slots=True)
class Plan:
    """How to make one channel; `audience` is what a post reaches, `years` how old it is,
    `linked` names the channel whose posts a group discusses; `invite` is the secret part of the
    link that leads into it, with `approval` by way of an administrator.
    """

    voice: str
    title: str
    kind: ChannelKind
    messages: int
    username: str | None = None
    about: str = ""
    language: str = "en"
    audience: int = 5_000
    years: float = 2.5
    people: int = 30
    topics: tuple[str, ...] = ()
    signatures: bool = False
    linked: str | None = None
    hidden: int = 0
    verified: bool = False
    media: float = 0.3
    albums: float = 0.02
    polls: float = 0.01
    holes: float = 0.03
    outsiders: tuple[int, ...] = ()
    invite: str = ""
    approval: bool = False
    #: One message of every kind that Telegram knows, instead of generated ones.
    kinds: bool = False


DEMO = (
    Plan("harbor", "Harbor Daily", "broadcast", 9_400, "harbor_daily", "News from the harbour, the council and the ferries. Tips: desk@example.org", audience=42_000, verified=True, outsiders=(2,)),
    Plan("harbor", "Harbor Talk", "supergroup", 3_600, "harbor_talk", "What readers of Harbor Daily say.", people=70, linked="harbor_daily", media=0.12),
    Plan("infra", "Infra Notes 🛠", "broadcast", 5_200, "infra_notes", "Post-mortems, releases and things we learned the hard way.", audience=18_500, signatures=True, media=0.15),
    Plan("sever", "Новости Севера", "broadcast", 8_600, "novosti_severa", "Архангельск, Мурманск, Белое море: коротко и по делу.", "ru", 65_000, 3.0, verified=True),
    Plan("kinoklub", "Киноклуб «Сеанс»", "broadcast", 2_900, "kinoklub_seans", "Показы, разговоры и хорошие копии. По субботам.", "ru", 3_800, 2.0, signatures=True, polls=0.06),
    Plan("akhbar", "أخبار الساحل", "broadcast", 5_600, "akhbar_sahel", "أخبار وثقافة واقتصاد، على مدار الساعة.", "ar", 51_000, 2.2),
    Plan("gourmet", "東京グルメ日記", "broadcast", 3_700, "tokyo_gourmet", "毎日どこかで食べています。お店のメモと写真。", "ja", 9_100, 2.8, media=0.6, albums=0.06),
    Plan("zaobao", "上海科技早报", "broadcast", 4_100, "shanghai_zaobao", "每天八点,五条要闻。", "zh", 27_000, 2.4),
    Plan("metro", "서울 지하철 알리미", "broadcast", 2_600, "seoul_metro_info", "지연, 점검, 막차 안내.", "ko", 14_000, 1.5, media=0.1),
    Plan("emoji", "🌦️🌍", "broadcast", 1_800, "emoji_weather", "☀️🌧❄️ 🇮🇸🇯🇵🇧🇷", "und", 2_400, 1.2, media=0.05),
    Plan("rustberlin", "Rust Berlin 🦀", "supergroup", 6_300, "rust_berlin", "Treffen, Fragen, Stellen. Deutsch und English.", "de", 0, 2.6, people=48),
    Plan("chess", "Quayside Chess Club", "forum", 4_400, "quayside_chess", "Club nights, league games, puzzles.", "en", 0, 2.1, people=26, topics=("Pairings", "Puzzles", "Endgames", "Off-topic ☕")),
    Plan("ciclistas", "Ciclistas de Lisboa", "supergroup", 5_900, "ciclistas_lisboa", "Passeios, ciclovias, oficina comunitária.", "pt", 0, 2.9, people=40, hidden=1_750),
    Plan("horodnia", "Городня абетка 🌱", "supergroup", 3_300, "horodnia_abetka", "Поради, насіння, врожай.", "uk", 0, 2.0, people=33, media=0.45),
    Plan("redakcia", "Редакция · закрытый чат", "supergroup", 2_700, None, "Только для своих.", "ru", 0, 1.8, people=8, outsiders=(2,)),
    Plan("photo", "Slow Photographs", "broadcast", 2_200, "slow_photographs", "One place, one light, one picture. Or ten.", audience=7_700, media=0.8, albums=0.14),
    Plan("quiz", "Daily Quiz", "gigagroup", 1_300, "daily_quiz_time", "Three questions a day, answers at night.", audience=11_000, people=60, polls=0.35, outsiders=(1, 2)),
    Plan("harbor", "Night Watch 🌙", "supergroup", 640, None, "Who is awake in the harbour. By invitation.", "en", 0, 0.8, people=14, media=0.1, outsiders=(0, 1, 2), invite="NightWatch2026harbr"),
    Plan("photo", "Darkroom", "broadcast", 420, None, "Unfinished pictures. Whoever asks is let in by the editors.", "en", 900, 0.7, media=0.7, albums=0.1, outsiders=(0, 1, 2), invite="Darkroom2026editors", approval=True),
    Plan("harbor", "Every Kind of Message", "supergroup", 0, "every_kind", "One message of each kind that Telegram knows.", "en", 900, 0.3, people=8, kinds=True),
)  # fmt: skip

_MADE = (
    Plan("harbor", "Harbor Daily", "broadcast", 0, "channel", audience=10_000),
    Plan("rustberlin", "Rust Berlin", "supergroup", 0, "channel", language="de", linked="channel"),
    Plan("chess", "Chess", "forum", 0, "channel", topics=("Pairings", "Puzzles")),
    Plan("ciclistas", "Ciclistas", "supergroup", 0, "channel", language="pt", hidden=1),
    Plan(
        "redakcia",
        "Редакция",
        "supergroup",
        0,
        None,
        language="ru",
        outsiders=(2,),
        invite="invite",
    ),
    Plan("akhbar", "أخبار الساحل", "broadcast", 0, "channel", language="ar"),
    Plan("gourmet", "東京グルメ日記", "broadcast", 0, "channel", language="ja", albums=0.06),
    Plan("emoji", "🌦️🌍", "broadcast", 0, "channel", language="und"),
)


def made(channels: int, messages: int) -> tuple[Plan, ...]:
    """`channels` channels of `messages` ids each, named ``channel_1``, ``channel_2`` and so on.

    In turn: broadcast, its discussion group, forum, one with hidden history (its first fifth),
    a private one (without a name, with the invite link ``invite_to_5``), then broadcasts in Arabic, Japanese and emoji.
    """
    out = []
    for number in range(channels):
        plan = _MADE[number % len(_MADE)]
        out.append(
            replace(
                plan,
                messages=messages,
                title=f"{plan.title} {number + 1}",
                username=f"channel_{number + 1}" if plan.username else None,
                linked=f"channel_{number}" if plan.linked else None,
                hidden=messages // 5 if plan.hidden else 0,
                invite=f"invite_to_{number + 1}" if plan.invite else "",
            )
        )
    return tuple(out)
