"""Rules that every stack has to keep, written once: the policy pack and the program's tests check these same rules.

A rule is a plain function with the name and the first line of its docstring as its title. One that needs a single
resource yields messages; one that needs the whole stack yields (resource, message).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from . import access, data, failures
from .resource import Resource, Violation

ResourceRule = Callable[[Resource], Iterable[str]]
StackRule = Callable[[Sequence[Resource]], Iterable[Violation]]

RESOURCE_RULES: tuple[ResourceRule, ...] = (
    access.names_every_action,
    access.names_every_resource,
    access.allows_only_what_it_names,
    access.allows_no_anonymous_access,
    access.allows_services_for_one_source,
    access.lets_functions_be_invoked_by_one_source,
    access.lets_roles_be_assumed_from_this_account,
    access.gives_roles_written_policies_only,
    data.encrypts_queues,
    data.recovers_tables,
    data.encrypts_parameters,
    data.serves_pages_over_tls,
    failures.lets_logs_expire,
    failures.keeps_events_that_rules_cannot_deliver,
    failures.gives_back_single_messages,
    failures.notifies_of_alarms,
)
STACK_RULES: tuple[StackRule, ...] = (
    data.keeps_buckets_private,
    data.writes_to_its_own_buckets,
    data.owns_what_is_uploaded,
    data.refuses_plain_http,
    data.encrypts_topics,
    failures.keeps_what_queues_give_up,
    failures.keeps_what_topics_cannot_deliver,
    failures.keeps_events_that_functions_fail,
    failures.keeps_failures_fourteen_days,
    failures.watches_dead_letter_queues,
    failures.logs_each_function_into_a_group_of_its_own,
)
