"""A small deployment engine: plan, check, then make only the difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from local.emulator.aws import Aws
from local.emulator.engine.difference import Target
from local.emulator.engine.plan import Plan
from local.emulator.engine.program import Program, Ran, run
from local.emulator.engine.state import Change, Deployment, RefusedError
from local.emulator.engine.update import Update
from local.emulator.resources import TABLE
from local.emulator.resources.kind import Kind
from local.emulator.resources.lookups import LOOKUPS, Lookup


class Engine:
    """Deploys a program, again and again, onto one embedded AWS."""

    def __init__(
        self,
        program: Program,
        aws: Aws,
        *,
        kinds: Mapping[str, Kind] = TABLE,
        lookups: Mapping[str, Lookup] = LOOKUPS,
    ) -> None:
        self.program = program
        self.target = Target(aws, kinds, lookups)
        self._planned: tuple[dict[str, str], Plan, Deployment] | None = None

    def plan(self, config: Mapping[str, str]) -> Deployment:
        """Run the program as a preview and check all it asks for. Changes nothing.

        Raises RefusedError with every problem found, or what the program itself raises (pulumi.RunError is for people).
        """
        self._planned = (dict(config), *self._plan(config))
        return self._planned[-1]

    def apply(self, config: Mapping[str, str], on_change: Callable[[Change], object] = lambda _: None) -> Deployment:
        """Plan; if nothing speaks against it, make the difference. `on_change` hears of each step, from any thread.

        What was planned just before is not planned again. Raises as plan does (nothing is changed), or DeploymentError.
        """
        before, self._planned = self._planned, None
        plan, planned = before[1:] if before is not None and before[0] == config else self._plan(config)
        update = Update(self.target, plan.seen, on_change)
        try:
            ran = run(self.program, config, update, preview=False)
        except Exception as error:
            if update.failure is not None:
                raise update.failure from error
            raise
        if update.failure is not None:
            raise update.failure
        update.delete_what_is_gone()
        return Deployment(update.changes, update.reachable(ran.outputs), planned.diagnostics)

    def _plan(self, config: Mapping[str, str]) -> tuple[Plan, Deployment]:
        plan = Plan(self.target)
        ran = Ran()
        try:
            ran = run(self.program, config, plan, preview=True)
        except Exception:
            if not plan.problems:
                raise
        else:
            plan.check_what_is_gone()
        if plan.problems:
            raise RefusedError(list(dict.fromkeys(plan.problems)))
        return plan, Deployment(plan.changes, {}, ran.diagnostics)
