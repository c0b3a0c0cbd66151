import { useComputed } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { say } from "../announce";
import type { App } from "../app-context";
import { online } from "../online";
import { filesPath, go, listLength, restorePlace, returnTo } from "../router";
import { formatClock, plural } from "../text/format";
import { Icon } from "../ui/icons";
import { Failed, Loading, Stale } from "../ui/states";
import { useTitle } from "../ui/title";
import { accepted, askForPanel, finished, panelOpen } from "../uploads/uploads";
import { BulkDialog, type BulkKind, BulkTask } from "./bulk-dialog";
import { FileTable } from "./file-table";
import { forgetFolders, learnFolders } from "./folders";
import { type Filter, ListBar, passes } from "./list-bar";
import { ListEnd, NothingShown } from "./list-end";
import { LiveList } from "./live-list";
import { SearchField } from "./search-field";
import { selection } from "./selection";

/** Uploads that finish within this time of each other are looked for in one request. */
const TOGETHER_MS = 400;

/** Lists outlive the view: going back from a file shows the same files at the same place. */
const lists = new Map<string, LiveList>();

export function forgetLists(): void {
  for (const list of lists.values()) list.stop();
  lists.clear();
  selection.clear();
  forgetFolders();
}

function useList(app: App, prefix: string): LiveList {
  const list = useMemo(() => {
    const known = lists.get(prefix) ?? new LiveList(app.api, prefix, returnTo.peek()?.loaded);
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

/** Reports to the router how much is loaded, and returns to the place that it remembers once the list is drawn. */
function usePlace(list: LiveList): void {
  const count = list.files.value.length;
  const ready = list.phase.value === "ready";
  const place = returnTo.value;
  useEffect(() => {
    listLength.value = count;
  }, [count]);
  useEffect(
    () => () => {
      listLength.value = 0;
    },
    [],
  );
  useEffect(() => {
    if (!ready || !place) return;
    // After this view's own effects, which move the focus to its beginning.
    requestAnimationFrame(() => {
      if (returnTo.peek() !== place) return;
      returnTo.value = undefined;
      restorePlace(place);
    });
  }, [ready, place]);
}

export function FilesView({ app, prefix, status }: { app: App } & Filter) {
  const list = useList(app, prefix);
  usePlace(list);
  const [task, setTask] = useState<BulkTask>();
  const files = list.files.value;
  const phase = list.phase.value;
  const shown = status ? files.filter((file) => passes(file, status)) : files;
  selection.enter(filesPath(prefix, status));
  useTitle(prefix ? `${prefix} – search` : "Files");

  useEffect(() => learnFolders(files), [files]);

  // A finished upload is listed within moments: poll now, once for all that finish together.
  const done = finished.value;
  useEffect(() => {
    if (done === 0) return;
    const timer = setTimeout(() => list.refresh(), TOGETHER_MS);
    return () => clearTimeout(timer);
  }, [done, list]);

  const arrived = list.arrived.value;
  useEffect(() => {
    if (arrived.size > 0) say(`${plural(arrived.size, "file")} arrived`);
  }, [arrived]);

  function finish(finishedTask: BulkTask): void {
    selection.remove(finishedTask.bulk.withState("done").map((file) => file.id));
    setTask(undefined);
    if (finishedTask.kind !== "links") list.refresh();
  }

  return (
    <>
      <div class="page-head">
        <div>
          <h1>Files</h1>
          <LiveLine list={list} />
        </div>
        {accepted.value && (
          <button type="button" class="button primary" aria-expanded={panelOpen.value} onClick={askForPanel}>
            <Icon name="upload" size={18} /> Upload
          </button>
        )}
      </div>
      <SearchField prefix={prefix} onSearch={(next) => go(filesPath(next, status), "replace")} />
      {list.error.value !== undefined && phase === "ready" && online.value && (
        <Stale error={list.error.value} onRetry={() => list.retry()} />
      )}
      {(files.length > 0 || prefix || status) && (
        <ListBar
          shown={shown}
          scanning={status === "infected" || files.some((file) => file.scan)}
          filter={{ prefix, status }}
          onFilter={(next) => go(filesPath(next.prefix, next.status))}
          onAct={(kind: BulkKind, chosen) => setTask(new BulkTask(kind, app.api, chosen))}
        />
      )}
      {phase === "loading" && <Loading what="The files" rows={8} onRetry={() => list.retry()} />}
      {phase === "failed" && <Failed what="The files" error={list.error.value} onRetry={() => list.retry()} />}
      {phase === "ready" && shown.length === 0 && <NothingShown list={list} status={status} />}
      {phase === "ready" && shown.length > 0 && (
        <FileTable
          files={shown}
          arrived={arrived}
          grouped={!prefix}
          home={app.config.region}
          caption={prefix ? "Files found" : "Files, newest first"}
          select={{
            selected: selection.ids.value,
            onSelect: (file, selected, range) => selection.change(file.id, selected, shown, range),
          }}
        />
      )}
      {phase === "ready" && <ListEnd list={list} status={status} shown={shown.length} />}
      {task && <BulkDialog task={task} onClose={() => finish(task)} />}
    </>
  );
}

const WITHOUT_FILES = { offline: "Offline", failing: "Not loaded", connecting: "Connecting…" } as const;

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
