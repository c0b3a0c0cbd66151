import { useEffect, useRef, useState } from "preact/hooks";
import type { Day, Stats } from "../api/client";
import { isAbort } from "../api/errors";
import type { App } from "../app-context";
import { FileTable } from "../files/file-table";
import { online } from "../online";
import { type Polling, poll } from "../polling";
import { formatBytes, formatCount, formatUtcDay, plural } from "../text/format";
import { Empty, Failed, Skeleton, Stale } from "../ui/states";
import { useTitle } from "../ui/title";
import { Chart, type Series } from "./chart";

const EVERY_MS = 30_000;

function useStats(app: App) {
  const [stats, setStats] = useState<Stats>();
  const [error, setError] = useState<unknown>();
  const polling = useRef<Polling>();
  useEffect(() => {
    polling.current = poll(async (aborted) => {
      try {
        setStats(await app.api.readStats(aborted));
        setError(undefined);
      } catch (thrown) {
        if (isAbort(thrown)) return;
        setError(thrown);
        throw thrown;
      }
    }, EVERY_MS);
    return () => polling.current?.stop();
  }, [app]);
  return { stats, error, retry: () => polling.current?.now() };
}

export function OverviewView({ app }: { app: App }) {
  useTitle("Overview");
  const { stats, error, retry } = useStats(app);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Overview</h1>
          <p class="live-line">The last 30 days, counted in UTC</p>
        </div>
      </div>
      {!stats && error === undefined && <Skeleton rows={6} label="Loading the overview" />}
      {!stats && error !== undefined && <Failed what="The overview" error={error} onRetry={retry} />}
      {stats && error !== undefined && online.value && <Stale error={error} onRetry={retry} />}
      {stats && <Loaded app={app} stats={stats} />}
    </>
  );
}

const sum = (days: Day[], of: (day: Day) => number): number => days.reduce((total, day) => total + of(day), 0);

const OUTCOMES: Series[] = [
  { label: "Processed", color: "--chart-good", of: (day) => day.processed },
  { label: "Failed", color: "--chart-bad", of: (day) => day.failed },
  { label: "Waiting", color: "--chart-wait", of: (day) => day.waiting },
  { label: "Removed", color: "--chart-gone", of: (day) => day.removed },
];
const BYTES: Series[] = [{ label: "Uploaded", color: "--chart-main", of: (day) => day.bytes }];
const NOTIFICATIONS: Series[] = [
  { label: "At once", color: "--chart-main", of: (day) => day.notifiedImmediately },
  { label: "In digests", color: "--chart-second", of: (day) => day.notifiedInDigest },
];

function Loaded({ app, stats }: { app: App; stats: Stats }) {
  const { days, latest, latestComplete } = stats;
  if (sum(days, (day) => day.files) === 0 && latest.length === 0 && latestComplete) {
    return (
      <Empty
        icon="overview"
        title="Nothing to count yet"
        actions={
          <a class="button" href="/files">
            Go to files
          </a>
        }
      >
        <p>As soon as files arrive, this page shows how many, how large, and who was told.</p>
      </Empty>
    );
  }
  return (
    <>
      <Tiles days={days} />
      <div class="charts">
        <Chart title="Files per day" days={days} series={OUTCOMES} format={formatCount} wide />
        <Chart title="Data per day" days={days} series={BYTES} format={formatBytes} binary />
        <Chart title="Files told about per day" days={days} series={NOTIFICATIONS} format={formatCount} />
      </div>
      <section aria-labelledby="latest">
        <div class="section-head">
          <h2 id="latest">Newest uploads</h2>
          <a href="/files">All files</a>
        </div>
        {latest.length > 0 ? (
          <FileTable files={latest} caption="The newest uploads" grouped={false} home={app.config.region} />
        ) : (
          <p class="card card-text">
            {latestComplete
              ? "No file is here now."
              : "The newest uploads were all removed. The list of files has the others."}
          </p>
        )}
      </section>
    </>
  );
}

function Tiles({ days }: { days: Day[] }) {
  const date = new Date().toISOString().slice(0, 10);
  const today = days.find((day) => day.date === date);
  const files = sum(days, (day) => day.files);
  const failed = sum(days, (day) => day.failed);
  const inspected = sum(days, (day) => day.processed) + failed;
  const waiting = sum(days, (day) => day.waiting);
  const atOnce = sum(days, (day) => day.notifiedImmediately);
  const inDigest = sum(days, (day) => day.notifiedInDigest);
  const share = inspected > 0 ? Math.floor((1000 * (inspected - failed)) / inspected) / 10 : undefined;
  return (
    <dl class="tiles">
      <Tile label="Arrived today" value={formatCount(today?.files ?? 0)}>
        {formatBytes(today?.bytes ?? 0)}, {formatUtcDay(date)}
      </Tile>
      <Tile label="Arrived in 30 days" value={formatCount(files)}>
        {formatBytes(sum(days, (day) => day.bytes))}
      </Tile>
      <Tile
        label="Inspected without failure"
        value={share === undefined ? "–" : `${share} %`}
        tone={failed > 0 ? "warn" : "good"}
      >
        {failed > 0
          ? `${plural(failed, "file")} failed`
          : waiting > 0
            ? `${formatCount(waiting)} waiting`
            : "none failed"}
      </Tile>
      <Tile label="People told about" value={plural(atOnce + inDigest, "file")}>
        {formatCount(atOnce)} at once, {formatCount(inDigest)} in digests
      </Tile>
    </dl>
  );
}

interface TileProps {
  label: string;
  value: string;
  tone?: "good" | "warn";
  children: preact.ComponentChildren;
}

function Tile({ label, value, tone, children }: TileProps) {
  return (
    <div class={`tile${tone ? ` ${tone}` : ""}`}>
      <dt>{label}</dt>
      <dd>
        <span class="tile-value">{value}</span>
        <span class="tile-note">{children}</span>
      </dd>
    </div>
  );
}
