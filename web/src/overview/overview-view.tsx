import { useEffect, useRef, useState } from "preact/hooks";
import type { Day, Expected, FilePage, Stats } from "../api/client";
import { isAbort } from "../api/errors";
import type { App } from "../app-context";
import { FileTable } from "../files/file-table";
import { leftOut } from "../files/list-end";
import { pastEmptyPages } from "../files/pages";
import { online } from "../online";
import { type Polling, poll } from "../polling";
import { formatBytes, formatCount, formatExactly, formatNext, formatUtcDay, plural } from "../text/format";
import { AllFilesLink, Empty, Failed, Loading, Stale } from "../ui/states";
import { useTitle } from "../ui/title";
import { Chart, type Series } from "./chart";

const EVERY_MS = 30_000;
const NEWEST = 10;
const LARGEST_PAGE = 100;

interface Overview {
  /** Undefined for a person who may see some folders only: counts are of all files. */
  days: Day[] | undefined;
  /** Undefined where no rule expects files, and for that person. */
  expected: Expected | undefined;
  /** With a cursor: there may be more files than these. */
  newest: FilePage;
}

/** The counts, and the newest files: after many removals the service's own short list of them may be empty. */
async function readOverview(app: App, aborted: AbortSignal): Promise<Overview> {
  const { days: counted, daysWithheld, latest, expected }: Stats = await app.api.readStats(aborted);
  const days = daysWithheld ? undefined : counted;
  if (latest.length > 0) return { days, expected, newest: { files: latest } };
  const page = await pastEmptyPages((cursor) =>
    app.api.listFiles({ limit: LARGEST_PAGE, ...(cursor && { cursor }) }, aborted),
  );
  return { days, expected, newest: { ...page, files: page.files.slice(0, NEWEST) } };
}

function useOverview(app: App) {
  const [overview, setOverview] = useState<Overview>();
  const [error, setError] = useState<unknown>();
  const polling = useRef<Polling>();
  useEffect(() => {
    polling.current = poll(async (aborted) => {
      try {
        setOverview(await readOverview(app, aborted));
        setError(undefined);
      } catch (thrown) {
        if (isAbort(thrown)) return;
        setError(thrown);
        throw thrown;
      }
    }, EVERY_MS);
    return () => polling.current?.stop();
  }, [app]);
  return { overview, error, retry: () => polling.current?.now() };
}

export function OverviewView({ app }: { app: App }) {
  useTitle("Overview");
  const { overview, error, retry } = useOverview(app);
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Overview</h1>
          <p class="live-line">The last 30 days, counted in UTC</p>
        </div>
      </div>
      {!overview && error === undefined && <Loading what="The overview" rows={6} onRetry={retry} />}
      {!overview && error !== undefined && <Failed what="The overview" error={error} onRetry={retry} />}
      {overview && error !== undefined && online.value && <Stale error={error} onRetry={retry} />}
      {overview && <Loaded app={app} overview={overview} />}
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

function Loaded({ app, overview }: { app: App; overview: Overview }) {
  const { days, expected, newest } = overview;
  if (!expected && sum(days ?? [], (day) => day.files) === 0 && newest.files.length === 0 && !newest.cursor) {
    return (
      <Empty icon="overview" title="Nothing to count yet" actions={<AllFilesLink />}>
        <p>As soon as files arrive, this page shows how many, how large, and how people were notified.</p>
      </Empty>
    );
  }
  return (
    <>
      {expected && <ExpectedLine expected={expected} />}
      {days ? (
        <Counts days={days} />
      ) : (
        <p class="card card-text">
          Counts are of all files, and are shown to those who may see all folders. Below are the newest uploads in
          yours.
        </p>
      )}
      <section aria-labelledby="latest">
        <div class="section-head">
          <h2 id="latest">Newest uploads</h2>
          <a href="/files">All files</a>
        </div>
        {newest.files.length > 0 ? (
          <FileTable files={newest.files} caption="The newest uploads" grouped={false} home={app.config.region} />
        ) : (
          <p class="card card-text">
            {newest.cursor
              ? `The newest uploads ${leftOut()}. Older files are in the list of all files.`
              : "No files in the bucket."}
          </p>
        )}
      </section>
    </>
  );
}

function ExpectedLine({ expected }: { expected: Expected }) {
  const { today, arrived, missing, next } = expected;
  return (
    <p class={`card card-text expected${missing > 0 ? " warn" : ""}`}>
      Expected today {formatCount(today)}, arrived {formatCount(arrived)}
      {missing > 0 && <strong>, missing {formatCount(missing)}</strong>}, next{" "}
      <time dateTime={next} title={formatExactly(next)}>
        {formatNext(next)}
      </time>
    </p>
  );
}

function Counts({ days }: { days: Day[] }) {
  return (
    <>
      <Tiles days={days} />
      <div class="charts">
        <Chart title="Files per day" days={days} series={OUTCOMES} format={formatCount} wide />
        <Chart title="Data per day" days={days} series={BYTES} format={formatBytes} binary />
        <Chart title="Files notified about per day" days={days} series={NOTIFICATIONS} format={formatCount} />
      </div>
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
      <Tile label="People notified about" value={plural(atOnce + inDigest, "file")}>
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
