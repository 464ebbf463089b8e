"""The installation itself: for superusers and owners."""

from dataclasses import asdict

from django.http import HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from dashboard.guard import Request, signed_in
from dashboard.shell import Shell, page, shell_of
from tgadmin.doctor import Level, examine
from tgadmin.doctor.figures import collect
from workspaces.access import access_workspace
from workspaces.roles import Permission


@signed_in
@require_safe
def status(request: Request) -> HttpResponseBase:
    shell = _allowed(request)
    findings = examine(for_page=True)
    return page(
        request,
        shell,
        "status.html",
        figures=collect(),
        problems=[row for row in findings if row.level != Level.OK],
        fine=[row for row in findings if row.level == Level.OK],
    )


@signed_in
@require_safe
def as_json(request: Request) -> HttpResponseBase:
    """The same, for programs."""
    _allowed(request)
    findings = [asdict(row) for row in examine(for_page=True)]
    return JsonResponse({**collect().as_json(), "findings": findings})


def _allowed(request: Request) -> Shell:
    """It is nobody's workspace: whoever runs one, or all of it, may see how it stands."""
    shell = shell_of(request, section="status")
    if not request.user.is_superuser:
        access_workspace(request.user, shell.workspace.pk, Permission.WORKSPACE)
    return shell
