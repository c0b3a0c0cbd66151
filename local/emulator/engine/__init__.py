"""A small deployment engine: plan, check, then make only the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from local.emulator.aws import Aws
from local.emulator.engine.difference import Target
from local.emulator.engine.plan import Plan
from local.emulator.engine.program import Names, Program, Run, run
from local.emulator.engine.state import Change, Deployment, RefusedError
from local.emulator.engine.update import Update
from local.emulator.resources import TABLE
from local.emulator.resources.kind import Kind
from local.emulator.resources.lookups import LOOKUPS, Lookup


class Engine:
    """Deploys a program, again and again, onto one emulator."""

    def __init__(
        self,
        program: Program,
        aws: Aws,
        *,
        project: str,
        stack: str = "local",
        kinds: Mapping[str, Kind] = TABLE,
        lookups: Mapping[str, Lookup] = LOOKUPS,
    ) -> None:
        self.program = program
        self._names = Names(project, stack)
        self.target = Target(aws, kinds, lookups)
        self._planned: tuple[dict[str, str], Plan, Deployment] | None = None

    def plan(self, config: Mapping[str, str]) -> Deployment:
        """Run the program as a preview and check all it asks for. Changes nothing.

        Raises RefusedError with every problem, or what the program itself raises (pulumi.RunError is for the user).
        """
        self._planned = (dict(config), *self._plan(config))
        return self._planned[-1]

    def apply(self, config: Mapping[str, str], on_change: Callable[[Change], object] = lambda _: None) -> Deployment:
        """Plan; if there is no problem, make the changes. `on_change` is called with each, from any thread.

        A plan just made with the same settings is used. Raises as plan does (nothing is changed), or DeploymentError,
        also if `on_change` raises.
        """
        before, self._planned = self._planned, None
        plan, planned = before[1:] if before is not None and before[0] == config else self._plan(config)
        update = Update(self.target, plan.seen, on_change)
        try:
            result = run(self.program, config, update, self._names, preview=False)
        except Exception as error:
            if update.failure is not None:
                raise update.failure from error
            raise
        if update.failure is not None:
            raise update.failure
        update.delete_removed()
        return Deployment(update.changes, update.reachable(result.outputs), planned.diagnostics)

    def services(self) -> set[str]:
        """The services, by their names in boto3, that the latest plan has resources of. Empty before the first plan."""
        return self._planned[1].services if self._planned is not None else set()

    def _plan(self, config: Mapping[str, str]) -> tuple[Plan, Deployment]:
        plan = Plan(self.target)
        result = Run()
        try:
            result = run(self.program, config, plan, self._names, preview=True)
        except Exception:
            if not plan.problems:
                raise
        else:
            plan.check_removed()
        if plan.problems:
            raise RefusedError(plan.problems)
        return plan, Deployment(plan.changes, {}, result.diagnostics)
