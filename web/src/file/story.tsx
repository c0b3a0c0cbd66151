import type { FileDetails } from "../api/client";
import { formatExactly, formatMoment } from "../text/format";
import { Untrusted } from "../ui/name";

interface Step {
  title: string;
  at?: string | undefined;
  by?: string | undefined;
  state: "done" | "waiting" | "bad" | "none";
}

const NOTIFIED = {
  immediate: "People notified at once",
  digest: "People notified in a digest",
  none: "No person to notify",
} as const;

/** The file's history in chronological order, and the steps that are still to come. */
export function storyOf(file: FileDetails): Step[] {
  const steps: Step[] = [{ title: "Arrived", at: file.uploadedAt, state: "done" }];
  if (file.notified) {
    steps.push({ title: NOTIFIED[file.notified.how], state: file.notified.how === "none" ? "none" : "done" });
  } else if (file.status !== "removed") {
    steps.push({ title: "People not notified yet", state: "waiting" });
  }
  if (file.failure?.code === "broken") steps.push({ title: "Found broken", at: file.processedAt, state: "bad" });
  else if (file.status === "failed") steps.push({ title: "Inspection failed", at: file.processedAt, state: "bad" });
  else if (file.processedAt) steps.push({ title: "Inspected", at: file.processedAt, state: "done" });
  else if (file.status === "received") steps.push({ title: "Waits to be inspected", state: "waiting" });
  if (file.scan?.state === "infected") steps.push({ title: "Malware found", state: "bad" });
  else if (file.scan?.state === "clean") steps.push({ title: "No malware found", state: "done" });
  else if (file.scan?.state === "pending") steps.push({ title: "Waits for the malware scan", state: "waiting" });
  if (file.status === "removed") {
    steps.push({ title: "Removed", at: file.removedAt, by: file.removedBy, state: "none" });
  }
  return steps;
}

export function Story({ file }: { file: FileDetails }) {
  return (
    <section class="card story" aria-labelledby="story">
      <h2 id="story">What happened</h2>
      <ol>
        {storyOf(file).map((step) => (
          <li class={step.state} key={step.title}>
            <span class="step-title">
              {step.title}
              {step.by && (
                <>
                  {" by "}
                  <Untrusted text={step.by} />
                </>
              )}
            </span>
            {step.at && (
              <time class="step-when" dateTime={step.at} title={formatExactly(step.at)}>
                {formatMoment(step.at)}
              </time>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
