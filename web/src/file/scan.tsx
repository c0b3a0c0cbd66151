// What is known of malware in a file, in words.
import type { File, Scan } from "../api/client";
import { visibleText } from "../text/visible";
import { StatusBadge } from "../ui/badge";
import { Icon } from "../ui/icons";
import { Untrusted } from "../ui/name";

export const SCAN_LABELS: Record<Scan["state"], string> = {
  clean: "Clean",
  infected: "Infected",
  pending: "Being scanned",
  unscannable: "Not scannable",
  unscanned: "Not scanned",
};

const MINUTE_MS = 60_000;
/** Nearly every result is there by then. */
const SOON_MS = 2 * MINUTE_MS;
/** Then a file without a result is reported: CHECKED_AFTER_SECONDS in domain/scans.py. */
const REPORTED_MS = 15 * MINUTE_MS;

function pendingText(waitedMs: number): string {
  if (waitedMs < SOON_MS) return "It can be downloaded once it is known to be clean, usually within a minute.";
  const later = "It can be downloaded once it is known to be clean.";
  if (waitedMs < REPORTED_MS) return `The scan takes longer than usual; large files need several minutes. ${later}`;
  return `There is still no result. Those who run this system have been alarmed. ${later}`;
}

/** What the state means for the person. */
export function scanTitle({ state, reason }: Scan): string {
  switch (state) {
    case "clean":
      return "No malware was found";
    case "infected":
      return "This file is infected";
    case "pending":
      return "This file is being scanned for malware";
    case "unscannable":
      return `This file could not be scanned for malware${reason ? ` (${visibleText(reason)})` : ""}`;
    case "unscanned":
      return "This file was never scanned for malware";
  }
}

/** The sentences after the title. `waitedMs`: since the upload. */
export function scanText({ state, reason, refused }: Scan, waitedMs: number): string {
  switch (state) {
    case "clean":
      return "The file was scanned after its upload.";
    case "infected":
      return `The malware scan found ${visibleText(reason ?? "a threat")}. It cannot be downloaded or shown here. It should be deleted unless it is needed as evidence.`;
    case "pending":
      return pendingText(waitedMs);
    case "unscannable":
    case "unscanned":
      return refused
        ? "Only files that are known to be clean can be downloaded here."
        : "It can be downloaded: open it with care.";
  }
}

/** Nothing for a clean file: its details say so. */
export function ScanCallout({ scan, uploadedAt }: { scan: Scan; uploadedAt: string }) {
  if (scan.state === "clean") return null;
  return (
    <div class={`callout${scan.state === "infected" ? " bad" : ""}`}>
      <Icon name="warning" />
      <div>
        <h2>
          <Untrusted text={scanTitle(scan)} />
        </h2>
        <p>
          <Untrusted text={scanText(scan, Date.now() - Date.parse(uploadedAt))} />
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

/** In a list, the one thing to know: a threat, else how far the inspection is, and after it what is odd about the scan. */
export function ListBadge({ file }: { file: File }) {
  const scanFirst =
    file.scan?.state === "infected" || (file.status === "processed" && file.scan && TONES[file.scan.state]);
  return scanFirst ? <ScanBadge file={file} /> : <StatusBadge status={file.status} />;
}

/** Only what is not as it should be is said: no badge for clean files and those from before scanning. */
export function ScanBadge({ file }: { file: File }) {
  const tone = file.scan && TONES[file.scan.state];
  if (!file.scan || !tone) return null;
  return (
    <span class={`badge ${tone}`} title={scanTitle(file.scan)}>
      {SCAN_LABELS[file.scan.state]}
    </span>
  );
}
