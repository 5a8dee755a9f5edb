"""答复: a customer answers a message or says that it was read; the answer stands beside the message and in the case."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from guiju.notify import replies
from guiju.notify.models import Link
from guiju.portal.pages import page

INVITATION = "请点开链接回复"


@page(replies.PURPOSE)
def reply(request: HttpRequest, link: Link) -> HttpResponse:
    """Show the message and take the answer, once."""
    message = replies.message_of(link)
    typed, wrong = "", ""
    if request.method == "POST":
        typed = request.POST.get("words", "").strip()
        known = request.POST.get("act") == "known"
        try:
            replies.answer(link, replies.KNOWN if known and not typed else typed, at=timezone.now())
        except replies.UnableToAnswer as refused:
            wrong = str(refused)
        else:
            return redirect("portal:door", token=link.token)
    return render(
        request,
        "portal/reply.html",
        {
            "link": link,
            "message": message,
            # The link itself is of no use to who has opened it.
            "said": message.body.partition(INVITATION)[0],
            "typed": typed,
            "wrong": wrong,
            "opinion": message.purpose == "opinion",
        },
        status=422 if wrong else 200,
    )
