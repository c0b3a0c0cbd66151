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

/** Text from outside, on its own direction, with nothing hidden in it. Wraps where it must. */
export function Untrusted({ text }: { text: string }) {
  return (
    <bdi class="untrusted">
      <Pieces text={text} />
    </bdi>
  );
}

/** A name on one line. A long one loses its middle to the eye, never to a screen reader or to a copy. */
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
