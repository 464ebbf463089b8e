"""What the search box offers while somebody types."""

from django.http import HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from archive import suggesting
from archive.filters import Filters
from archive.query import clean
from dashboard.asked import shell_for
from dashboard.guard import Request, signed_in


@signed_in
@require_safe
def suggestions(request: Request) -> HttpResponseBase:
    """`?q=` is the text before the caret, `?channel=` what is chosen already. Answers
    `{"suggestions": [{"start": 6, "text": "channel:@durov ", "detail": "Durov"}, …]}`.
    """
    filters, _complaints = Filters.parse({"channel": request.GET.getlist("channel")})
    shell = shell_for(request, filters, section="messages")
    found = suggesting.suggest(
        clean(request.GET.get("q", "")), workspace=shell.workspace, channels=filters.channels
    )
    answer = JsonResponse(
        {
            "suggestions": [
                {"start": one.start, "text": one.text, "detail": one.detail} for one in found
            ]
        }
    )
    answer["Cache-Control"] = "private, max-age=30"
    return answer
