import { tailStart, visiblePieces, visibleText } from "../text/visible";

function Pieces({ text }: { text: string }) {
  return (
    <>
      {visiblePieces(text).map((piece, i) =>
        piece.hidden ? (
          // The position is the identity here: the same name always splits the same way.
          <span class="hidden-character" title={piece.hidden.meaning} key={i}>
            {piece.text}
          </span>
        ) : (
          piece.text
        ),
      )}
    </>
  );
}

/** Untrusted text: isolated direction, invisible characters shown by their code. Wraps where it must. */
export function Untrusted({ text }: { text: string }) {
  return (
    <bdi class="untrusted">
      <Pieces text={text} />
    </bdi>
  );
}

/** A name on one line. A long one is cut in the middle on screen only: screen readers and copies get all of it. */
export function FileName({ name }: { name: string }) {
  const cut = tailStart(name);
  return (
    <bdi class="file-name" title={visibleText(name)}>
      <span class="head">
        <Pieces text={cut ? name.slice(0, cut) : name} />
      </span>
      {cut > 0 && (
        <span class="tail">
          <Pieces text={name.slice(cut)} />
        </span>
      )}
    </bdi>
  );
}
