import { useEffect, useState } from "preact/hooks";
import { announce, say } from "../announce";
import { Icon } from "./icons";

type Outcome = "Copied" | "Not copied";

/** Copies a text and shows for two seconds whether it did: browsers may refuse it, by a setting or a policy. */
export function CopyButton({ text, label, wide = false }: { text: string; label: string; wide?: boolean }) {
  const [outcome, setOutcome] = useState<Outcome>();
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(undefined), 2_000);
    return () => clearTimeout(timer);
  }, [outcome]);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setOutcome("Copied");
      say("Copied");
    } catch {
      setOutcome("Not copied");
      announce("The browser did not allow copying.", "failed");
    }
  }

  const icon = outcome === "Copied" ? "check" : outcome === "Not copied" ? "warning" : "copy";
  return (
    <button
      type="button"
      class={wide ? "button" : "icon-button small"}
      aria-label={outcome ?? label}
      title={outcome ?? label}
      onClick={copy}
    >
      <Icon name={icon} size={16} /> {wide && (outcome ?? label)}
    </button>
  );
}
