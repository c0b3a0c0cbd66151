import type { Status } from "../api/client";

export const STATUS_NAMES: Record<Status, string> = {
  stored: "Stored",
  received: "Received",
  processed: "Processed",
  failed: "Failed",
  removed: "Removed",
};

const MEANINGS: Record<Status, string> = {
  stored: "In the bucket, not yet in the catalogue",
  received: "Waiting to be inspected",
  processed: "Inspected",
  failed: "Could not be inspected",
  removed: "No longer in the bucket",
};

export function StatusBadge({ status }: { status: Status }) {
  return (
    <span class={`badge ${status}`} title={MEANINGS[status]}>
      {STATUS_NAMES[status]}
    </span>
  );
}
