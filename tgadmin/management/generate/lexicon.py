"""Words of many scripts, as often as words are used: the commonest are real, the long tail is put
together from syllables. How often follows Zipf's law, which is what full-text indexes meet.
"""

from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from random import Random
from typing import Final

#: Different words of a language, beside those that occur once.
VOCABULARY: Final = 20_000
#: Zipf–Mandelbrot: a word's weight is 1 ÷ (rank + OFFSET).
_OFFSET: Final = 2.7
#: Of words that are put together, in syllables.
_LENGTHS: Final = (2, 3, 3, 4)


@dataclass(frozen=True, slots=True)
class Language:
    """What texts of a language are made of. `joiner` stands between words, `stop` ends a clause;
    `share` is its part of all channels.
    """

    code: str
    share: int
    common: tuple[str, ...]
    syllables: tuple[str, ...]
    names: tuple[str, ...]
    joiner: str = " "
    stop: str = ". "


def _language(code: str, share: int, common: str, syllables: str, names: str) -> Language:
    words, parts, people = (tuple(text.split()) for text in (common, syllables, names))
    if code in {"zh", "ja"}:
        return Language(code, share, words, parts, people, joiner="", stop="。")
    if code == "th":
        return Language(code, share, words, parts, people, joiner="", stop=" ")
    return Language(code, share, words, parts, people)


LANGUAGES: Final = (
    _language(
        "en",
        28,
        "the of and to in is that for on with as at by from this was are have not market city "
        "report minister council bridge harbour ferry winter strike vote energy police court "
        "president weather update breaking video photo people government price water",
        "ba ber can cor dal den el fer gan hol in ker lan mar nor on per ren sol tar ul ver win yor",
        "Anna Ben Clara David Emma Frank Grace Henry Irene Jack",
    ),
    _language(
        "ru",
        24,
        "и в не на что с по как это за из у к от для до город мост трамвай совет рынок отчёт "
        "министр погода выставка новости видео фото сегодня завтра вода цена школа дорога суд",
        "ба бе ви го да до ев за ис ка ко ла ле ма мо на но ов по ра ро са ст та то ун че ши",
        "Анна Борис Вера Григорий Дарья Егор Жанна Иван Ольга Пётр",
    ),
    _language(
        "uk",
        6,
        "і в не на що з як це за до від та у про є місто міст рада ринок звіт погода новини "
        "відео фото сьогодні завтра вода ціна школа дорога суд влада їжак ґанок",
        "ба ве ги да жи зо їв йо ка лі му не ос пі ри со ту фі хо це чи ші ща ює",
        "Андрій Богдана Віра Григорій Дарина Єва Іван Олена",
    ),
    _language(
        "es",
        8,
        "de la que el en y a los se del las un por con no una su para ciudad puente mercado "
        "informe ministro huelga invierno noticias vídeo foto hoy mañana agua precio año niño",
        "ba ca ci cho da do es fa ga gue ja la lo ma mo na ñe no pa po ra rro sa ta to ve za",
        "Ana Bruno Carmen Diego Elena Fermín Inés José Lucía",
    ),
    _language(
        "de",
        6,
        "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine Stadt "
        "Brücke Markt Bericht Minister Streik Winter Straße heute morgen Wasser Preis Überblick",
        "ab be der ein fer gen haus hei ing keit land lich mar nen ober rat schaft stel tag un ver",
        "Anke Bernd Clara Dörte Erik Frauke Günter Heike",
    ),
    _language(
        "fr",
        5,
        "de la le et les des en un du une que est pour qui dans a par plus pas au sur ville pont "
        "marché rapport ministre grève hiver météo vidéo photo demain eau prix été où déjà",
        "ba che cou de é eau fa gne hé in jou la lé mai mon ne ou pé que ré sé tion u va",
        "Amélie Benoît Chloé Denis Élodie François Gaël Hélène",
    ),
    _language(
        "ar",
        9,
        "في من على إلى أن هذا التي عن مع ما كان بعد قبل المدينة الجسر السوق تقرير الوزير الشتاء "
        "السفينة الصباح الأخبار فيديو صورة اليوم غدا الماء السعر المدرسة الطريق المحكمة",
        "ال با تا جا حا خا دا را زا سا شا صا طا عا فا قا كا لا ما نا ها وا يا ون ين",
        "أحمد فاطمة خالد ليلى محمد نورة سعيد",
    ),
    _language(
        "zh",
        6,
        "的 是 在 了 和 有 我们 今天 城市 市场 报告 天气 新闻 视频 图片 公司 产品 发布 经济 "
        "政府 学校 道路 价格 水 部长 港口 桥 冬天 罢工 投票",
        "北 东 南 西 山 河 海 云 光 明 华 新 安 平 大 小 天 地 人 民 国 家 学 生 工 业 电 气 车 站",
        "王伟 李娜 张敏 刘洋 陈静",
    ),
    _language(
        "ja",
        4,
        "の に は を が で と も です ました 今日 市場 報告 天気 ニュース 動画 写真 会社 製品 "
        "東京 学校 道路 価格 水 大臣 港 橋 冬 駅 新聞",
        "ア イ ウ エ カ キ ク サ シ ス タ チ ナ ニ ハ ヒ マ ミ ラ リ ル 山 川 田 中 村 木 林 森",
        "佐藤花子 鈴木一郎 高橋翔 伊藤愛",
    ),
    _language(
        "th",
        4,
        "ที่ และ ใน ของ เป็น มี ได้ วันนี้ เมือง ตลาด รายงาน อากาศ ข่าว วิดีโอ ภาพ บริษัท "
        "สินค้า โรงเรียน ถนน ราคา น้ำ รัฐมนตรี ท่าเรือ สะพาน ฤดูหนาว",
        "กา ขา คน งาน จาก ชา ดี ตา ทาง นา บ้าน ปลา ผล พา ไฟ มา ยาว รัก ลม วัน สี หา อา",
        "สมชาย สมหญิง วิชัย มาลี",
    ),
)

EMOJI: Final = ("🔥", "👍", "❤️", "😂", "🎉", "🙏", "😢", "👀", "⚡️", "🇺🇦", "👩‍💻", "🚢")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """A language's words by rank, and the sums of their weights, for `Random.choices`."""

    language: Language
    words: list[str]
    weights: list[float]

    def draw(self, dice: Random, count: int) -> list[str]:
        """So many words, as often as they are used."""
        return dice.choices(self.words, cum_weights=self.weights, k=count)

    def once(self, dice: Random) -> str:
        """A word that hardly occurs again."""
        return _word(self.language, dice, 5)


@cache
def lexicon(code: str) -> Lexicon:
    """The same words in every run."""
    language = next(one for one in LANGUAGES if one.code == code)
    dice = Random(code)  # noqa: S311, words
    words = list(dict.fromkeys(language.common))
    known = dict.fromkeys(words)
    while len(known) < VOCABULARY:
        known[_word(language, dice, dice.choice(_LENGTHS))] = None
    words = list(known)
    weights = list(accumulate(1 / (rank + _OFFSET) for rank in range(VOCABULARY)))
    return Lexicon(language, words, weights)


def _word(language: Language, dice: Random, syllables: int) -> str:
    return "".join(dice.choice(language.syllables) for _ in range(syllables))
