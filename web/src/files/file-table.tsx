import { useMemo, useRef } from "preact/hooks";
import type { File } from "../api/client";
import { ListBadge } from "../file/scan";
import { filePath } from "../router";
import { formatBytes, formatDay } from "../text/format";
import { visibleText } from "../text/visible";
import { FileIcon } from "../ui/icons";
import { FileName } from "../ui/name";
import { When } from "../ui/when";
import { isSelectable } from "./selection";

interface Group {
  day: string | undefined;
  files: File[];
}

function byDay(files: File[]): Group[] {
  const groups: Group[] = [];
  const now = new Date();
  for (const file of files) {
    const day = formatDay(file.uploadedAt, now);
    const last = groups.at(-1);
    if (last?.day === day) last.files.push(file);
    else groups.push({ day, files: [file] });
  }
  return groups;
}

interface TableProps {
  files: File[];
  caption: string;
  grouped: boolean;
  /** The region that uploads through the page go to; files of others say where they are. */
  home: string;
  arrived?: ReadonlySet<string>;
  /** With it, each row has a checkbox. */
  select?: Select;
}

interface Select {
  selected: ReadonlySet<string>;
  /** `range`: with the Shift key. */
  onSelect: (file: File, selected: boolean, range: boolean) => void;
}

/**
 * On a phone the rows are laid out as blocks, and a table that is not laid out as one is none for screen readers: the
 * roles say what it is in either case.
 */
export function FileTable({ files, caption, grouped, home, arrived, select }: TableProps) {
  const groups: Group[] = grouped ? byDay(files) : [{ day: undefined, files }];
  return (
    <div class="card table-card">
      <table class="file-table" role="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col">
              Name
            </th>
            <th role="columnheader" scope="col" class="col-status">
              Status
            </th>
            <th role="columnheader" scope="col" class="col-size">
              Size
            </th>
            <th role="columnheader" scope="col" class="col-by">
              Uploaded by
            </th>
            <th role="columnheader" scope="col" class="col-when">
              Uploaded
            </th>
          </tr>
        </thead>
        {groups.map((group) => (
          <tbody role="rowgroup" key={group.day ?? ""}>
            {group.day && (
              <tr role="row" class="day">
                {/* biome-ignore lint/a11y/useSemanticElements: as said above */}
                <th role="rowheader" scope="rowgroup" colSpan={5}>
                  {group.day}
                </th>
              </tr>
            )}
            {group.files.map((file) => (
              <FileRow file={file} home={home} fresh={arrived?.has(file.id) ?? false} select={select} key={file.id} />
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}

interface RowProps {
  file: File;
  home: string;
  fresh: boolean;
  select: Select | undefined;
}

function FileRow({ file, home, fresh, select }: RowProps) {
  const selected = isSelectable(file) && (select?.selected.has(file.id) ?? false);
  const states = `${fresh ? " fresh" : ""}${file.status === "removed" ? " gone" : ""}${selected ? " selected" : ""}`;
  const latest = useRef(select);
  latest.current = select;
  // The list is drawn anew with every poll: of thousands of rows, only those that changed are.
  return useMemo(
    () =>
      drawRow(file, home, states, latest.current && selected, (on, range) => latest.current?.onSelect(file, on, range)),
    [file, home, states, select === undefined],
  );
}

/** `selected` is undefined without a checkbox. */
function drawRow(
  file: File,
  home: string,
  states: string,
  selected: boolean | undefined,
  onSelect: (selected: boolean, range: boolean) => void,
) {
  return (
    <tr role="row" class={`file-row${states}`}>
      <td role="cell">
        <div class="name-cell">
          {selected !== undefined && (
            <label class="check">
              <input
                type="checkbox"
                aria-label={`Select ${visibleText(file.name || file.key)}`}
                checked={selected}
                disabled={!isSelectable(file)}
                onClick={(event) => onSelect(event.currentTarget.checked, event.shiftKey)}
              />
            </label>
          )}
          <FileIcon name={file.name} type={file.contentType} />
          <div class="name-lines">
            {file.status === "stored" ? (
              <FileName name={file.name || file.key} />
            ) : (
              <a class="row-link" href={filePath(file.id)}>
                <FileName name={file.name || file.key} />
              </a>
            )}
            <span class="sub where">
              {file.folder ? <FileName name={file.folder} /> : <span class="faint">top of the bucket</span>}
              {file.region !== home && <span class="faint"> · {file.region}</span>}
              {/* A bucket that another program made: ours need no name. */}
              {file.readOnly && <span class="faint"> · {file.bucket}</span>}
            </span>
            {/* On a phone the other columns are folded into this line. */}
            <span class="sub on-phone">
              <ListBadge file={file} />
              <span>
                {formatBytes(file.size)} · <When at={file.uploadedAt} lower />
              </span>
            </span>
          </div>
        </div>
      </td>
      <td role="cell" class="col-status">
        <ListBadge file={file} />
      </td>
      <td role="cell" class="col-size">
        {formatBytes(file.size)}
      </td>
      <td role="cell" class="col-by">
        {file.uploadedBy ? <FileName name={file.uploadedBy} /> : <span class="faint">–</span>}
      </td>
      <td role="cell" class="col-when">
        <When at={file.uploadedAt} />
      </td>
    </tr>
  );
}
