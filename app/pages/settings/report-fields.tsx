import { Checkbox, ChoiceList } from '@shopify/polaris';
import type { Draft } from './draft.ts';

type OnChange = (change: Partial<Draft>) => void;

export function ReportFields({ draft, onChange }: { draft: Draft; onChange: OnChange }) {
  return (
    <>
      <Checkbox
        label="Report purchases"
        helpText="Each paid order is reported once, with its value, so that Meta shows your ads to people who buy. When this is off, orders are still tied to ads here, but Meta is not told."
        checked={draft.reportPurchase}
        onChange={(reportPurchase) => onChange({ reportPurchase })}
      />
      <Checkbox
        label="Report orders before they are paid"
        helpText="With cash on delivery or a bank transfer, Meta is told of the order at checkout as “OrderCreated”, and of the purchase when you mark it as paid. Meta counts the two apart."
        checked={draft.reportOrderCreated}
        onChange={(reportOrderCreated) => onChange({ reportOrderCreated })}
      />
      <Checkbox
        label="Report subscription renewals"
        helpText="Orders that a subscription makes by itself. Nobody tapped an ad for them, so they are usually left out."
        checked={draft.reportRenewals}
        onChange={(reportRenewals) => onChange({ reportRenewals })}
      />
      <Checkbox
        label="Include hashed phone and email"
        helpText="Helps Meta recognise the customer. They are scrambled before they leave (SHA-256), so that Meta can compare them with what it knows already but cannot read them."
        checked={draft.sendCustomerHashes}
        disabled={!draft.reportPurchase && !draft.reportOrderCreated}
        onChange={(sendCustomerHashes) => onChange({ sendCustomerHashes })}
      />
    </>
  );
}

export function UnknownOutcomeField({ draft, onChange }: { draft: Draft; onChange: OnChange }) {
  return (
    <ChoiceList
      title="When it is not known whether Meta took an event"
      name="unknownOutcome"
      selected={[draft.unknownOutcome]}
      onChange={([chosen]) => onChange({ unknownOutcome: chosen === 'resend' ? 'resend' : 'hold' })}
      choices={[
        {
          value: 'hold',
          label: 'Keep it for a person',
          helpText:
            'No sale is counted twice. It is shown as unknown until somebody has looked at Meta’s Events Manager.',
        },
        {
          value: 'resend',
          label: 'Send it again',
          helpText:
            'No sale is missed, but Meta may count one twice: it does not remove duplicates of these events.',
        },
      ]}
    />
  );
}
