import type { FileDetails } from "../api/client";
import { ApiError } from "../api/errors";
import type { App } from "../app-context";
import { online } from "../online";
import { filesPath } from "../router";
import { formatBytes } from "../text/format";
import { visibleText } from "../text/visible";
import { StatusBadge } from "../ui/badge";
import { FileIcon, Icon } from "../ui/icons";
import { lazy } from "../ui/lazy";
import { FileName, Untrusted } from "../ui/name";
import { AllFilesLink, Empty, Failed, Loading, Stale } from "../ui/states";
import { useTitle } from "../ui/title";
import { When } from "../ui/when";
import { FileActions } from "./file-actions";
import { Details, Findings } from "./findings";
import { ScanBadge, ScanCallout } from "./scan";
import { Story } from "./story";
import { useFile } from "./use-file";

const Preview = lazy(async () => (await import("./preview")).Preview, { what: "The preview", rows: 2 });

export function FileView({ app, id }: { app: App; id: string }) {
  const { file, error, retry, expect, patch } = useFile(app, id);
  const missing = error instanceof ApiError && (error.status === 404 || error.status === 400);
  useTitle(missing ? "Not found" : (file?.name ?? "File"));

  return (
    <>
      <a class="back" href="/files" data-back>
        <Icon name="arrowLeft" size={18} /> Files
      </a>
      {missing ? (
        <Empty alone icon="file" title="This file is unknown" actions={<AllFilesLink />}>
          <p>
            A new file takes a few seconds to appear. Otherwise it was removed more than 30 days ago, you may not see
            it, or the link is incomplete.
          </p>
        </Empty>
      ) : file ? (
        <>
          {error !== undefined && online.value && <Stale error={error} onRetry={retry} />}
          <Loaded app={app} file={file} expect={expect} patch={patch} />
        </>
      ) : error !== undefined ? (
        <Failed alone what="The file" error={error} onRetry={retry} />
      ) : (
        <Loading alone what="The file" rows={5} onRetry={retry} />
      )}
    </>
  );
}

interface LoadedProps {
  app: App;
  file: FileDetails;
  expect: () => void;
  patch: (change: Partial<FileDetails>) => void;
}

function Loaded({ app, file, expect, patch }: LoadedProps) {
  const broken = file.failure?.code === "broken";
  return (
    <>
      <header class="file-head">
        <FileIcon name={file.name} type={file.contentType} large />
        <div class="file-title">
          <h1>
            <Untrusted text={file.name || file.key} />
          </h1>
          <p class="file-line">
            <StatusBadge status={file.status} />
            <ScanBadge file={file} />
            <span>{formatBytes(file.size)}</span>
            <span>
              <When at={file.uploadedAt} lower />
            </span>
            {file.folder && (
              <a
                class="folder-link"
                href={filesPath(`${file.folder}/`)}
                aria-label={`Folder ${visibleText(file.folder)}`}
              >
                <Icon name="files" size={16} /> <FileName name={file.folder} />
              </a>
            )}
          </p>
        </div>
        <FileActions app={app} file={file} expect={expect} patch={patch} />
      </header>
      {file.scan && <ScanCallout scan={file.scan} uploadedAt={file.uploadedAt} />}
      {file.status === "failed" && (
        <div class="callout bad">
          <Icon name="warning" />
          <div>
            <h2>{broken ? "This file is broken" : "The inspection failed"}</h2>
            <p>
              {file.failure ? <Untrusted text={file.failure.message} /> : "No reason was recorded."}
              {file.failure && !broken && <code>{file.failure.code}</code>}
            </p>
          </div>
        </div>
      )}
      {file.status === "removed" && (
        <div class="callout">
          <Icon name="trash" />
          <div>
            <h2>This file is no longer in the bucket</h2>
            <p>Its details can be read for 30 days after the removal.</p>
          </div>
        </div>
      )}
      <div class="file-columns">
        <div>
          {/* Another version of the file is another preview. */}
          {file.preview && <Preview app={app} file={file} key={`${file.preview} ${file.etag} ${file.versionId}`} />}
          <Findings file={file} />
          <Details file={file} />
        </div>
        <Story file={file} />
      </div>
    </>
  );
}
