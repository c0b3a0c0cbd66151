// Short confirmations: shown for a moment, and read out by screen readers.
import { signal } from "@preact/signals";

export interface Notification {
  text: string;
  tone: "done" | "failed";
}

export const notification = signal<Notification | undefined>(undefined);
/** Said, not shown: what a seeing person notifications by looking. */
export const spoken = signal("");

let timer: ReturnType<typeof setTimeout> | undefined;

export function announce(text: string, tone: Notification["tone"] = "done"): void {
  notification.value = { text, tone };
  clearTimeout(timer);
  timer = setTimeout(
    () => {
      notification.value = undefined;
    },
    tone === "failed" ? 10_000 : 5_000,
  );
}

export function say(text: string): void {
  spoken.value = text;
}
