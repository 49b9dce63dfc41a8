import { Text } from '@shopify/polaris';
import { FactList } from '../fact-list.tsx';
import type { OrderDetail } from './load.ts';
import { Code, TitledCard } from './titled-card.tsx';

/** Where the order was made, and its money. A channel that Tieback has no words for is shown by its own name. */
export function MadeCard({ made, money }: Pick<OrderDetail, 'made' | 'money'>) {
  return (
    <TitledCard heading="Where the order was made">
      <Text as="p">{made.sentence}</Text>
      <FactList
        facts={[
          { label: 'Made in', value: made.label },
          ...(made.channel === null
            ? []
            : [{ label: 'Shopify’s name for it', value: <Code text={made.channel} /> }]),
          ...money,
        ]}
      />
    </TitledCard>
  );
}
