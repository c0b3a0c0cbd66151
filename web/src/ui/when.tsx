import { signal } from "@preact/signals";
import { formatExactly, formatWhen } from "../text/format";

// "4 min ago" grows old while it is looked at.
const minute = signal(new Date());
setInterval(() => {
  if (!document.hidden) minute.value = new Date();
}, 20_000);

export function When({ at, lower = false }: { at: string; lower?: boolean }) {
  // Something that has just come in may be younger than the last turn of the clock.
  const now = new Date(Math.max(minute.value.getTime(), Date.now()));
  const text = formatWhen(at, now);
  return (
    <time dateTime={at} title={formatExactly(at)}>
      {lower ? text.replace("Yesterday", "yesterday") : text}
    </time>
  );
}
