"""Messages in eleven languages, and what has to be found among them by which words. Written for
this test. The order is that of their ids, the newest last.
"""

from typing import Final, NamedTuple


class Question(NamedTuple):
    """`expected`: exactly these of all messages, whatever their language."""

    query: str
    expected: tuple[str, ...]


MESSAGES: Final[dict[str, str]] = {
    "en1": "The council is running late with the reports about the new bridges in the old town.",
    "en2": "She runs along the harbour every morning, and nobody has ever seen her walk there.",
    "en3": "It was a general strike, and generally people stayed at home with their children.",
    "en4": "Read our notes on C++ and on C# at https://docs.example.com/guides/start?page=2 #dev",
    "en5": "I don't think that this is state-of-the-art, but it costs only $5 or 10% of the price.",
    "en6": "The naïve café owner wrote his résumé in one night, and it was a good one.",
    "ru1": "Городской совет закрыл старые мосты на зиму, а паромы ходят по расписанию.",
    "ru2": "Ёлка на площади уже горит, и все дети пришли на праздник с родителями.",
    "ru3": "Мост открыли для пешеходов, но машины по нему пока не пускают. #новости",
    "uk1": "Міська рада вирішила закрити міст, і пороми не ходитимуть до березня.",
    "uk2": "Їжак заснув під яблунею, а його ніхто не розбудив до самої весни.",
    "de1": "Die Häuser am Fluss sind alt, und die Brücken werden in diesem Sommer repariert.",
    "de2": "Das Haus auf der großen Straße ist verkauft, und der Bürgermeister freut sich.",
    "fr1": "Les élections municipales auront lieu dans la grande salle, et les élèves sont invités.",
    "fr2": "Le maire n'a pas parlé des chevaux de l'école, mais il est content du résultat.",
    "es1": "El niño perdió su canción favorita, pero la encontró en la estación de trenes.",
    "es2": "Las canciones de los niños suenan en la plaza, y el alcalde está muy contento.",
    "pt1": "As informações sobre a ponte não estão certas, e o prefeito vai falar com as pessoas.",
    "tr1": "Belediye köprüyü kış için kapattı, ama vapurlar çok güzel çalışıyor ve insanlar mutlu.",
    "ar1": "قرر مجلس المدينة إغلاق الجسر خلال فصل الشتاء وقال الوزير إن السفينة جاهزة.",
    "ar2": "قَرَّرَ المُدَرِّسُ أن يكتب الرسالة في الصباح.",
    "zh1": "市议会决定冬季关闭大桥,渡轮停运到三月。",
    "zh2": "北京大学的学生在图书馆学习中文,用iPhone手机拍照。",
    "ja1": "市議会は冬の間、橋を閉鎖することを決めました。",
    "ja2": "東京タワーの近くのラーメン屋はとても美味しいです🍜",
    "th1": "สภาเมืองตัดสินใจปิดสะพานในช่วงฤดูหนาว",
    "th2": "ร้านอาหารที่สะพานมีข้าวผัดอร่อยมาก 👍🏽",
    "ko1": "시의회는 겨울 동안 다리를 폐쇄하기로 결정했다",
    "ko2": "서울에서 부산까지 기차를 타고 갔습니다 #여행",
    "xx1": "🔥🔥🔥 @port_news",
    "xx2": "bridge",
}

QUESTIONS: Final[dict[str, tuple[Question, ...]]] = {
    "English": (
        Question("running", ("en1", "en2")),
        Question("run", ("en1", "en2")),
        Question('"runs"', ("en2",)),
        Question("bridge", ("en1", "xx2")),
        Question("BRIDGES", ("en1",)),
        Question("bridges report", ("en1",)),
        # In French and Dutch it is a form of "new", which an English message has.
        Question("news", ("xx1",)),
        Question('"general"', ("en3",)),
        Question('"new bridges"', ("en1",)),
        Question('"bridges new"', ()),
        Question("general -strike", ()),
        Question("harbour OR strike", ("en2", "en3")),
        Question("harb*", ("en2",)),
        Question("cafe resume", ("en6",)),
        Question("café", ("en6",)),
        Question("state-of-the-art", ("en5",)),
        Question("don't", ("en5",)),
    ),
    "Signs, addresses, tags and names": (
        Question("c++", ("en4",)),
        Question("C#", ("en4",)),
        Question("10%", ("en5",)),
        Question("$5", ("en5",)),
        Question("example.com", ("en4",)),
        Question("docs.example.com", ("en4",)),
        Question("guides", ("en4",)),
        Question("#dev", ("en4",)),
        Question("#DEV", ("en4",)),
        Question("@port_news", ("xx1",)),
        Question("🔥", ("xx1",)),
        Question("🍜", ("ja2",)),
        Question("👍", ("th2",)),
        Question("#여행", ("ko2",)),
    ),
    "Russian": (
        Question("мост", ("ru1", "ru3")),
        Question("мостами", ("ru1", "ru3")),
        Question('"мост"', ("ru3",)),
        Question("елка", ("ru2",)),
        Question("ЁЛКИ", ("ru2",)),
        Question("паром", ("ru1",)),
        Question("дети праздник", ("ru2",)),
        Question("#новости", ("ru3",)),
    ),
    "Ukrainian": (
        Question("міст", ("uk1",)),
        Question("їжак", ("uk2",)),
        Question("пором*", ("uk1",)),
    ),
    "German": (
        Question("Haus", ("de1", "de2")),
        Question("hauser", ("de1", "de2")),
        Question("Brücke", ("de1",)),
        Question("brucken", ("de1",)),
        Question("strasse", ("de2",)),
    ),
    "French": (
        Question("élection", ("fr1",)),
        Question("elections", ("fr1",)),
        Question("eleve", ("fr1",)),
        Question("chevaux", ("fr2",)),
        Question("ecole", ("fr2",)),
    ),
    "Spanish and Portuguese": (
        Question("canción", ("es1", "es2")),
        Question("cancion", ("es1", "es2")),
        Question("niños", ("es1", "es2")),
        Question("informação", ("pt1",)),
        Question("informacoes", ("pt1",)),
    ),
    "Turkish": (
        Question("köprü", ("tr1",)),
        Question("vapur", ("tr1",)),
    ),
    "Arabic": (
        Question("الجسر", ("ar1",)),
        Question("قرر", ("ar1", "ar2")),
        Question("رسالة", ("ar2",)),
    ),
    "Chinese": (
        Question("大桥", ("zh1",)),
        Question("议会决定", ("zh1",)),
        Question("图书", ("zh2",)),
        Question("桥", ("zh1",)),
        Question("手机", ("zh2",)),
        Question("iphone手机", ("zh2",)),
        Question("京学", ()),
        Question("北京 图书馆", ("zh2",)),
    ),
    "Japanese": (
        Question("閉鎖", ("ja1",)),
        Question("タワー", ("ja2",)),
        Question("ラーメン屋", ("ja2",)),
        Question("市議会", ("ja1",)),
    ),
    "Thai": (
        Question("สะพาน", ("th1", "th2")),
        Question("ข้าวผัด", ("th2",)),
        Question("สะพาน -ข้าวผัด", ("th1",)),
    ),
    "Korean": (
        Question("서울", ("ko2",)),
        Question("다리", ("ko1",)),
        Question("기차", ("ko2",)),
    ),
}

#: The best of several, which the order by date would not put first.
RANKED: Final = {
    "short": "bridge bridge",
    "long": "The bridge " + "and many other words about other things " * 12,
    "none": "ferries only",
}
