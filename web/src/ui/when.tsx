import { signal } from "@preact/signals";
import { formatExactly, formatWhen } from "../text/format";

// "4 min ago" must advance while it is on the screen.
const minute = signal(new Date());
setInterval(() => {
  if (!document.hidden) minute.value = new Date();
}, 20_000);

export function When({ at, lower = false }: { at: string; lower?: boolean }) {
  // A file that just arrived may be newer than the last tick.
  const now = new Date(Math.max(minute.value.getTime(), Date.now()));
  const text = formatWhen(at, now);
  return (
    <time dateTime={at} title={formatExactly(at)}>
      {lower ? text.replace("Yesterday", "yesterday") : text}
    </time>
  );
}
