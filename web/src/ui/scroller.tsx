import type { ComponentChildren } from "preact";

interface ScrollerProps {
  class: string;
  label: string;
  children: ComponentChildren;
}

/** Scrolls on its own, and must be reachable by keyboard for that. */
export const Scroller = ({ class: name, label, children }: ScrollerProps) => (
  // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
  <section class={name} tabIndex={0} aria-label={label}>
    {children}
  </section>
);
