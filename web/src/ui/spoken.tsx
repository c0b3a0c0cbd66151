import { spoken } from "../announce";

/** What is said to screen readers only. */
export const Spoken = () => (
  <p class="visually-hidden" role="status">
    {spoken.value}
  </p>
);
