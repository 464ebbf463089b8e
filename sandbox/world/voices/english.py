"""English voices: a harbour town's paper, infrastructure notes, chess, photographs, quizzes."""

from sandbox.world.voices.base import Voice

_PEOPLE = (
    ("Alice", "Harrow"), ("Ben", "Okafor"), ("Clara", "Lindqvist"), ("Dev", "Malhotra"),
    ("Erin", "O’Neill"), ("Farid", "Karimi"), ("Grace", "Whitlock"), ("Hugo", "Brandt"),
    ("Isla", "MacRae"), ("Jonah", "Petrov"), ("Kira", "Tanaka"), ("Liam", "Dufour"),
)  # fmt: skip

NEWS = Voice(
    name="harbor",
    slots={
        "place": ("the old pier", "Mill Street", "the north quay", "Lighthouse Point", "the fish market", "Saint Anne’s square", "the ferry terminal", "Gull Island"),
        "body": ("The city council", "The port authority", "A residents’ group", "The county court", "The coast guard", "The school board"),
        "verb": ("approved", "postponed", "questioned", "published", "withdrew", "defended"),
        "thing": ("the new tram line", "a plan to dredge the channel", "the parking reform", "next year’s budget", "a ban on night deliveries", "the flood-wall contract", "repairs to the swing bridge"),
        "day": ("on Monday", "late on Tuesday", "this morning", "after a long session on Thursday", "over the weekend", "yesterday evening"),
        "num": ("12", "37", "140", "2,300", "18,500", "4.2 million", "61"),
        "unit": ("households", "boats", "euros", "signatures", "tonnes of sand", "passengers", "jobs"),
        "weather": ("fog", "a spring tide", "strong westerly winds", "the first frost", "heavy rain"),
    },
    headlines=("{body} {verb} {thing}", "What we know about {thing}", "Ferries delayed by {weather}", "{num} {unit}: the day in figures", "Correction: {thing}", "Live from {place}"),
    sentences=(
        "{body} {verb} {thing} {day}, after hearing from {num} {unit}.",
        "Traffic around {place} is expected to be slow until {weather} passes.",
        "Documents seen by Harbor Daily put the cost at {num} {unit}.",
        "“We should have been asked first,” said a shop owner near {place}.",
        "Work at {place} starts {day} and should take about {num} days.",
        "{body} did not answer our questions about {thing}.",
        "Compared with last year, {num} more {unit} are affected.",
    ),
    answers=("Was at {place} just now, nothing to see yet.", "Does this include {thing}?", "Source for the {num} {unit}?", "Thank you, very clear.", "{body} said the opposite {day}."),
    hashtags=("harbor", "council", "ferry", "weather", "port", "budget2025", "opinion"),
    files=("council-minutes.pdf", "tide-table.csv", "budget-draft.xlsx", "ferry-timetable.pdf"),
    people=_PEOPLE,
)  # fmt: skip

INFRA = Voice(
    name="infra",
    slots={
        "tool": ("Kubernetes", "PostgreSQL", "Envoy", "Terraform", "etcd", "Prometheus", "systemd", "NATS", "Redis"),
        "ver": ("1.31.2", "17.4", "0.98", "3.2-rc1", "2.15", "8.0.1"),
        "bug": ("a memory leak", "a deadlock during failover", "slow rolling restarts", "wrong metrics after a reload", "a race in the watch cache", "lost writes under fsync pressure"),
        "act": ("upgraded", "rolled back", "profiled", "rewrote", "measured", "finally deleted"),
        "num": ("3", "11", "40", "250", "1,800", "96"),
        "unit": ("nodes", "ms at p99", "pods", "GB of WAL", "requests a second", "on-call pages"),
        "lesson": ("read the changelog twice", "never trust a default timeout", "test restores, not backups", "alerts need owners", "one writer beats clever locking"),
    },
    headlines=("{tool} {ver} is out", "Post-mortem: {bug}", "We {act} {tool}, here is what happened", "TIL: {lesson}", "Reading list: {tool}"),
    sentences=(
        "{tool} {ver} fixes {bug}; upgrade if you run more than {num} {unit}.",
        "We {act} {tool} and went from {num} to {num} {unit}.",
        "The cause was {bug}, hidden for months by retries.",
        "If you remember one thing: {lesson}.",
        "Flame graphs show {num} percent of the time in TLS handshakes.",
        "The patch is small, the test for {bug} is not.",
    ),
    answers=("Same here with {tool} {ver}.", "Did you try it with {num} {unit}?", "+1, {lesson}", "We hit {bug} last week, it took {num} hours to find.", "Which kernel?"),
    hashtags=("kubernetes", "postgres", "sre", "postmortem", "til", "release"),
    files=("flamegraph.svg", "values.yaml", "slides.pdf", "trace.json.gz", "pgbench.log"),
    people=_PEOPLE,
)  # fmt: skip

CHESS = Voice(
    name="chess",
    slots={
        "opening": ("the Najdorf", "the Caro-Kann", "the Berlin", "the Catalan", "a King’s Indian", "the French Winawer", "the London"),
        "move": ("14.Nd5!", "22…Rxc3", "9.g4!?", "31.Qh6", "17…d5", "40.Kg3??", "12.O-O-O"),
        "who": ("White", "Black", "my opponent", "the engine", "the tournament leader"),
        "eval": ("+0.4", "−1.2", "0.00", "+3.7", "mate in 5"),
        "event": ("club night", "the rapid league", "board three", "round seven", "the simul"),
    },
    headlines=("Game of the week: {opening}", "{event}: pairings", "Puzzle: {who} to move", "Endgame study with {eval}"),
    sentences=(
        "After {move} {who} is already better, the engine says {eval}.",
        "I prepared {opening} for {event} and it never came up.",
        "{who} missed {move}, which wins on the spot.",
        "In {opening} the plan with {move} scores surprisingly well.",
        "Clock handling decided {event}, not {opening}.",
    ),
    answers=("{move} and it’s over.", "Why not {move} first?", "I’d rather play {opening}.", "Good game! See you at {event}.", "Stockfish gives {eval}, I give up."),
    hashtags=("chess", "puzzle", "endgame", "openings", "club"),
    files=("round7.pgn", "pairings.pdf", "standings.csv"),
    people=_PEOPLE,
)  # fmt: skip

PHOTO = Voice(
    name="photo",
    slots={
        "where": ("Lofoten", "Essaouira", "the Dolomites", "Kyoto in November", "a rooftop in Tbilisi", "the Faroe Islands", "Valparaíso"),
        "light": ("blue hour", "hard noon light", "first snow", "a passing storm", "street lamps only", "backlight through steam"),
        "cam": ("a 35 mm lens", "an old Pentax", "expired film", "a phone and patience", "a tripod made of books"),
        "mood": ("quiet", "crowded", "windy", "empty", "golden", "freezing"),
    },
    headlines=("{where}, {light}", "Shot with {cam}", "Contact sheet: {where}", "Reader photo of the week"),
    sentences=("{where} was {mood} that day: {light} and {cam}.", "I waited two hours for {light}.", "No crop, no filter, {cam}.", "It looks {mood} now, but the bus was full."),
    answers=("Which lens?", "The {light} makes it.", "{where} is on my list now.", "Beautiful, thank you."),
    hashtags=("photography", "35mm", "travel", "street", "nofilter"),
    files=("raw-0412.dng", "contact-sheet.pdf"),
    people=_PEOPLE,
)  # fmt: skip

QUIZ = Voice(
    name="quiz",
    slots={
        "topic": ("rivers", "noble gases", "Baroque composers", "capital cities", "prime numbers", "Olympic years", "alphabets"),
        "num": ("3", "5", "7", "10", "42"),
        "adj": ("easy", "tricky", "unfair", "classic", "brand-new"),
    },
    headlines=("Quiz of the day: {topic}", "{num} {adj} questions about {topic}", "Answers from yesterday", "Leaderboard of the week"),
    sentences=("Today’s set is about {topic}: {num} questions, {adj} ones first.", "Only {num} percent of you knew the one about {topic}.", "Explanations come tonight, no spoilers please.", "Send us a {adj} question about {topic} and win nothing but glory."),
    answers=("Got {num} of 10.", "The one about {topic} was {adj}!", "Lucky guess."),
    hashtags=("quiz", "trivia", "dailyquiz"),
    questions=(
        ("Which of these is the longest river in Europe?", ("Danube", "Volga", "Rhine", "Dnieper")),
        ("How many prime numbers are below 20?", ("6", "7", "8", "9")),
        ("Who wrote “The Four Seasons”?", ("Bach", "Handel", "Vivaldi", "Corelli")),
        ("What is the capital of Mongolia?", ("Astana", "Ulaanbaatar", "Bishkek")),
        ("Tabs or spaces?", ("Tabs", "Spaces", "Both, in one file", "I use a formatter")),
    ),
    people=_PEOPLE,
)  # fmt: skip

VOICES = (NEWS, INFRA, CHESS, PHOTO, QUIZ)
