import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { say } from "../announce";
import type { App } from "../app-context";
import { online } from "../online";
import { filesPath, go } from "../router";
import { formatClock, plural } from "../text/format";
import { visibleText } from "../text/visible";
import { Icon } from "../ui/icons";
import { AllFilesLink, Empty, Failed, Skeleton, Stale } from "../ui/states";
import { useTitle } from "../ui/title";
import { finished, panelOpen } from "../uploads/uploads";
import { FileTable } from "./file-table";
import { LiveList, listError } from "./live-list";
import { SearchField } from "./search-field";

/** Lists outlive the view: going back from a file shows the same files at the same place. */
const lists = new Map<string, LiveList>();

export function forgetLists(): void {
  for (const list of lists.values()) list.stop();
  lists.clear();
}

function useList(app: App, prefix: string): LiveList {
  const list = useMemo(() => {
    const known = lists.get(prefix) ?? new LiveList(app.api, prefix);
    // The whole list and the last search stay; older searches are dropped.
    for (const other of [...lists.keys()]) if (other && other !== prefix) lists.delete(other);
    lists.set(prefix, known);
    return known;
  }, [app, prefix]);
  useEffect(() => {
    list.start();
    return () => list.stop();
  }, [list]);
  return list;
}

export function FilesView({ app, prefix }: { app: App; prefix: string }) {
  const list = useList(app, prefix);
  const files = list.files.value;
  const phase = list.phase.value;
  useTitle(prefix ? `${prefix} – search` : "Files");

  // A finished upload is listed within moments: poll now.
  const done = finished.value;
  useEffect(() => {
    if (done > 0) list.refresh();
  }, [done, list]);

  const arrived = list.arrived.value;
  useEffect(() => {
    if (arrived.size > 0) say(`${plural(arrived.size, "file")} arrived`);
  }, [arrived]);

  return (
    <>
      <div class="page-head">
        <div>
          <h1>Files</h1>
          <LiveLine list={list} />
        </div>
        <button
          type="button"
          class="button primary"
          aria-expanded={panelOpen.value}
          onClick={() => {
            panelOpen.value = true;
          }}
        >
          <Icon name="upload" size={18} /> Upload
        </button>
      </div>
      <SearchField prefix={prefix} onSearch={(next) => go(filesPath(next), "replace")} />
      {list.error.value !== undefined && phase === "ready" && online.value && (
        <Stale error={list.error.value} onRetry={() => list.retry()} />
      )}
      {phase === "loading" && <Skeleton rows={8} label="Loading files" />}
      {phase === "failed" && <Failed what="The files" error={list.error.value} onRetry={() => list.retry()} />}
      {phase === "ready" && files.length === 0 && !list.hasMore.value && <Nothing prefix={prefix} />}
      {phase === "ready" && files.length === 0 && list.hasMore.value && <NothingYet />}
      {phase === "ready" && files.length > 0 && (
        <FileTable
          files={files}
          arrived={arrived}
          grouped={!prefix}
          home={app.config.region}
          caption={prefix ? "Files found" : "Files, newest first"}
        />
      )}
      {phase === "ready" && <More list={list} />}
    </>
  );
}

const WITHOUT_FILES = { offline: "Offline", failing: "Not connected", connecting: "Connecting…" } as const;

function LiveLine({ list }: { list: LiveList }) {
  const state = useComputed(() => {
    if (!online.value) return "offline";
    if (list.phase.value === "ready" && list.error.value === undefined) return "live";
    return list.error.value === undefined ? "connecting" : "failing";
  });
  const seen = list.seenAt.value;
  if (state.value === "live") {
    return (
      <p class="live-line live">
        <span class="pulse" aria-hidden="true" />
        {list.prefix ? "In order of their paths" : "Newest first, live"}
      </p>
    );
  }
  return (
    <p class="live-line">
      <span class="pulse" aria-hidden="true" />
      {seen ? `As of ${formatClock(seen)}` : WITHOUT_FILES[state.value]}
    </p>
  );
}

function Nothing({ prefix }: { prefix: string }) {
  if (prefix) {
    return (
      <Empty icon="search" title="No file starts like that" actions={<AllFilesLink />}>
        <p>
          Nothing in the bucket has a path beginning with <strong>{visibleText(prefix)}</strong>. Paths are compared
          letter by letter, capitals included.
        </p>
      </Empty>
    );
  }
  return (
    <Empty
      icon="files"
      title="No files yet"
      actions={
        <button
          type="button"
          class="button primary"
          onClick={() => {
            panelOpen.value = true;
          }}
        >
          <Icon name="upload" size={18} /> Upload the first one
        </button>
      }
    >
      <p>Files show up here within seconds of reaching the bucket. You can also drop some anywhere on this page.</p>
    </Empty>
  );
}

/** Empty pages, and a cursor: there may be files further on. */
function NothingYet() {
  return (
    <Empty icon="files" title="No files so far">
      <p>The newest uploads were all removed. Older files may follow.</p>
    </Empty>
  );
}

function More({ list }: { list: LiveList }) {
  const [asked, setAsked] = useState(false);
  const count = list.files.value.length;
  const button = useRef<HTMLButtonElement>(null);
  const loading = list.loadingMore.value;
  const failed = asked && list.error.value !== undefined;
  if (!list.hasMore.value) {
    return count > 10 ? <p class="list-end">{`That is all: ${plural(count, "file")}.`}</p> : null;
  }
  return (
    <div class="more">
      <button
        ref={button}
        type="button"
        class="button"
        aria-disabled={loading}
        onClick={async () => {
          setAsked(true);
          await list.loadMore();
          const added = list.files.value.length - count;
          if (added > 0) say(`${plural(added, "more file")} loaded`);
        }}
      >
        {loading ? "Loading…" : failed ? "Try again" : "Load more"}
      </button>
      {failed && !loading && <p role="alert">{listError(list)}</p>}
    </div>
  );
}
