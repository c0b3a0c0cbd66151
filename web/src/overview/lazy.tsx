import { useEffect, useState } from "preact/hooks";
import type { App } from "../app-context";
import { Failed, Skeleton } from "../ui/states";

type View = typeof import("./overview-view").OverviewView;
let loaded: View | undefined;

/** Loads the charts' code on the first visit. */
export function LazyOverview({ app }: { app: App }) {
  const [View, setView] = useState<View | undefined>(() => loaded);
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (loaded) return;
    setError(undefined);
    import("./overview-view").then((module) => {
      loaded = module.OverviewView;
      setView(() => loaded);
    }, setError);
  }, [attempt]);
  if (View) return <View app={app} />;
  if (error !== undefined)
    return <Failed alone what="The overview" error={error} onRetry={() => setAttempt(attempt + 1)} />;
  return <Skeleton rows={6} label="Loading the overview" />;
}
