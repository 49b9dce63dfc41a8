import { Select } from '@shopify/polaris';

/** A choice among all the values of a setting, each by its words. */
export function WordedSelect<T extends string>({
  label,
  words,
  value,
  helpText,
  onChange,
}: {
  label: string;
  words: Readonly<Record<T, string>>;
  value: T;
  helpText?: string;
  onChange: (value: T) => void;
}) {
  const values = Object.keys(words) as T[];
  return (
    <Select
      label={label}
      options={values.map((one) => ({ value: one, label: words[one] }))}
      value={value}
      helpText={helpText}
      onChange={(chosen) => onChange(values.find((one) => one === chosen) ?? value)}
    />
  );
}
