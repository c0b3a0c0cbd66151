// Short confirmations: shown for a moment, and read out by screen readers.
import { signal } from "@preact/signals";

export interface Notice {
  text: string;
  tone: "done" | "failed";
}

export const notice = signal<Notice | undefined>(undefined);
/** Said, not shown: what a seeing person notices by looking. */
export const spoken = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string, tone: Notice["tone"] = "done"): void {
  notice.value = { text, tone };
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      notice.value = undefined;
    },
    tone === "failed" ? 10_000 : 5_000,
  );
}

export function say(text: string): void {
  spoken.value = text;
}
