import { useEffect, useId, useRef } from "preact/hooks";
import { say } from "../announce";
import type { App } from "../app-context";
import { filePath } from "../router";
import { formatBytes, plural } from "../text/format";
import { visibleText } from "../text/visible";
import { FileIcon, Icon } from "../ui/icons";
import { FileName, Untrusted } from "../ui/name";
import {
  active,
  destination,
  dragging,
  finished,
  folder,
  isPausable,
  items,
  panelAsked,
  panelFolded,
  panelOpen,
  total,
  type UploadItem,
} from "./uploads";

/** Shown while files are dragged over the page. */
export function DropOverlay() {
  if (!dragging.value) return null;
  return (
    <div class="drop-overlay" aria-hidden="true">
      <div>
        <Icon name="upload" size={36} />
        <p>Drop to upload</p>
      </div>
    </div>
  );
}

function headline(all: UploadItem[], running: number): string {
  if (running > 0) return `Uploading ${plural(running, "file")}`;
  const failed = all.filter((item) => item.state === "failed" || item.state === "refused").length;
  const done = all.filter((item) => item.state === "done").length;
  const unfinished = all.filter((item) => item.state === "unfinished").length;
  if (failed > 0) return done > 0 ? `${done} uploaded, ${failed} not` : `${plural(failed, "file")} not uploaded`;
  if (unfinished > 0) return `${plural(unfinished, "unfinished upload")}`;
  return done > 0 ? `${plural(done, "file")} uploaded` : "Upload files";
}

/** Stays open in its corner across views; uploads continue. */
export function UploadPanel({ app }: { app: App }) {
  const folded = panelFolded.value;
  const panel = useRef<HTMLElement>(null);
  const open = panelOpen.value;
  const all = items.value;
  const running = active.value.length;
  const failed = all.filter((item) => item.state === "failed").length;

  // Asked for by a button elsewhere on the page, also if it was open before: move the focus here.
  const asked = panelAsked.value;
  useEffect(() => {
    if (open) panel.current?.focus({ preventScroll: true });
  }, [open, asked]);

  const done = finished.value;
  useEffect(() => {
    if (done > 0 && active.value.length === 0) say(headline(items.value, 0));
  }, [done]);

  if (!open) return null;
  const head = headline(all, running);
  return (
    <section ref={panel} class={`upload-panel${folded ? " folded" : ""}`} aria-label="Uploads" tabIndex={-1}>
      <header>
        <h2>{head}</h2>
        <button
          type="button"
          class="icon-button"
          aria-expanded={!folded}
          aria-label={folded ? "Unfold uploads" : "Fold uploads"}
          onClick={() => {
            panelFolded.value = !folded;
          }}
        >
          <Icon name={folded ? "chevronUp" : "chevronDown"} />
        </button>
        {running === 0 && (
          <button
            type="button"
            class="icon-button"
            aria-label="Close uploads"
            onClick={() => {
              app.uploads.clear();
              panelOpen.value = false;
            }}
          >
            <Icon name="close" />
          </button>
        )}
      </header>
      {running > 0 && <Total />}
      {failed > 1 && (
        <p class="retry-all">
          <button type="button" class="link-button" onClick={() => app.uploads.retryAll()}>
            {`Try all ${failed} again`}
          </button>
        </p>
      )}
      {!folded && (
        <div class="upload-body">
          <Chooser app={app} compact={all.length > 0} />
          {all.length > 0 && (
            <ul class="upload-list">
              {all.map((item) => (
                <Item app={app} item={item} key={item.id} />
              ))}
            </ul>
          )}
        </div>
      )}
    </section>
  );
}

/** All files together. */
function Total() {
  const { size, sent } = total.value;
  return (
    <div class="upload-total">
      <progress max={1} value={size > 0 ? sent / size : 0} aria-label="All uploads" />
      <span class="sub">{`${formatBytes(sent)} of ${formatBytes(size)}`}</span>
    </div>
  );
}

/** The picker of a folder is another one than that of files. */
function chooseFolder(app: App): void {
  const picker = document.createElement("input");
  picker.type = "file";
  picker.webkitdirectory = true;
  picker.onchange = () => app.uploads.add(picker.files ?? []);
  picker.click();
}

function Chooser({ app, compact }: { app: App; compact: boolean }) {
  const picker = useRef<HTMLInputElement>(null);
  const destinationId = useId();
  return (
    <div class={`chooser${compact ? " compact" : ""}`}>
      <div class="drop-zone">
        {!compact && <Icon name="upload" size={26} />}
        <p>
          <span class="with-mouse">Drop files anywhere, or choose </span>
          <span class="with-fingers">Choose </span>
          <button type="button" class="link-button" aria-label="Choose files" onClick={() => picker.current?.click()}>
            files
          </button>
          <span class="with-mouse">
            {" or "}
            <button type="button" class="link-button" aria-label="Choose a folder" onClick={() => chooseFolder(app)}>
              a folder
            </button>
          </span>
        </p>
        {!compact && <p class="faint">{`Up to ${formatBytes(app.config.maxUploadMegabytes * 1024 * 1024)} each`}</p>}
        <input
          ref={picker}
          type="file"
          multiple
          hidden
          aria-label="Files to upload"
          onChange={(event) => {
            app.uploads.add(event.currentTarget.files ?? []);
            // So that choosing the same file again is a change too.
            event.currentTarget.value = "";
          }}
        />
      </div>
      <label class="folder-field">
        <span>Folder</span>
        <input
          type="text"
          placeholder="optional, e.g. invoices/2026"
          maxLength={512}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          aria-describedby={destinationId}
          value={folder.value}
          onInput={(event) => {
            folder.value = event.currentTarget.value;
          }}
        />
      </label>
      {destination.value && (
        <p id={destinationId} class="destination">
          Goes to <Untrusted text={destination.value} />
        </p>
      )}
    </div>
  );
}

function removal(item: UploadItem, running: boolean, name: string): string {
  if (running) return `Cancel upload of ${name}`;
  return item.state === "unfinished" ? `Discard upload of ${name}` : `Take ${name} off this list`;
}

function Item({ app, item }: { app: App; item: UploadItem }) {
  const plain = visibleText(item.name);
  const running = active.value.includes(item);
  const percent = Math.floor(item.progress * 100);
  return (
    <li class={`upload-item ${item.state}`}>
      <FileIcon name={item.name} />
      <div class="upload-text">
        <FileName name={item.name} />
        {running && (
          <progress max={1} value={item.state === "waiting" ? 0 : item.progress} aria-label={`Upload of ${plain}`} />
        )}
        <span class="sub">
          {item.state === "waiting" && "Waiting"}
          {item.state === "sending" && `${percent} % of ${formatBytes(item.size)}`}
          {item.state === "paused" && `Paused at ${percent} % of ${formatBytes(item.size)}`}
          {item.state === "unfinished" && `Interrupted. Choose the file again to continue (${formatBytes(item.size)}).`}
          {item.state === "done" && (
            <>
              <Icon name="check" size={14} /> {formatBytes(item.size)}
              {item.fileId && (
                <>
                  {" · "}
                  <a href={filePath(item.fileId)} aria-label={`See it: ${plain}`}>
                    See it
                  </a>
                </>
              )}
            </>
          )}
          {(item.state === "failed" || item.state === "refused") && (
            <span class="reason" role="alert">
              {item.reason}
            </span>
          )}
        </span>
      </div>
      {isPausable(item) && (
        <button
          type="button"
          class="icon-button small"
          aria-label={item.state === "paused" ? `Continue upload of ${plain}` : `Pause upload of ${plain}`}
          onClick={() => app.uploads.pause(item.id)}
        >
          <Icon name={item.state === "paused" ? "play" : "pause"} size={16} />
        </button>
      )}
      {item.state === "failed" && (
        <button
          type="button"
          class="icon-button small"
          aria-label={`Try ${plain} again`}
          onClick={() => app.uploads.retry(item.id)}
        >
          <Icon name="refresh" size={16} />
        </button>
      )}
      <button
        type="button"
        class="icon-button small"
        aria-label={removal(item, running, plain)}
        onClick={() => app.uploads.remove(item.id)}
      >
        <Icon name="close" size={16} />
      </button>
    </li>
  );
}
