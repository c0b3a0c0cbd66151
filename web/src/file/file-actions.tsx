import { useState } from "preact/hooks";
import { announce } from "../announce";
import type { FileDetails } from "../api/client";
import { messageOf } from "../api/errors";
import type { App } from "../app-context";
import { announceChange } from "../files/live-list";
import { backToList } from "../router";
import { may } from "../session/rights";
import { visibleText } from "../text/visible";
import { ConfirmDialog } from "../ui/dialog";
import { Icon } from "../ui/icons";
import { Untrusted } from "../ui/name";
import { Scroller } from "../ui/scroller";

interface ActionsProps {
  app: App;
  file: FileDetails;
  expect: () => void;
  patch: (change: Partial<FileDetails>) => void;
}

/** The answer to the link says "attachment": the browser saves it and stays on this page. */
function save(url: string): void {
  const link = document.createElement("a");
  link.href = url;
  link.download = "";
  link.rel = "noreferrer";
  link.click();
}

export function FileActions({ app, file, expect, patch }: ActionsProps) {
  const [busy, setBusy] = useState<"download" | "reprocess" | "delete">();
  const [asking, setAsking] = useState(false);
  const [refusal, setRefusal] = useState<unknown>();
  const gone = file.status === "removed";

  async function run(what: "download" | "reprocess", action: () => Promise<void>): Promise<void> {
    if (busy) return;
    setBusy(what);
    try {
      await action();
    } catch (thrown) {
      announce(messageOf(thrown), "failed");
    } finally {
      setBusy(undefined);
    }
  }

  const download = () => run("download", async () => save((await app.api.downloadFile(file.id)).url));

  const reprocess = () =>
    run("reprocess", async () => {
      await app.api.reprocessFile(file.id);
      announce("The file waits to be inspected again");
      expect();
    });

  async function remove(): Promise<void> {
    setBusy("delete");
    setRefusal(undefined);
    try {
      await app.api.deleteFile(file.id);
      setAsking(false);
      patch({ status: "removed" });
      announceChange(file.id, { status: "removed" });
      announce(`${visibleText(file.name)} was deleted`);
      backToList();
    } catch (thrown) {
      setRefusal(thrown);
    } finally {
      setBusy(undefined);
    }
  }

  return (
    <div class="file-actions">
      {!gone && (
        <>
          {/* Why a file that is not known to be clean is not handed out is said below. */}
          {!file.scan?.refused && (
            <button type="button" class="button primary" aria-disabled={busy !== undefined} onClick={download}>
              <Icon name="download" size={18} /> {busy === "download" ? "Preparing…" : "Download"}
            </button>
          )}
          {may("reprocess", file) && (
            <button type="button" class="button" aria-disabled={busy !== undefined} onClick={reprocess}>
              <Icon name="refresh" size={18} /> {busy === "reprocess" ? "Requesting…" : "Reprocess"}
            </button>
          )}
          {may("delete", file) && (
            <button type="button" class="button quiet-danger" onClick={() => setAsking(true)}>
              <Icon name="trash" size={18} /> Delete
            </button>
          )}
        </>
      )}
      {asking && (
        <ConfirmDialog
          title="Delete this file?"
          confirm="Delete file"
          busy={busy === "delete"}
          error={refusal}
          onConfirm={remove}
          onCancel={() => {
            setAsking(false);
            setRefusal(undefined);
          }}
        >
          <Scroller class="dialog-name" label="Path">
            <Untrusted text={file.key} />
          </Scroller>
          <p>It is removed from the bucket for everyone. Recipients of removal notifications will be notified.</p>
        </ConfirmDialog>
      )}
    </div>
  );
}
