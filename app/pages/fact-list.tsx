import type { ReactNode } from 'react';

export type Fact = { label: string; value: ReactNode };

/** Labels with their values. */
export function FactList({ facts }: { facts: Fact[] }) {
  return (
    <dl className="tb-facts">
      {facts.map(({ label, value }) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
