import type { ComponentChildren } from "preact";
import type { FileDetails } from "../api/client";
import { formatBytesExactly } from "../text/format";
import { CopyButton } from "../ui/copy";
import { Untrusted } from "../ui/name";
import { SCAN_LABELS } from "./scan";

function Row({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="row">
      <dt>
        <Untrusted text={label} />
      </dt>
      <dd>{children}</dd>
    </div>
  );
}

/** The inspection's results: checksum, detected type and further facts. */
export function Findings({ file }: { file: FileDetails }) {
  const nothing = !file.sha256 && file.facts.length === 0;
  return (
    <section class="card" aria-labelledby="found">
      <h2 id="found">What was found</h2>
      {nothing ? (
        <p class="card-text">
          {file.status === "received"
            ? "The file is waiting to be inspected. The result will appear here."
            : "The inspection recorded nothing about the content."}
        </p>
      ) : (
        <dl class="rows">
          {file.contentType && (
            <Row label="Type">
              <Untrusted text={file.contentType} />
            </Row>
          )}
          {file.facts.map((fact, i) => (
            <Row label={fact.label} key={`${i} ${fact.label}`}>
              <Untrusted text={fact.value} />
            </Row>
          ))}
          {file.sha256 && (
            <Row label="SHA-256">
              <span class="copyable">
                <code>{file.sha256}</code>
                <CopyButton text={file.sha256} label="Copy the checksum" />
              </span>
            </Row>
          )}
        </dl>
      )}
    </section>
  );
}

/** Where the file is stored, and its S3 metadata. */
export function Details({ file }: { file: FileDetails }) {
  return (
    <section class="card" aria-labelledby="details">
      <h2 id="details">Details</h2>
      <dl class="rows">
        <Row label="Path">
          <span class="copyable">
            <Untrusted text={file.key} />
            <CopyButton text={file.key} label="Copy the path" />
          </span>
        </Row>
        <Row label="Size">{formatBytesExactly(file.size)}</Row>
        <Row label="Uploaded by">
          {file.uploadedBy ? <Untrusted text={file.uploadedBy} /> : <span class="faint">unknown</span>}
        </Row>
        <Row label="Bucket">
          <Untrusted text={file.bucket} /> <span class="faint">{file.region}</span>
        </Row>
        {file.scan && <Row label="Malware scan">{SCAN_LABELS[file.scan.state]}</Row>}
        {file.versionId && (
          <Row label="Version">
            <code>{file.versionId}</code>
          </Row>
        )}
        {file.etag && (
          <Row label="ETag">
            <code>{file.etag}</code>
          </Row>
        )}
        {file.sequencer && (
          <Row label="Sequencer">
            <code>{file.sequencer}</code>
          </Row>
        )}
      </dl>
    </section>
  );
}
