import { CopyField } from './copy-field.tsx';
import type { Pasted } from './link-line.ts';

/** What is pasted into the chat; for a draft order, what is written on it. `of` is the link's heading. */
export function PastedField({ pasted, of }: { pasted: Pasted; of: string }) {
  switch (pasted.kind) {
    case 'link':
      return <CopyField label="Link for the chat" of={of} text={pasted.url} copied="Link copied" />;
    case 'reference':
      return <CopyField label="Tag for the draft order" of={of} text={pasted.tag} copied="Tag copied" />;
  }
}
