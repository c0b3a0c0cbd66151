// What is known of malware in a file, in words.
import type { File, Scan } from "../api/client";
import { visibleText } from "../text/visible";
import { Icon } from "../ui/icons";
import { Untrusted } from "../ui/name";

export const SCAN_LABELS: Record<Scan["state"], string> = {
  clean: "Clean",
  infected: "Infected",
  pending: "Being scanned",
  unscannable: "Not scannable",
  unscanned: "Not scanned",
};

/** What the state means for the person: a title, and the sentence after it. */
export function scanText({ state, reason, refused }: Scan): { title: string; text: string } {
  const passes = "It can be downloaded: open it with care.";
  const clean = "Only files that are known to be clean can be downloaded here.";
  const why = reason ? ` (${visibleText(reason)})` : "";
  switch (state) {
    case "clean":
      return { title: "No malware was found", text: "The file was scanned after its upload." };
    case "infected":
      return {
        title: "This file is infected",
        text: `The malware scan found ${visibleText(reason ?? "a threat")}. It cannot be downloaded or shown here. It should be deleted unless it is needed as evidence.`,
      };
    case "pending":
      return {
        title: "This file is being scanned for malware",
        text: "It can be downloaded once it is known to be clean, usually within a minute.",
      };
    case "unscannable":
      return { title: `This file could not be scanned for malware${why}`, text: refused ? clean : passes };
    case "unscanned":
      return { title: "This file was never scanned for malware", text: refused ? clean : passes };
  }
}

/** Nothing for a clean file: its details say so. */
export function ScanCallout({ scan }: { scan: Scan }) {
  if (scan.state === "clean") return null;
  const { title, text } = scanText(scan);
  return (
    <div class={`callout${scan.state === "infected" ? " bad" : ""}`}>
      <Icon name="warning" />
      <div>
        <h2>
          <Untrusted text={title} />
        </h2>
        <p>
          <Untrusted text={text} />
        </p>
      </div>
    </div>
  );
}

const TONES: Partial<Record<Scan["state"], string>> = {
  infected: "failed",
  pending: "received",
  unscannable: "stored",
};

/** In lists only what is not as it should be is said: no badge for clean files and those from before scanning. */
export function ScanBadge({ file }: { file: File }) {
  const tone = file.scan && TONES[file.scan.state];
  if (!file.scan || !tone) return null;
  return (
    <span class={`badge ${tone}`} title={scanText(file.scan).title}>
      {SCAN_LABELS[file.scan.state]}
    </span>
  );
}
