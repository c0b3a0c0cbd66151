import type { ComponentChildren } from "preact";
import { useEffect, useId, useLayoutEffect, useRef } from "preact/hooks";
import { canRetry, messageOf } from "../api/errors";
import { Spoken } from "./spoken";

interface ModalProps {
  title: string;
  children: ComponentChildren;
  actions: ComponentChildren;
  /** Room for a list; screen readers then read the title only. */
  wide?: boolean;
  /** Escape was pressed. */
  onCancel: () => void;
}

/** The browser's modal dialog: it traps the focus, handles Escape, and returns the focus when it closes. */
export function Modal({ title, children, actions, wide = false, onCancel }: ModalProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  const textId = useId();

  // Before the effects of what is in it: as long as the dialog is closed, nothing there can take the focus.
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
      // What opened the dialog may be gone, by what was done in it.
      requestAnimationFrame(() => {
        if (document.activeElement === document.body) document.getElementById("main")?.focus({ preventScroll: true });
      });
    };
  }, []);

  return (
    <dialog
      ref={dialog}
      class={`dialog${wide ? " wide" : ""}`}
      aria-labelledby={titleId}
      aria-describedby={wide ? undefined : textId}
      onCancel={(event) => {
        event.preventDefault();
        onCancel();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      <div id={textId} class="dialog-text">
        {children}
      </div>
      <div class="dialog-actions">{actions}</div>
      {/* The page's own live region is inert as long as a dialog is open. */}
      <Spoken />
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ComponentChildren;
  confirm: string;
  busy: boolean;
  /** Why the action failed. */
  error?: unknown;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Confirms an action that cannot be undone. */
export function ConfirmDialog({ title, children, confirm, busy, error, onConfirm, onCancel }: ConfirmProps) {
  const refused = error !== undefined && !canRetry(error);
  const close = useRef<HTMLButtonElement>(null);
  // The button that had the focus is gone.
  useEffect(() => {
    if (refused) close.current?.focus();
  }, [refused]);
  return (
    <Modal
      title={title}
      onCancel={() => {
        if (!busy) onCancel();
      }}
      actions={
        <>
          <button ref={close} type="button" class="button" onClick={onCancel} disabled={busy}>
            {refused ? "Close" : "Cancel"}
          </button>
          {!refused && (
            <button type="button" class="button danger" onClick={onConfirm} disabled={busy}>
              {busy ? "Deleting…" : confirm}
            </button>
          )}
        </>
      }
    >
      {children}
      {error !== undefined && (
        <p class="dialog-error" role="alert">
          {messageOf(error)}
        </p>
      )}
    </Modal>
  );
}
