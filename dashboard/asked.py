"""What a person asks for, from the address of a page: the filters in it, and the text of its box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.http import Http404
from django.utils.translation import gettext as _

from archive import asking
from archive.filters import Filters
from archive.query import Mistake
from archive.search import Piece
from dashboard.guard import Request
from dashboard.shell import Shell, shell_of
from ingestion.models import Channel
from workspaces.access import access, within


@dataclass(frozen=True)
class Asked:
    """`complaints` are about the address, `mistakes` about `text`, as it was typed. `moved`: the
    text has filters in it, which a plain address has as parameters.
    """

    shell: Shell
    filters: Filters
    text: str = ""
    complaints: list[str] = field(default_factory=list)
    mistakes: Sequence[Mistake] = ()
    moved: bool = False

    @property
    def box(self) -> str:
        """What stands in the box: what was typed while there is something to mend."""
        return self.text if self.mistakes else self.filters.words

    @property
    def marked(self) -> list[Piece]:
        """The text, with what is wrong in it marked."""
        found: list[Piece] = []
        place = 0
        for mistake in self.mistakes:
            start = max(mistake.start, place)
            found.append(Piece(self.text[place:start], is_hit=False))
            found.append(Piece(self.text[start : mistake.end], is_hit=True))
            place = max(mistake.end, place)
        found.append(Piece(self.text[place:], is_hit=False))
        return [piece for piece in found if piece.text]

    @property
    def told(self) -> list[tuple[str, str]]:
        """`(the piece, what is wrong with it and what to do)`."""
        return [(self.text[one.start : one.end], str(one.told)) for one in self.mistakes]


def asked(request: Request, values: Mapping[str, Sequence[str]], *, section: str) -> Asked:
    """Of an address' parameters, or a form's. Not found for a stranger to any chosen channel."""
    filters, complaints = Filters.parse(values)
    shell = shell_for(request, filters, section=section)
    if filters.pattern:
        trouble = asking.trouble_with(filters.pattern)
        if trouble:
            filters = replace(filters, pattern="")
            complaints.append(_("Regular expression: %(trouble)s") % {"trouble": trouble})
    text = asking.clean(next(iter(values.get("q") or ()), ""))
    understood = asking.understand(text, workspace=shell.workspace, filters=filters)
    return Asked(shell, understood.filters, text, complaints, understood.mistakes, understood.moved)


def shell_for(request: Request, filters: Filters, *, section: str) -> Shell:
    """The shell of the workspace whose channels are chosen; not found for a stranger to any."""
    if not filters.channels:
        return shell_of(request, section=section)
    first = access(request.user, Channel.objects.all(), pk=filters.channels[0])
    shell = shell_of(request, section=section, workspace_id=first.workspace_id)
    chosen = within(shell.workspace, Channel.objects.filter(pk__in=filters.channels))
    if len(filters.channels) > 1 and chosen.count() < len(filters.channels):
        raise Http404
    return shell
