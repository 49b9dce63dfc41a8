import { useAppBridge } from '@shopify/app-bridge-react';
import { Button, TextField } from '@shopify/polaris';
import { useId } from 'react';

/** A text to be taken elsewhere, with the button that copies it. */
export function CopyField({
  label,
  of,
  text,
  copied,
}: {
  label: string;
  /** Which of several such fields on a page this is, for those who cannot see where it stands. */
  of: string;
  text: string;
  copied: string;
}) {
  const shopify = useAppBridge();
  const id = useId();

  async function copy() {
    if (await copyText(text, id)) shopify.toast.show(copied);
    else shopify.toast.show('Select the text and copy it yourself', { isError: true });
  }

  return (
    <TextField
      id={id}
      label={label}
      value={text}
      readOnly
      selectTextOnFocus
      autoComplete="off"
      connectedRight={
        <Button onClick={() => void copy()} accessibilityLabel={`Copy: ${label}, ${of}`}>
          Copy
        </Button>
      }
    />
  );
}

/** A framed app may be refused the clipboard; what is selected in a field can be copied all the same. */
async function copyText(text: string, fieldId: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.getElementById(fieldId);
    if (!(field instanceof HTMLInputElement)) return false;
    field.select();
    return document.execCommand('copy');
  }
}
