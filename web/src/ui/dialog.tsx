import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";

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

  useEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    element?.showModal();
    return () => {
      element?.close();
      if (before instanceof HTMLElement) before.focus();
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
    </dialog>
  );
}

interface ConfirmProps {
  title: string;
  children: ComponentChildren;
  confirm: string;
  busy: boolean;
  error?: string | undefined;
  onConfirm: () => void;
  onCancel: () => void;
}

/** Confirms an action that cannot be undone. */
export function ConfirmDialog({ title, children, confirm, busy, error, onConfirm, onCancel }: ConfirmProps) {
  return (
    <Modal
      title={title}
      onCancel={() => {
        if (!busy) onCancel();
      }}
      actions={
        <>
          <button type="button" class="button" onClick={onCancel} disabled={busy}>
            Cancel
          </button>
          <button type="button" class="button danger" onClick={onConfirm} disabled={busy}>
            {busy ? "Deleting…" : confirm}
          </button>
        </>
      }
    >
      {children}
      {error && (
        <p class="dialog-error" role="alert">
          {error}
        </p>
      )}
    </Modal>
  );
}
