"""Other Latin scripts, with diacritics: Portuguese and German; and a channel of emoji."""

from sandbox.world.voices.base import Voice

CYCLING = Voice(
    name="ciclistas",
    slots={
        "sitio": ("Belém", "a Ponte 25 de Abril", "o Guincho", "Monsanto", "a Avenida da Liberdade", "Sintra", "a Margem Sul"),
        "coisa": ("a ciclovia", "o passeio de domingo", "uma bicicleta roubada", "a oficina comunitária", "o pelotão da manhã", "a petição"),
        "tempo": ("com nortada", "debaixo de chuva", "com sol de inverno", "ao amanhecer", "sem vento, finalmente"),
        "km": ("24", "58", "102", "7", "33"),
        "acao": ("reabriu", "está cortada", "precisa de voluntários", "foi adiada", "correu muito bem"),
    },
    headlines=("{coisa}: {acao}", "Passeio até {sitio}", "Aviso sobre {coisa}", "{km} km {tempo}"),
    sentences=("Saímos de {sitio} às oito e fizemos {km} km {tempo}.", "Segundo a câmara, {coisa} {acao} até ao fim do mês.", "Atenção às obras perto de {sitio}: {coisa} {acao}.", "Quem vem no sábado? São {km} km, ritmo calmo, café em {sitio}.", "Não é preciso inscrição; basta capacete e boa disposição."),
    answers=("Conta comigo!", "Hoje {coisa} {acao}, confirmo.", "Alguém tem uma câmara de ar 700×28?", "Estou em {sitio}, {tempo}.", "Parabéns pelos {km} km!"),
    hashtags=("lisboa", "bicicleta", "ciclovia", "passeio", "segurança"),
    files=("percurso-sintra.gpx", "petição.pdf", "mapa.pdf"),
    people=(("João", "Conceição"), ("Inês", "Magalhães"), ("Rui", "Falcão"), ("Beatriz", "Araújo"), ("Tomás", "Gonçalves"), ("Mafalda", "Simões")),
)  # fmt: skip

RUST = Voice(
    name="rustberlin",
    slots={
        "crate": ("tokio", "serde", "axum", "rayon", "clap", "sqlx", "bevy"),
        "wo": ("in Kreuzberg", "im c-base", "am Alex", "in der Bibliothek", "remote", "in Neukölln"),
        "was": ("der Borrow-Checker", "async Drop", "die Übergangsfrist", "das Größenlimit", "const Generics", "die neue Edition"),
        "gef": ("überraschend gut", "völlig unnötig", "schöner als gedacht", "leider noch instabil", "großartig"),
    },
    headlines=("Treffen {wo}", "{crate}: was ist neu?", "Vortrag: {was}", "Stellenangebot {wo}"),
    sentences=("Ich habe {crate} ausprobiert, und {was} ist {gef}.", "Nächstes Treffen {wo}, Thema: {was}.", "Weiß jemand, warum {crate} hier zweimal allokiert?", "Die Folien über {was} liegen im Kanal, Maße und Größen stimmen jetzt.", "Für Anfänger ist {was} {gef}, für alle anderen auch."),
    answers=("Bin dabei!", "{was}? Das fand ich {gef}.", "Nimm lieber {crate}.", "Läuft bei mir, Rust stable.", "Größere Frage: wer bringt Getränke mit {wo}?", "I think {crate} handles that for you."),
    hashtags=("rustlang", "berlin", "treffen", "jobs"),
    files=("main.rs", "Cargo.lock", "Folien.pdf"),
    people=(("Jürgen", "Groß"), ("Käthe", "Müller"), ("Søren", "Ødegaard"), ("Zoë", "Weiß"), ("Łukasz", "Żak"), ("Anaïs", "Lefèvre")),
)  # fmt: skip

EMOJI = Voice(
    name="emoji",
    slots={
        "sky": ("☀️", "🌤", "🌧", "⛈", "🌨", "🌫", "🌈", "🌪", "❄️"),
        "face": ("😀", "🥶", "🥵", "🤷🏽‍♀️", "👩‍👩‍👧‍👦", "🧑🏿‍🚀", "🙈", "🫠"),
        "flag": ("🇮🇸", "🇯🇵", "🇧🇷", "🇺🇦", "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "🇿🇦", "🇲🇳"),
        "t": ("−12°", "0°", "7°", "18°", "31°", "44°"),
    },
    headlines=("{flag} {sky} {t}", "{sky}{sky}{sky}", "{face} {flag}"),
    sentences=("{flag} {sky} {t} {face}", "{sky}→{sky}→{sky} {t}…{t}", "{face}{face} {flag} {sky}", "{flag}: {t}, {sky} 🌡📉"),
    answers=("{face}", "{sky}{face}", "👍🏽", "{flag}{flag}"),
    hashtags=("weather", "天気", "погода"),
    files=("🌡.csv",),
    people=(("🐙", "Octo"), ("🦊", "Fox"), ("🌵", "Kaktus")),
)  # fmt: skip

VOICES = (CYCLING, RUST, EMOJI)
