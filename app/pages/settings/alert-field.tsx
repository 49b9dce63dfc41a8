import { TextField } from '@shopify/polaris';
import type { SettingsForm } from './use-settings-form.ts';

/** Whom alerts are mailed to. */
export function AlertField({ form: { draft, problems, change } }: { form: SettingsForm }) {
  return (
    <TextField
      label="Send alerts to"
      type="email"
      autoComplete="email"
      placeholder="name@example.com"
      value={draft.alertEmail}
      error={problems.alertEmail}
      helpText="When a number stops working, for example. Empty: nobody is mailed. The team that runs Tieback must have set email up."
      onChange={(alertEmail) => change({ alertEmail })}
    />
  );
}
