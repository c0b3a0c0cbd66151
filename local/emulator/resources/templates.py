"""Which mapping templates the embedded AWS renders as AWS does. It leaves blank, or as they are, the words it lacks."""

from __future__ import annotations

import re

from local.emulator.resources.strict import NotHonouredError

_DIRECTIVE = re.compile(r"#\{?(if|elseif|else|end|foreach|define|evaluate|include|macro|parse|break|stop)\b")
_REFERENCE = re.compile(r"\$!?\{?((?:input|util|context|stageVariables)\b(?:\.\w+)*)")
_RENDERED = re.compile(r"input\.(body|json|path|params)\b.*|util\.urlEncode|context\.authorizer(\.\w+)*")
_RENDERED_IN_REFUSALS = frozenset(
    {
        "context.error.message",
        "context.error.messageString",
        "context.error.responseType",
        "context.requestId",
        "context.resourcePath",
        "context.stage",
    }
)


def check_mapping_template(template: str, where: str) -> None:
    """A request or response template of an integration. Raises NotHonouredError."""
    directive = _DIRECTIVE.search(template)
    if directive:
        raise NotHonouredError(f"{where} has a template with #{directive[1]}, which is not rendered locally")
    for reference in _REFERENCE.findall(template):
        if not _RENDERED.fullmatch(reference):
            raise NotHonouredError(f"{where} has a template with ${reference}, which is not rendered locally")


def check_gateway_template(template: str, where: str) -> None:
    """The template of a gateway response: API Gateway replaces variables there, and nothing else."""
    for reference in _REFERENCE.findall(template):
        if reference not in _RENDERED_IN_REFUSALS:
            raise NotHonouredError(f"{where} has a template with ${reference}, which is not rendered locally")
