"""What every file of the repository keeps to."""

import re
from pathlib import Path

import pytest

from tests.project.files import BASE, committed, text_of

LONGEST = 400

# In pieces, so that this file does not hold what it looks for.
NOBODY_ELSES_BUSINESS = [
    "/" + "work/",
    "/" + "root/",
    "/" + "home/",
    "DESIGN" + ".md",
    "EXAMPLES" + ".md",
    "issues" + " show",
    "pypi" + ".org",
    "python" + "hosted",
    "registry." + "npmjs",
    "deb.debian" + ".org",
]


def test_modules_can_be_read_in_one_go() -> None:
    python = [file for file in committed() if file.suffix == ".py"]
    long = {
        str(file.relative_to(BASE)): lines
        for file in python
        if "migrations" not in file.parts and (lines := len(text_of(file).splitlines())) > LONGEST
    }
    assert len(python) > 100
    assert not long


@pytest.mark.parametrize("words", NOBODY_ELSES_BUSINESS)
def test_nothing_tells_where_it_was_written(words: str) -> None:
    pattern = re.compile(r"(?<![\w.])" + re.escape(words))
    files = [file for file in committed() if "vendor" not in file.parts]
    found = [str(file.relative_to(BASE)) for file in files if pattern.search(text_of(file))]
    assert not found


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-test.txt"])
def test_packages_are_pinned_by_hash_and_from_no_particular_index(name: str) -> None:
    text = (BASE / name).read_text(encoding="utf-8")
    packages = re.findall(r"^[A-Za-z0-9].*$", text, re.MULTILINE)
    assert all("==" in line for line in packages)
    assert len(packages) <= text.count("--hash=sha256:")
    assert "://" not in text
    assert "--index" not in text
    assert "--extra-index" not in text


def test_the_image_holds_every_app() -> None:
    apps = {path.parent.name for path in BASE.glob("*/apps.py")}
    copied = set(re.findall(r"^COPY (\w+) ", _read("Dockerfile"), re.MULTILINE))
    sent = set(re.findall(r"^!([\w.]+)$", _read(".dockerignore"), re.MULTILINE))
    assert {"tgadmin", "ingestion", "workspaces"} <= apps
    assert apps <= copied
    assert copied <= sent


def test_a_file_that_is_run_can_be_run() -> None:
    for name in ("manage.py", ".ci/run", "scripts/vendor"):
        assert (BASE / name).stat().st_mode & 0o111, name


def _read(name: str) -> str:
    return Path(BASE / name).read_text(encoding="utf-8")


def test_every_page_that_a_browser_test_opens_is_listened_to() -> None:
    """`profile` of its conftest hears what the console says and what the security policy refuses; a
    profile that was made in another way would be deaf.
    """
    deaf = re.compile(r"\.new_context\(|[Bb]rowser\.new_page\(|launch_persistent_context")
    tests = [file for file in committed() if file.parent == BASE / "tests" / "browser"]
    assert len(tests) > 10
    made = {file.name: len(deaf.findall(text_of(file))) for file in tests}
    assert {name: number for name, number in made.items() if number} == {"conftest.py": 1}
