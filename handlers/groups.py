"""Lambda entry point: before Cognito issues tokens, adds the groups that a person's company groups stand for.

Anyone who is not of the company gets the groups of the pool, as without this function. If it fails, nobody signs in.
Reads: company_groups.json, beside the code. Event: pre token generation, version 2, which reaches access tokens
(https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-lambda-pre-token-generation.html).
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger

from domain.company_groups import ATTRIBUTE, GROUPS_FILE, company_groups, our_groups

if TYPE_CHECKING:
    from aws_lambda_powertools.utilities.typing import LambdaContext

GROUPS = Path(__file__).parents[1] / GROUPS_FILE
OF_THE_COMPANY = "EXTERNAL_PROVIDER"

logger = Logger()


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Returns the event with its answer: the groups of the person's tokens."""
    logger.structure_logs(append=True, request_id=context.aws_request_id)
    request = event["request"]
    groups = set(request["groupConfiguration"].get("groupsToOverride") or [])
    attributes = request["userAttributes"]
    # Nobody else's attribute counts: people with an account of the pool may write their own attributes.
    if attributes.get("cognito:user_status") == OF_THE_COMPANY:
        theirs = company_groups(attributes.get(ATTRIBUTE, ""))
        ours = our_groups(theirs, _ours())
        # Neither a name nor what the company calls its groups: more people read logs than the pool.
        logger.info("groups", sub=attributes.get("sub"), company_groups=len(theirs), groups=sorted(ours))
        groups |= ours
    # What is left out here would be taken away: https://docs.aws.amazon.com/cognito/latest/developerguide (groups).
    answer = {**request["groupConfiguration"], "groupsToOverride": sorted(groups)}
    event["response"] = {"claimsAndScopeOverrideDetails": {"groupOverrideDetails": answer}}
    return event


@cache
def _ours() -> dict[str, str]:
    """Our groups by the company's, folded."""
    ours: dict[str, str] = json.loads(GROUPS.read_text())
    return ours
