// Empty, failed and loading states of the views.
import type { ComponentChildren } from "preact";
import { ApiError, canRetry, messageOf } from "../api/errors";
import { online } from "../online";
import { Icon, type IconName } from "./icons";

interface EmptyProps {
  icon: IconName;
  title: string;
  children?: ComponentChildren;
  actions?: ComponentChildren;
  tone?: "calm" | "bad";
  /** The page's own heading, where there is no other. */
  alone?: boolean;
}

export function Empty({ icon, title, children, actions, tone = "calm", alone = false }: EmptyProps) {
  const Heading = alone ? "h1" : "h2";
  return (
    <div class={`empty ${tone}`}>
      <span class="empty-icon">
        <Icon name={icon} size={26} />
      </span>
      <Heading class="empty-title">{title}</Heading>
      {children && <div class="empty-text">{children}</div>}
      {actions && <div class="empty-actions">{actions}</div>}
    </div>
  );
}

/** The way on from an empty view. */
export const AllFilesLink = () => (
  <a class="button" href="/files">
    Show all files
  </a>
);

interface FailedProps {
  what: string;
  error: unknown;
  onRetry: () => void;
  alone?: boolean;
}

/** A view that could not be loaded at all. */
export function Failed({ what, error, onRetry, alone = false }: FailedProps) {
  const away = !online.value || (error instanceof ApiError && error.unreachable);
  const refused = error instanceof ApiError && error.status === 403;
  return (
    <Empty
      icon={away ? "cloudOff" : "warning"}
      tone={away || refused ? "calm" : "bad"}
      alone={alone}
      title={!online.value ? "You are offline" : refused ? "You may not see this" : `${what} could not be loaded`}
      actions={
        canRetry(error) && (
          <button type="button" class="button" onClick={onRetry}>
            <Icon name="refresh" size={18} /> Try again
          </button>
        )
      }
    >
      <p role="alert">{online.value ? messageOf(error) : `${what} will load when the connection is back.`}</p>
    </Empty>
  );
}

/** A view that is loading: nothing comes while there is no connection, and the placeholders would not say so. */
export function Loading({ what, rows, onRetry, alone = false }: Omit<FailedProps, "error"> & { rows: number }) {
  if (!online.value) return <Failed what={what} error={undefined} onRetry={onRetry} alone={alone} />;
  return <Skeleton rows={rows} label={`Loading ${what.charAt(0).toLowerCase()}${what.slice(1)}`} />;
}

/** The last poll failed; what is shown may be out of date. */
export function Stale({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <div class="stale" role="alert">
      <Icon name="warning" size={18} />
      <span>{messageOf(error)}</span>
      {canRetry(error) && (
        <button type="button" class="link-button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Placeholders while a view loads. */
export function Skeleton({ rows, label }: { rows: number; label: string }) {
  return (
    <div class="skeleton" role="status" aria-label={label}>
      {Array.from({ length: rows }, (_, i) => (
        <div class={`skeleton-row shade-${i % 4}`} key={i}>
          <span class="bone square" />
          <span class="bone long" />
          <span class="bone short" />
          <span class="bone tiny" />
        </div>
      ))}
    </div>
  );
}
