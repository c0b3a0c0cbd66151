// The bar above the list: filters, and once files are selected, what can be done with them. It stays in sight.
import { useEffect, useRef } from "preact/hooks";
import { say } from "../announce";
import type { File } from "../api/client";
import { LISTED_STATUSES, STATUS_FILTERS, type StatusFilter } from "../router";
import { may } from "../session/rights";
import { formatBytes, plural } from "../text/format";
import { visibleText } from "../text/visible";
import { STATUS_NAMES } from "../ui/badge";
import { Icon, type IconName } from "../ui/icons";
import type { BulkKind } from "./bulk-dialog";
import { folderChoices } from "./folders";
import { isSelectable, selection } from "./selection";

const FILTER_NAMES: Record<StatusFilter, string> = { ...STATUS_NAMES, infected: "Infected" };

export interface Filter {
  prefix: string;
  status: StatusFilter | "";
}

export const passes = (file: File, status: StatusFilter): boolean =>
  status === "infected" ? file.scan?.state === "infected" : file.status === status;

interface BarProps {
  shown: File[];
  /** Whether files are scanned for malware here. */
  scanning: boolean;
  filter: Filter;
  onFilter: (filter: Filter) => void;
  onAct: (kind: BulkKind, files: File[]) => void;
}

export function ListBar({ shown, scanning, filter, onFilter, onAct }: BarProps) {
  const all = useRef<HTMLInputElement>(null);
  const chosen = selection.among(shown);
  const selectable = shown.filter(isSelectable).length;
  const count = chosen.length;
  // Files that are not known to be clean are not handed out.
  const linkable = chosen.filter((file) => !file.scan?.refused);
  const reprocessable = chosen.filter((file) => may("reprocess", file));
  const deletable = chosen.filter((file) => may("delete", file));
  const some = (what: string, files: File[]) => (files.length < count ? `${what} ${files.length} of ${count}` : what);

  const before = useRef(count);
  useEffect(() => {
    if (count !== before.current) say(count > 0 ? `${plural(count, "file")} selected` : "No file selected");
    before.current = count;
  }, [count]);

  return (
    <div class={`list-bar${count > 0 ? " selecting" : ""}${selectable === 0 ? " nothing" : ""}`}>
      <label class="check">
        <input
          ref={all}
          id="select-all"
          type="checkbox"
          aria-label="Select all files shown"
          checked={count > 0 && count === selectable}
          indeterminate={count > 0 && count < selectable}
          disabled={selectable === 0}
          onClick={(event) => selection.changeAll(shown, event.currentTarget.checked)}
        />
      </label>
      {count === 0 ? (
        <>
          <label class="select-all faint" for="select-all">
            Select all
          </label>
          <Filters scanning={scanning} filter={filter} onFilter={onFilter} />
        </>
      ) : (
        <>
          <p class="selected-count">
            <strong>{plural(count, "file")}</strong>
            <span class="faint">{formatBytes(chosen.reduce((sum, file) => sum + file.size, 0))}</span>
          </p>
          <div class="list-actions">
            {linkable.length > 0 && (
              <Action
                icon="download"
                label={some("Download links", linkable)}
                onClick={() => onAct("links", linkable)}
              />
            )}
            {reprocessable.length > 0 && (
              <Action
                icon="refresh"
                label={some("Reprocess", reprocessable)}
                onClick={() => onAct("reprocess", reprocessable)}
              />
            )}
            {deletable.length > 0 && (
              <Action
                icon="trash"
                label={some("Delete", deletable)}
                danger
                onClick={() => onAct("delete", deletable)}
              />
            )}
            <button
              type="button"
              class="icon-button"
              aria-label="Clear selection"
              title="Clear selection"
              onClick={() => {
                selection.clear();
                // This button is gone a moment later.
                all.current?.focus();
              }}
            >
              <Icon name="close" size={18} />
            </button>
          </div>
        </>
      )}
    </div>
  );
}

interface ActionProps {
  icon: IconName;
  label: string;
  danger?: boolean;
  onClick: () => void;
}

function Action({ icon, label, danger = false, onClick }: ActionProps) {
  return (
    <button type="button" class={`button${danger ? " quiet-danger" : ""}`} title={label} onClick={onClick}>
      <Icon name={icon} size={18} /> <span class="action-label">{label}</span>
    </button>
  );
}

function Filters({ scanning, filter, onFilter }: Pick<BarProps, "scanning" | "filter" | "onFilter">) {
  const folders = folderChoices(filter.prefix);
  const statuses = scanning ? STATUS_FILTERS : LISTED_STATUSES;
  return (
    <div class="filters">
      <select
        aria-label="Filter by folder"
        value={folders.includes(filter.prefix) ? filter.prefix : ""}
        onChange={(event) => onFilter({ ...filter, prefix: event.currentTarget.value })}
      >
        <option value="">All folders</option>
        {folders.map((folder) => (
          <option value={folder} key={folder}>
            {visibleText(folder)}
          </option>
        ))}
      </select>
      <select
        aria-label="Filter by status"
        value={filter.status}
        onChange={(event) => onFilter({ ...filter, status: event.currentTarget.value as StatusFilter | "" })}
      >
        <option value="">Any status</option>
        {statuses.map((status) => (
          <option value={status} key={status}>
            {FILTER_NAMES[status]}
          </option>
        ))}
      </select>
    </div>
  );
}
