import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import type { FileDetails } from "../api/client";
import { ApiError, isAbort } from "../api/errors";
import type { App } from "../app-context";
import { type Polling, poll } from "../polling";

const SOON_MS = 1_500;
const LATER_MS = 20_000;
/** How long the short interval lasts after an action, or for a file that is not in the catalogue yet. */
const EXPECT_MS = 60_000;

/** Polls one file: at a short interval while a change is expected, at a long one otherwise. */
export function useFile(app: App, id: string) {
  const [file, setFile] = useState<FileDetails>();
  const [error, setError] = useState<unknown>();
  const polling = useRef<Polling>();
  const status = useRef<FileDetails["status"]>();
  const scanned = useRef(true);
  const expectedUntil = useRef(0);

  useEffect(() => {
    setFile(undefined);
    setError(undefined);
    status.current = undefined;
    const opened = Date.now();
    polling.current = poll(
      async (aborted) => {
        try {
          const found = await app.api.getFile(id, aborted);
          status.current = found.status;
          scanned.current = found.scan?.state !== "pending";
          setFile(found);
          setError(undefined);
        } catch (thrown) {
          if (isAbort(thrown)) return;
          setError(thrown);
          // A file that was just uploaded may not be in the catalogue yet: keep the short interval.
          const mayComeYet = thrown instanceof ApiError && thrown.status === 404 && Date.now() < opened + EXPECT_MS;
          if (!mayComeYet) throw thrown;
        }
      },
      () => {
        // A result of the malware scan is expected soon after the upload, and not for as long as there is none.
        const due = scanned.current || Date.now() > opened + EXPECT_MS;
        const settled = status.current && status.current !== "received" && due;
        return settled && Date.now() > expectedUntil.current ? LATER_MS : SOON_MS;
      },
    );
    return () => polling.current?.stop();
  }, [app, id]);

  const retry = useCallback(() => polling.current?.now(), []);
  const expect = useCallback(() => {
    expectedUntil.current = Date.now() + EXPECT_MS;
    polling.current?.now();
  }, []);
  /** Shows the expected result before the catalogue has it. */
  const patch = useCallback((change: Partial<FileDetails>) => {
    if (change.status) status.current = change.status;
    setFile((before) => before && { ...before, ...change });
  }, []);
  return { file, error, retry, expect, patch };
}
