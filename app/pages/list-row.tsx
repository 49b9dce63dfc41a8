import { IndexTable, InlineStack, Link, Text } from '@shopify/polaris';

/** What a row of a list is about, as the link to its own page. */
export function RowLink({ url, name }: { url: string; name: string }) {
  return (
    <span className="tb-row-link">
      <Link url={url} monochrome removeUnderline>
        <Text as="span" fontWeight="semibold">
          {name}
        </Text>
      </Link>
    </span>
  );
}

/** An amount or a count, in a column whose heading is aligned to its end. */
export function FigureCell({ figure }: { figure: string }) {
  return (
    <IndexTable.Cell>
      <Text as="span" alignment="end" numeric>
        {figure}
      </Text>
    </IndexTable.Cell>
  );
}

/** The first line of a row on a phone: what it is about, and the figure that matters most. */
export function PhoneRowHead({ url, name, figure }: { url: string; name: string; figure: string | null }) {
  return (
    <InlineStack align="space-between" gap="200">
      <RowLink url={url} name={name} />
      <Text as="span" numeric>
        {figure}
      </Text>
    </InlineStack>
  );
}
