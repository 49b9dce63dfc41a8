import { useFetcher } from '@remix-run/react';
import {
  BlockStack,
  Button,
  Card,
  ChoiceList,
  FormLayout,
  InlineStack,
  Text,
  TextField,
} from '@shopify/polaris';
import { useState } from 'react';
import type { RerunOutcome } from './act.ts';
import type { RerunPageData } from './load.ts';
import { LAST_DAYS } from './period.ts';

/** Chooses the period; its one button compares and changes nothing. */
export function PeriodForm({ data, disabled }: { data: RerunPageData; disabled: boolean }) {
  const fetcher = useFetcher<RerunOutcome>();
  const [days, setDays] = useState('28');
  const [since, setSince] = useState(data.today);
  const [until, setUntil] = useState(data.today);
  const asked = `${days} ${since} ${until}`;
  const [sent, setSent] = useState<string | null>(null);
  // A problem is about the dates that were sent: it goes as soon as one of them changes.
  const problems = fetcher.data?.kind === 'invalid_period' && sent === asked ? fetcher.data.problems : null;
  return (
    <Card>
      <fetcher.Form method="post" onSubmit={() => setSent(asked)}>
        <input type="hidden" name="intent" value="compare" />
        <BlockStack gap="400">
          <Text as="p">
            Past orders keep their credit, except orders of the last 7 days about which something new is
            learned. Here you see what your rules of today would make of them: {data.rules}.
          </Text>
          <ChoiceList
            title="Orders placed in"
            name="days"
            selected={[days]}
            onChange={([chosen]) => chosen !== undefined && setDays(chosen)}
            choices={[
              ...LAST_DAYS.map((value) => ({ value, label: `The last ${value} days` })),
              {
                value: 'dates',
                label: 'Other dates',
                renderChildren: (selected: boolean) =>
                  selected && (
                    <FormLayout>
                      <FormLayout.Group condensed>
                        <TextField
                          label="First day"
                          name="since"
                          type="date"
                          autoComplete="off"
                          max={data.today}
                          value={since}
                          error={problems?.since ?? undefined}
                          onChange={setSince}
                        />
                        <TextField
                          label="Last day"
                          name="until"
                          type="date"
                          autoComplete="off"
                          value={until}
                          error={problems?.until ?? undefined}
                          onChange={setUntil}
                        />
                      </FormLayout.Group>
                    </FormLayout>
                  ),
              },
            ]}
          />
          <InlineStack>
            <Button submit disabled={disabled} loading={fetcher.state !== 'idle'}>
              Compare
            </Button>
          </InlineStack>
        </BlockStack>
      </fetcher.Form>
    </Card>
  );
}
