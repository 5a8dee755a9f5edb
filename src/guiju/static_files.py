"""Static files under names that change with their content, so that browsers may keep them for ever."""

import re
from collections.abc import Callable
from typing import Any

from django.apps import apps
from django.contrib.staticfiles.storage import ManifestStaticFilesStorage


class HashedStaticFiles(ManifestStaticFilesStorage):
    """Also follows `import … from "./other.js"` inside our own modules; scripts of others are taken as they are."""

    support_js_module_import_aggregation = True

    def url_converter(
        self, name: str, hashed_files: dict[str, Any], *rest: Any, **named: Any
    ) -> Callable[[re.Match[str]], str]:
        follow: Callable[[re.Match[str]], str] = super().url_converter(name, hashed_files, *rest, **named)
        ours = {config.label for config in apps.get_app_configs() if config.name.startswith("guiju.")}

        def converter(match: re.Match[str]) -> str:
            return follow(match) if name.endswith(".css") or name.partition("/")[0] in ours else match.group()

        return converter
