// Below a list: where it ends, what was searched so far, and why it is empty. The API filters by the beginning of the
// path; a status is looked for among the files that are loaded, and these texts say so.
import { useState } from "preact/hooks";
import { say } from "../announce";
import type { File } from "../api/client";
import { messageOf } from "../api/errors";
import { filePath, focusLink, type StatusFilter } from "../router";
import { me } from "../session/rights";
import { formatCount, plural } from "../text/format";
import { visibleText } from "../text/visible";
import { Icon } from "../ui/icons";
import { AllFilesLink, Empty } from "../ui/states";
import { accepted, askForPanel } from "../uploads/uploads";
import { passes } from "./list-bar";
import type { LiveList } from "./live-list";

interface EndProps {
  list: LiveList;
  status: StatusFilter | "";
}

const LOOKED_FOR: Record<StatusFilter, string> = {
  received: "file that waits to be inspected",
  processed: "processed file",
  failed: "file whose inspection failed",
  infected: "infected file",
};

/** Why newer uploads are not in the list. */
export const leftOut = (): string =>
  me.value?.folders ? "were removed, or are in folders that you may not see" : "were all removed";

export function NothingShown({ list, status }: EndProps) {
  const loaded = list.files.value.length;
  if (status && loaded > 0) {
    return (
      <Empty
        icon="search"
        title={list.hasMore.value ? "No match so far" : "No match"}
        actions={list.hasMore.value ? undefined : <AllFilesLink />}
      >
        <p>{`Among ${list.hasMore.value ? "the first" : "all"} ${plural(loaded, "file")}, there is no ${LOOKED_FOR[status]}.`}</p>
      </Empty>
    );
  }
  if (list.hasMore.value) {
    // Empty pages and a cursor: there may be files further on.
    return (
      <Empty icon="files" title="No files so far">
        <p>{`The newest uploads ${leftOut()}. Older files may follow.`}</p>
      </Empty>
    );
  }
  if (list.prefix) {
    return (
      <Empty icon="search" title="No file starts like that" actions={<AllFilesLink />}>
        <p>
          Nothing {me.value?.folders ? "that you may see" : "in the bucket"} has a path beginning with{" "}
          <strong>{visibleText(list.prefix)}</strong>. Paths are compared letter by letter, capitals included.
        </p>
      </Empty>
    );
  }
  return (
    <Empty
      icon="files"
      title="No files yet"
      actions={
        accepted.value && (
          <button type="button" class="button primary" onClick={askForPanel}>
            <Icon name="upload" size={18} /> Upload the first one
          </button>
        )
      }
    >
      <p>
        Files appear here within seconds of reaching the bucket.
        {accepted.value && " You can also drop some anywhere on this page."}
      </p>
    </Empty>
  );
}

export function ListEnd({ list, status, shown }: EndProps & { shown: number }) {
  const [asked, setAsked] = useState(false);
  const count = list.files.value.length;
  const loading = list.loadingMore.value;
  const failed = asked && list.error.value !== undefined;
  if (!list.hasMore.value) {
    if (status && shown > 0)
      return <p class="list-end">{`That is all: ${formatCount(shown)} of ${plural(count, "file")}.`}</p>;
    return count > 10 && !status ? <p class="list-end">{`That is all: ${plural(count, "file")}.`}</p> : null;
  }
  const matches = status ? (file: File) => passes(file, status) : undefined;
  const label = status ? "Search further" : "Load more";

  async function loadMore(): Promise<void> {
    setAsked(true);
    await list.loadMore(matches);
    const added = list.files.value.slice(count);
    const matching = matches ? added.filter(matches) : added;
    if (matching.length > 0) say(`${plural(matching.length, "more file")} loaded`);
    else if (added.length > 0) say(`No match among ${plural(added.length, "more file")}`);
    const [first] = matching;
    if (first && !list.hasMore.value) focusLink(filePath(first.id));
  }

  return (
    <div class="more">
      <button type="button" class="button" aria-disabled={loading} onClick={loadMore}>
        {loading ? "Loading…" : failed ? "Try again" : label}
      </button>
      {status && shown > 0 && (
        <p class="faint">{`${formatCount(shown)} of the first ${plural(count, "file")}. Further files may match.`}</p>
      )}
      {failed && !loading && (
        <p class="reason" role="alert">
          {messageOf(list.error.value)}
        </p>
      )}
    </div>
  );
}
