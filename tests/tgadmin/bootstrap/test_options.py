from pathlib import Path

import pytest

from tgadmin.bootstrap.errors import SetupError
from tgadmin.bootstrap.options import take_options


@pytest.mark.parametrize(
    ("given", "rest", "changes"),
    [
        (["up"], ["up"], {}),
        (["up", "--data", "/srv/a b"], ["up"], {"TGADMIN_DATA": "/srv/a b"}),
        (["--data=/srv/x", "up", "--port", "1"], ["up", "--port", "1"], {"TGADMIN_DATA": "/srv/x"}),
        (["sync", "@n", "--demo"], ["sync", "@n"], {"TGADMIN_DEMO": "1"}),
        (["x", "--", "--demo", "--data"], ["x", "--", "--demo", "--data"], {}),
        (["x", "--database", "other"], ["x", "--database", "other"], {}),
        (
            ["accounts", "list", "-q"],
            ["accounts", "--verbosity=0", "list"],
            {"LOG_LEVEL": "WARNING"},
        ),
        (["--quiet", "up"], ["up", "--verbosity=0"], {"LOG_LEVEL": "WARNING"}),
        (["runs", "-v", "2"], ["runs", "--verbosity=2"], {"LOG_LEVEL": "DEBUG"}),
        (["runs", "-v3", "x"], ["runs", "--verbosity=3", "x"], {"LOG_LEVEL": "DEBUG"}),
        (["runs", "--verbosity=1"], ["runs", "--verbosity=1"], {}),
        (["x", "--", "-q"], ["x", "--", "-q"], {}),
        (["sandbox", "-v", "x"], ["sandbox", "-v", "x"], {}),
    ],
)
def test_they_are_taken_out_of_any_command(
    given: list[str], rest: list[str], changes: dict[str, str]
) -> None:
    assert take_options(given) == (rest, changes)


def test_a_relative_folder_is_where_the_person_is() -> None:
    assert take_options(["up", "--data", "here"])[1] == {"TGADMIN_DATA": str(Path.cwd() / "here")}


@pytest.mark.parametrize("given", [["up", "--data"], ["up", "--data="], ["up", "--data", "--demo"]])
def test_a_missing_folder_is_told(given: list[str]) -> None:
    with pytest.raises(SetupError, match="--data needs a folder"):
        take_options(given)


@pytest.mark.parametrize("given", [["runs", "-v"], ["runs", "-v", "much"], ["runs", "-v4"]])
def test_how_much_is_told_is_a_number(given: list[str]) -> None:
    with pytest.raises(SetupError, match="-v needs a number from 0"):
        take_options(given)
