import { useEffect, useRef, useState } from "preact/hooks";
import { Icon } from "../ui/icons";

const PAUSE_MS = 300;
const LONGEST = 1024;

/** Searches while typing, after a pause. "/" brings the cursor here. */
export function SearchField({ prefix, onSearch }: { prefix: string; onSearch: (prefix: string) => void }) {
  const [typed, setTyped] = useState(prefix);
  const input = useRef<HTMLInputElement>(null);
  const sent = useRef(prefix);

  // Back and forward change the search from outside.
  useEffect(() => {
    if (prefix !== sent.current) {
      sent.current = prefix;
      setTyped(prefix);
    }
  }, [prefix]);

  useEffect(() => {
    if (typed === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = typed;
      onSearch(typed);
    }, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed, onSearch]);

  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.key !== "/" || event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, select, dialog")) return;
      event.preventDefault();
      input.current?.focus();
    }
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  return (
    <search class="search">
      <Icon name="search" size={18} />
      <input
        ref={input}
        type="search"
        aria-label="Search by the beginning of the path"
        aria-keyshortcuts="/"
        placeholder="Search by path, e.g. invoices/2026"
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        maxLength={LONGEST}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && typed) {
            event.preventDefault();
            setTyped("");
          }
        }}
      />
      {typed ? (
        <button
          type="button"
          class="icon-button small"
          aria-label="Clear search"
          onClick={() => {
            setTyped("");
            input.current?.focus();
          }}
        >
          <Icon name="close" size={16} />
        </button>
      ) : (
        <span class="key" aria-hidden="true">
          /
        </span>
      )}
    </search>
  );
}
