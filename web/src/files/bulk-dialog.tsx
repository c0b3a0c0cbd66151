// One action on the selected files: asks where it cannot be undone, shows progress, and what happened to each file.
import { useEffect, useRef } from "preact/hooks";
import { say } from "../announce";
import type { Api, Download, File } from "../api/client";
import { formatClock, plural } from "../text/format";
import { visibleText } from "../text/visible";
import { CopyButton } from "../ui/copy";
import { Modal } from "../ui/dialog";
import { FileIcon, Icon } from "../ui/icons";
import { Untrusted } from "../ui/name";
import { Scroller } from "../ui/scroller";
import { Bulk, type Outcome } from "./bulk";
import { announceChange } from "./live-list";

export type BulkKind = "delete" | "reprocess" | "links";
type Result = Download | undefined;

interface Words {
  /** The question before the action; without one it starts at once. */
  question?: (count: number) => string;
  running: string;
  done: (count: number) => string;
  perform: (api: Api, file: File) => Promise<Result>;
}

const KINDS: Record<BulkKind, Words> = {
  delete: {
    question: (count) => `Delete ${plural(count, "file")}?`,
    running: "Deleting files",
    done: (count) => `${plural(count, "file")} deleted`,
    perform: async (api, file) => {
      await api.deleteFile(file.id);
      announceChange(file.id, { status: "removed" });
      return undefined;
    },
  },
  reprocess: {
    running: "Requesting inspections",
    done: (count) => `${plural(count, "file")} will be inspected again`,
    perform: async (api, file) => {
      await api.reprocessFile(file.id);
      return undefined;
    },
  },
  links: {
    running: "Preparing links",
    done: (count) => plural(count, "download link"),
    perform: (api, file) => api.downloadFile(file.id),
  },
};

export class BulkTask {
  readonly kind: BulkKind;
  readonly bulk: Bulk<Result>;

  constructor(kind: BulkKind, api: Api, files: File[]) {
    this.kind = kind;
    this.bulk = new Bulk(files, (file) => KINDS[kind].perform(api, file));
  }
}

type Phase = "asking" | "running" | "finished";

export function BulkDialog({ task, onClose }: { task: BulkTask; onClose: () => void }) {
  const { bulk, kind } = task;
  const words = KINDS[kind];
  const outcomes = bulk.outcomes.value;
  const untouched = [...outcomes.values()].every((outcome) => outcome.state === "waiting");
  const phase: Phase = bulk.running.value ? "running" : untouched ? "asking" : "finished";

  const done = bulk.withState("done");
  const failed = bulk.withState("failed");
  const stopped = bulk.withState("stopped");
  const settled = done.length + failed.length;
  const title =
    phase === "asking"
      ? (words.question?.(bulk.files.length) ?? words.running)
      : phase === "running"
        ? words.running
        : [
            ...(done.length > 0 || failed.length + stopped.length === 0 ? [words.done(done.length)] : []),
            ...(failed.length > 0 ? [`${failed.length} failed`] : []),
            ...(stopped.length > 0 ? [`${stopped.length} not started`] : []),
          ].join(", ");

  useEffect(() => {
    if (!words.question) void bulk.run();
  }, [bulk, words]);
  useEffect(() => {
    if (phase === "finished") say(title);
  }, [phase, title]);

  return (
    <Modal
      wide
      title={title}
      onCancel={() => {
        if (phase !== "running") onClose();
      }}
      actions={<Actions phase={phase} task={task} unfinished={bulk.unfinished().length} onClose={onClose} />}
    >
      {phase === "asking" && kind === "delete" && (
        <p>
          {bulk.files.length === 1 ? "It is" : "They are"} removed from the bucket for everyone. Recipients of removal
          notifications will be notified.
        </p>
      )}
      {phase === "running" && (
        <div class="bulk-progress">
          <progress max={bulk.files.length} value={settled} aria-label={words.running} />
          <span>{`${settled} of ${bulk.files.length}`}</span>
        </div>
      )}
      {phase === "finished" && kind === "links" && <LinksNote downloads={downloadsOf(outcomes)} />}
      <Scroller class="bulk-list" label="Files">
        <ul>
          {[
            ...failed,
            ...stopped,
            ...bulk.files.filter((file) => !failed.includes(file) && !stopped.includes(file)),
          ].map((file) => (
            <Item file={file} outcome={outcomes.get(file.id) ?? { state: "waiting" }} key={file.id} />
          ))}
        </ul>
      </Scroller>
    </Modal>
  );
}

interface ActionsProps {
  phase: Phase;
  task: BulkTask;
  unfinished: number;
  onClose: () => void;
}

function Actions({ phase, task, unfinished, onClose }: ActionsProps) {
  const { bulk, kind } = task;
  const first = useRef<HTMLButtonElement>(null);
  // Each phase has its own buttons: the one that had the focus is gone.
  useEffect(() => first.current?.focus(), [phase]);
  if (phase === "running") {
    return (
      <button ref={first} type="button" class="button" key="stop" onClick={() => bulk.stop()}>
        Stop
      </button>
    );
  }
  if (phase === "asking" && kind === "delete") {
    return (
      <>
        <button ref={first} type="button" class="button" key="cancel" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="button danger" key="confirm" onClick={() => bulk.run()}>
          {`Delete ${plural(bulk.files.length, "file")}`}
        </button>
      </>
    );
  }
  const urls = downloadsOf(bulk.outcomes.value).map((download) => download.url);
  return (
    <>
      {unfinished > 0 && (
        <button type="button" class="button" key="retry" onClick={() => bulk.run()}>
          <Icon name="refresh" size={18} /> {`Retry ${plural(unfinished, "file")}`}
        </button>
      )}
      {urls.length > 0 && (
        <CopyButton text={urls.join("\n")} label={urls.length > 1 ? "Copy all links" : "Copy link"} wide />
      )}
      <button ref={first} type="button" class="button primary" key="close" onClick={onClose}>
        Close
      </button>
    </>
  );
}

const downloadsOf = (outcomes: ReadonlyMap<string, Outcome<Result>>): Download[] =>
  [...outcomes.values()].flatMap((outcome) => (outcome.state === "done" && outcome.result ? [outcome.result] : []));

function LinksNote({ downloads }: { downloads: Download[] }) {
  const until = useRef(
    new Date(Date.now() + 1000 * Math.min(...downloads.map((download) => download.expiresInSeconds))),
  );
  if (downloads.length === 0) return null;
  return <p>{`Anyone who has a link can download the file, until ${formatClock(until.current)}.`}</p>;
}

function Item({ file, outcome }: { file: File; outcome: Outcome<Result> }) {
  const name = file.name || file.key;
  return (
    <li class={`bulk-item ${outcome.state}`}>
      <FileIcon name={name} type={file.contentType} />
      <div class="bulk-text">
        <Untrusted text={name} />
        <span class="sub">
          {outcome.state === "failed" ? (
            <span class="reason">{outcome.reason}</span>
          ) : (
            file.folder && <Untrusted text={file.folder} />
          )}
        </span>
      </div>
      {outcome.state === "running" && <span class="faint">…</span>}
      {outcome.state === "stopped" && <span class="faint">Not started</span>}
      {outcome.state === "done" &&
        (outcome.result ? (
          <a class="button" href={outcome.result.url} rel="noreferrer" aria-label={`Save ${visibleText(name)}`}>
            Save
          </a>
        ) : (
          <span class="bulk-done">
            <Icon name="check" size={16} />
            <span class="visually-hidden">Done</span>
          </span>
        ))}
    </li>
  );
}
