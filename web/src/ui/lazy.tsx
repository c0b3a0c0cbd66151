import { type ComponentChildren, type ComponentType, createElement } from "preact";
import { useEffect, useState } from "preact/hooks";
import { online } from "../online";
import { Failed, Skeleton } from "./states";

/** A view whose code is loaded when it is first shown. `what` begins a sentence: "The overview". */
export function lazy<Props extends object>(
  load: () => Promise<ComponentType<Props>>,
  { what, rows, alone = false }: { what: string; rows: number; alone?: boolean },
): (props: Props) => ComponentChildren {
  let loaded: ComponentType<Props> | undefined;
  return function Lazy(props: Props): ComponentChildren {
    const [View, setView] = useState(() => loaded);
    const [error, setError] = useState<unknown>();
    const [attempt, setAttempt] = useState(0);
    const connected = online.value;
    useEffect(() => {
      if (loaded) return;
      setError(undefined);
      load().then((view) => {
        loaded = view;
        setView(() => view);
      }, setError);
      // Again when the connection is back, as the message says.
    }, [attempt, connected]);
    if (View) return createElement(View, props);
    if (error !== undefined) {
      return <Failed alone={alone} what={what} error={error} onRetry={() => setAttempt(attempt + 1)} />;
    }
    return <Skeleton rows={rows} label={`Loading ${what.toLowerCase()}`} />;
  };
}
