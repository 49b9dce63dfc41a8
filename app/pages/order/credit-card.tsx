import { Badge, BlockStack, Text } from '@shopify/polaris';
import type { CreditPicture, CreditRow } from './credit.ts';
import { TitledCard } from './titled-card.tsx';

/** Which ad earns how much of the order under each model: a table whose bars are drawn beside its figures. */
export function CreditCard({ picture }: { picture: CreditPicture }) {
  const { models, windowDays, rows } = picture;
  const window = windowDays === 1 ? '1 day' : `${windowDays} days`;
  return (
    <TitledCard heading="Which ad earned it">
      <Text as="p" tone="subdued">
        The order’s revenue by three ways of counting ad clicks of the {window} before it. Yours is marked;
        the others are for comparison.
      </Text>
      <table className="tb-credit">
        <thead>
          <tr>
            <th scope="col">Ad click</th>
            {models.map(({ model, label, own }) => (
              <th key={model} scope="col" data-own={own}>
                <BlockStack gap="050" inlineAlign="start">
                  {label}
                  {own && <Badge tone="info">Yours</Badge>}
                </BlockStack>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <th scope="row">
                <Text as="span" fontWeight="semibold" breakWord>
                  {row.ad}
                </Text>
                <br />
                <Text as="span" tone="subdued">
                  {row.clickedAt}
                </Text>
              </th>
              {models.map(({ model, own }) => (
                <td key={model} data-own={own}>
                  <Share part={row.parts.find((part) => part.model === model)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </TitledCard>
  );
}

function Share({ part }: { part: CreditRow['parts'][number] | undefined }) {
  if (part === undefined) return <span className="tb-subdued">–</span>;
  return (
    <>
      {part.money}
      <br />
      <span className="tb-subdued">{part.percent}</span>
      <span className="tb-credit-bar" aria-hidden="true">
        <span style={{ width: `${part.share * 100}%` }} />
      </span>
    </>
  );
}
