"""A forgotten password: a link by e-mail where mail can be sent, else words about who sets it."""

import logging
from threading import Thread
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import views as auth
from django.contrib.auth.forms import PasswordResetForm
from django.core.mail import EmailMultiAlternatives
from django.http import HttpResponse
from django.template import loader
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from dashboard.limits import allow
from dashboard.people_forms import AskResetForm, NewPasswordForm
from workspaces import sign_ins

_logger = logging.getLogger(__name__)

HOUR = 3600
#: Requests an hour from one address, and mails an hour to one.
PER_ADDRESS = 20
PER_MAIL = 3


class MailedResetForm(AskResetForm):
    """Sends in a thread of its own: the answer must not tell by its time whether a person exists."""

    def send_mail(
        self,
        subject_template_name: str,
        email_template_name: str,
        context: dict[str, Any],
        from_email: str | None,
        to_email: str,
        html_email_template_name: str | None = None,  # noqa: ARG002, Django's signature
    ) -> None:
        subject = "".join(loader.render_to_string(subject_template_name, context).splitlines())
        body = loader.render_to_string(email_template_name, context)
        mail = EmailMultiAlternatives(subject, body, from_email, [to_email])
        Thread(target=_send, args=(mail,), daemon=True).start()


def _send(mail: EmailMultiAlternatives) -> None:
    try:
        mail.send()
    except Exception:  # whatever the mail server says, nobody waits for it here
        _logger.exception("A mail with a link for a new password could not be sent")


class Ask(auth.PasswordResetView):
    """Ask for the link. The answer is the same whether there is such a person or not."""

    template_name = "dashboard/profile/reset.html"
    email_template_name = "dashboard/profile/reset_mail.txt"
    subject_template_name = "dashboard/profile/reset_subject.txt"
    form_class = MailedResetForm
    success_url = reverse_lazy("password-reset-sent")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(can_send=settings.CAN_SEND_MAIL, **kwargs)

    def form_valid(self, form: PasswordResetForm) -> HttpResponse:
        if not settings.CAN_SEND_MAIL:
            return self.render_to_response(self.get_context_data(form=form), status=409)
        asker = self.request.META.get("REMOTE_ADDR", "")
        if not allow(f"reset-from:{asker}", times=PER_ADDRESS, seconds=HOUR):
            form.add_error(None, _("Too many requests came from your address. Try in an hour."))
            return self.render_to_response(self.get_context_data(form=form), status=429)
        address = form.cleaned_data["email"].lower()
        if allow(f"reset-to:{address}", times=PER_MAIL, seconds=HOUR):
            return super().form_valid(form)
        return HttpResponse(status=302, headers={"Location": str(self.success_url)})


class Sent(auth.PasswordResetDoneView):
    template_name = "dashboard/profile/reset_sent.html"


class Confirm(auth.PasswordResetConfirmView):
    """What the link of the mail opens."""

    template_name = "dashboard/profile/reset_confirm.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("login")

    def form_valid(self, form: Any) -> HttpResponse:
        answer = super().form_valid(form)
        sign_ins.end_all(user=form.user)
        messages.success(self.request, _("Your password is changed. Sign in with the new one."))
        return answer
