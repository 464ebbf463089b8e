"""Writes pages as Telegram Desktop's HTML export has them."""

from collections.abc import Iterable
from html import escape
from pathlib import Path

_PAGE = """<!DOCTYPE html>
<html>
 <head>
  <meta charset="utf-8"/>
<title>Exported Data</title>
 </head>
 <body onload="CheckLocation();">
  <div class="page_wrap">
   <div class="page_header">
    <div class="content">
     <div class="text bold">
{title}
     </div>
    </div>
   </div>
   <div class="page_body chat_page">
    <div class="history">
{blocks}
    </div>
   </div>
  </div>
 </body>
</html>
"""


def day(number: int, text: str = "24 April 2026") -> str:
    """A date between two days: a service block with a negative id."""
    return service(-number, text)


def service(number: int, text: str) -> str:
    return (
        f'\n     <div class="message service" id="message{number}">\n\n'
        f'      <div class="body details">\n{text}\n      </div>\n\n     </div>\n'
    )


def post(
    number: int,
    html: str = "",
    *,
    date: str = "24.04.2026 10:00:00 UTC+05:30",
    author: str | None = "The Channel",
    before: str = "",
    after: str = "",
) -> str:
    """A message; without an author it is joined to the one above."""
    name = f'       <div class="from_name">\n{escape(author)} \n       </div>\n' if author else ""
    text = f'       <div class="text">\n{html}\n       </div>\n' if html else ""
    joined = "" if author else " joined"
    return (
        f'\n     <div class="message default clearfix{joined}" id="message{number}">\n\n'
        f'      <div class="body">\n\n'
        f'       <div class="pull_right date details" title="{date}">\n10:00\n       </div>\n\n'
        f"{name}{before}{text}{after}      </div>\n\n     </div>\n"
    )


def page(path: Path, blocks: Iterable[str], *, title: str = "The Channel") -> Path:
    path.write_text(_PAGE.format(title=escape(title), blocks="".join(blocks)), encoding="utf-8")
    return path
