import { FactList } from '../fact-list.tsx';
import type { AdClick } from './load.ts';
import type { BuyersWord } from './privacy.ts';
import { Code, Nothing, TitledCard } from './titled-card.tsx';

export function ClickCard({ click }: { click: AdClick | null }) {
  return (
    <TitledCard heading="Ad click">
      {click === null ? (
        <Nothing>No ad click is credited with this order.</Nothing>
      ) : (
        <FactList
          facts={[
            { label: 'Headline', value: click.headline ?? 'None given by WhatsApp' },
            { label: 'Ad ID', value: <Code text={click.adId} otherwise="None given by WhatsApp" /> },
            { label: 'Clicked', value: click.clickedAt },
            { label: 'Click ID', value: click.hasClickId ? 'Present' : 'Absent' },
            ...(click.rule === null ? [] : [{ label: 'Why this click', value: click.rule }]),
          ]}
        />
      )}
    </TitledCard>
  );
}

/** What the buyer said of their data, at the shop and to Shopify. */
export function PrivacyCard({ word }: { word: BuyersWord }) {
  return (
    <TitledCard heading="The buyer’s word">
      <FactList
        facts={[
          { label: 'Marketing', value: word.said },
          { label: 'Sale of their data', value: word.saleOptOut },
        ]}
      />
    </TitledCard>
  );
}
