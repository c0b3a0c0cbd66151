// What is in a file, without a download: images and the beginning of texts on the page, PDFs in the browser's own viewer.
// The API links only to what the inspection recognised, as that type; nothing that is shown can run.
import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { FileDetails, Preview as Link } from "../api/client";
import { canRetry, messageOf } from "../api/errors";
import type { App } from "../app-context";
import { type Polling, poll } from "../polling";
import { formatBytes } from "../text/format";
import { visibleText } from "../text/visible";
import { Icon } from "../ui/icons";
import { Scroller } from "../ui/scroller";
import { decodeHead, readHead } from "./text-head";

/** Larger images are loaded only when asked for. */
const LARGE_IMAGE = 5 * 1024 * 1024;
/** A PDF's link is renewed when this share of its time is over. */
const RENEW_AFTER = 0.8;

interface PreviewProps {
  app: App;
  file: FileDetails;
}

export function Preview({ app, file }: PreviewProps) {
  return (
    <section class="card preview" aria-labelledby="preview">
      <h2 id="preview">Preview</h2>
      {file.preview === "image" && <ImagePreview app={app} file={file} />}
      {file.preview === "text" && <TextPreview app={app} file={file} />}
      {file.preview === "pdf" && <PdfPreview app={app} file={file} />}
    </section>
  );
}

function Problem({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  return (
    <p class="card-text" role="alert">
      {messageOf(error)}{" "}
      {canRetry(error) && (
        <button type="button" class="link-button" onClick={onRetry}>
          Try again
        </button>
      )}
    </p>
  );
}

/** Loads something once, and again when asked. */
function useLoaded<Result>(load: () => Promise<Result>, wanted: boolean) {
  const [result, setResult] = useState<Result>();
  const [error, setError] = useState<unknown>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    setError(undefined);
    load().then(
      (found) => current && setResult(found),
      (thrown) => current && setError(thrown),
    );
    return () => {
      current = false;
    };
  }, [wanted, attempt]);
  return { result, error, fail: setError, retry: () => setAttempt(attempt + 1) };
}

const Waiting = ({ children }: { children: ComponentChildren }) => (
  <p class="card-text faint" role="status">
    {children}
  </p>
);

function ImagePreview({ app, file }: PreviewProps) {
  const [wanted, setWanted] = useState(file.size <= LARGE_IMAGE);
  const link = useLoaded(() => app.api.previewFile(file.id), wanted);
  if (!wanted) {
    return (
      <p class="card-text">
        <button type="button" class="button" onClick={() => setWanted(true)}>
          <Icon name="image" size={18} /> {`Show the image (${formatBytes(file.size)})`}
        </button>
      </p>
    );
  }
  if (link.error !== undefined) return <Problem error={link.error} onRetry={link.retry} />;
  if (!link.result) return <Waiting>Loading…</Waiting>;
  return (
    <div class="preview-image">
      <img
        src={link.result.url}
        alt={`Content of ${visibleText(file.name || file.key)}`}
        decoding="async"
        onError={() => link.fail(new Error("The browser cannot show this image."))}
      />
    </div>
  );
}

function TextPreview({ app, file }: PreviewProps) {
  const text = useLoaded(async () => readHead(await app.api.previewFile(file.id)), true);
  if (text.error !== undefined) return <Problem error={text.error} onRetry={text.retry} />;
  if (!text.result) return <Waiting>Loading…</Waiting>;
  const bytes = text.result;
  if (bytes.length === 0) return <p class="card-text faint">The file is empty.</p>;
  return (
    <>
      <Scroller class="preview-text" label="Content">
        {decodeHead(bytes)}
      </Scroller>
      {bytes.length < file.size && (
        <p class="card-text faint">{`The first ${formatBytes(bytes.length)} of ${formatBytes(file.size)}.`}</p>
      )}
    </>
  );
}

/** A link into a new tab: browsers show PDFs there, phones included, and this page needs to allow no frames. */
function PdfPreview({ app, file }: PreviewProps) {
  const [link, setLink] = useState<Link>();
  const [error, setError] = useState<unknown>();
  const [polling, setPolling] = useState<Polling>();
  useEffect(() => {
    let lifetime = 60;
    const started = poll(
      async () => {
        try {
          const found = await app.api.previewFile(file.id);
          lifetime = found.expiresInSeconds;
          setLink(found);
          setError(undefined);
        } catch (thrown) {
          setError(thrown);
          throw thrown;
        }
      },
      () => lifetime * RENEW_AFTER * 1000,
    );
    setPolling(started);
    return () => started.stop();
  }, [app, file.id]);
  if (error !== undefined) return <Problem error={error} onRetry={() => polling?.now()} />;
  if (!link) return <Waiting>Loading…</Waiting>;
  return (
    <p class="card-text">
      <a class="button" href={link.url} target="_blank" rel="noopener noreferrer">
        <Icon name="document" size={18} /> Open the PDF in a new tab
      </a>
    </p>
  );
}
