import { useFetcher } from '@remix-run/react';
import { useAppBridge } from '@shopify/app-bridge-react';
import {
  Badge,
  Banner,
  BlockStack,
  Button,
  Card,
  Divider,
  InlineStack,
  Link,
  Modal,
  SkeletonBodyText,
  Text,
  TextField,
} from '@shopify/polaris';
import { Fragment, useCallback, useEffect, useState } from 'react';
import { CopyField } from '../conversation/copy-field.tsx';
import type { ApiKeyLine, ApiKeysDetail, ApiKeysOutcome } from './api-keys.ts';

const ROUTE = '/app/settings/api-keys';

/** The keys with which the merchant's own programs report events; loads what it shows by itself. */
export function ApiKeysCard() {
  const { load, data: detail } = useFetcher<ApiKeysDetail>();
  const [leaving, setLeaving] = useState<ApiKeyLine | null>(null);
  const stay = useCallback(() => setLeaving(null), []);
  useEffect(() => load(ROUTE), [load]);

  if (detail === undefined)
    return (
      <Card>
        <SkeletonBodyText lines={3} />
      </Card>
    );
  return (
    <Card>
      <BlockStack gap="400">
        <Text as="p" tone="subdued">
          {detail.keys.length === 0 && 'No program of yours reports to Tieback yet. '}
          Create a key for each program, so that you can revoke one without stopping the others.
        </Text>
        <NewKey />
        {detail.keys.map((line) => (
          <Fragment key={line.id}>
            <Divider />
            <KeyLine line={line} onRevoke={() => setLeaving(line)} />
          </Fragment>
        ))}
        <Divider />
        <BlockStack gap="300">
          <CopyField
            label="Address for your programs"
            of="API"
            text={detail.address}
            copied="Address copied"
          />
          <Text as="p" tone="subdued">
            What they send is described in{' '}
            <Link url={detail.document} target="_blank">
              an OpenAPI document
            </Link>
            , which your developers can load into their tools.
          </Text>
        </BlockStack>
      </BlockStack>
      {leaving !== null && <RevokeDialog line={leaving} onClose={stay} />}
    </Card>
  );
}

/** Asks for a name, and shows the new key this once. */
function NewKey() {
  const fetcher = useFetcher<ApiKeysOutcome>();
  const [name, setName] = useState('');
  const [sent, setSent] = useState<string | null>(null);
  const [put, setPut] = useState<ApiKeysOutcome | null>(null);
  const outcome = fetcher.data;
  const fresh = outcome?.kind === 'created' && outcome !== put ? outcome : null;

  if (fresh !== null)
    return (
      <Banner
        tone="success"
        title={`The key for ${fresh.name} is ready`}
        onDismiss={() => {
          setPut(fresh);
          setName('');
        }}
      >
        <BlockStack gap="300">
          <p>
            Copy it into your program now. It is not shown again; if it is lost, revoke it and create another.
          </p>
          <CopyField label="API key" of={fresh.name} text={fresh.key} copied="Key copied" />
        </BlockStack>
      </Banner>
    );
  return (
    <fetcher.Form method="post" action={ROUTE} onSubmit={() => setSent(name)} autoComplete="off">
      <input type="hidden" name="intent" value="create" />
      <TextField
        label="Name of the program"
        name="name"
        value={name}
        onChange={setName}
        maxLength={60}
        placeholder="CRM"
        autoComplete="off"
        error={outcome?.kind === 'invalid' && name === sent ? outcome.problem : undefined}
        connectedRight={
          <Button submit loading={fetcher.state !== 'idle'}>
            Create key
          </Button>
        }
      />
    </fetcher.Form>
  );
}

function KeyLine({ line, onRevoke }: { line: ApiKeyLine; onRevoke: () => void }) {
  return (
    <BlockStack gap="100">
      <InlineStack gap="200" align="space-between" blockAlign="center">
        <InlineStack gap="200" blockAlign="center">
          <Text as="h3" variant="headingSm" tone={line.revoked ? 'subdued' : undefined}>
            {line.name}
          </Text>
          {line.revoked && <Badge>Revoked</Badge>}
        </InlineStack>
        {!line.revoked && (
          <Button
            variant="plain"
            tone="critical"
            onClick={onRevoke}
            accessibilityLabel={`Revoke the key for ${line.name}`}
          >
            Revoke
          </Button>
        )}
      </InlineStack>
      <span className="tb-code">{line.hint}</span>
      <Text as="p" tone="subdued">
        {line.words}
      </Text>
    </BlockStack>
  );
}

function RevokeDialog({ line, onClose }: { line: ApiKeyLine; onClose: () => void }) {
  const fetcher = useFetcher<ApiKeysOutcome>();
  const shopify = useAppBridge();
  const outcome = fetcher.data;

  useEffect(() => {
    if (outcome === undefined) return;
    const gone = outcome.kind === 'revoked';
    shopify.toast.show(gone ? 'Key revoked' : 'This key is not here any more', { isError: !gone });
    onClose();
  }, [outcome, shopify, onClose]);

  return (
    <Modal
      open
      onClose={onClose}
      title={`Revoke the key for ${line.name}?`}
      primaryAction={{
        content: 'Revoke key',
        destructive: true,
        loading: fetcher.state !== 'idle',
        onAction: () => fetcher.submit({ intent: 'revoke', id: line.id }, { method: 'post', action: ROUTE }),
      }}
      secondaryActions={[{ content: 'Keep it', onAction: onClose }]}
    >
      <Modal.Section>
        <p>
          The program that uses {line.hint} is refused from this moment, and what it reports does not reach
          Meta. What it has reported stays. A revoked key cannot be brought back.
        </p>
      </Modal.Section>
    </Modal>
  );
}
