"""One view, one insert."""

from __future__ import annotations

import json

from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from guiju.bench.bare.models import Line


@csrf_exempt
@require_POST
def add(request: HttpRequest) -> JsonResponse:
    """Write one row and answer with it."""
    given = json.loads(request.body)
    line = Line.objects.create(person=given["person"], text=given["text"], made_at=timezone.now())
    return JsonResponse({"id": line.pk, "text": line.text, "made_at": line.made_at}, status=201)


urlpatterns = [path("lines", add)]
