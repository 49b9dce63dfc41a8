import { useFetcher } from '@remix-run/react';
import {
  BlockStack,
  Banner,
  Button,
  Card,
  List,
  Modal,
  Select,
  SkeletonBodyText,
  Text,
} from '@shopify/polaris';
import { useState } from 'react';
import { CHANNEL_CHOICES } from '../../domain/channel.ts';
import { bannerTone } from '../tone.ts';
import { sentFields, type Draft } from './fields.ts';
import { KIND_LABELS } from './kind-labels.ts';
import type { PreviewAnswer } from './preview.ts';
import type { PreviewView } from './preview-words.ts';

const LATEST = 'latest';
const KINDS = Object.keys(CHANNEL_CHOICES) as (keyof typeof CHANNEL_CHOICES)[];

/** Shows the exact event that the form as it stands would have Meta told. */
export function PreviewCard({ draft }: { draft: Draft }) {
  const fetcher = useFetcher<PreviewAnswer>();
  const [of, setOf] = useState<string>(LATEST);
  const [open, setOpen] = useState(false);
  const answer = fetcher.state === 'idle' ? fetcher.data : undefined;

  function show(chosen: string) {
    setOf(chosen);
    setOpen(true);
    fetcher.submit({ ...sentFields(draft), of: chosen }, { method: 'post', action: '/app/preview' });
  }

  return (
    <Card>
      <BlockStack gap="300" inlineAlign="start">
        <Text as="p">
          See the event as it would be sent with these settings, saved or not. Nothing is sent by looking.
        </Text>
        <Button onClick={() => show(of)}>Preview what is sent</Button>
      </BlockStack>
      <Modal open={open} onClose={() => setOpen(false)} title="What Meta would be told" size="large">
        <Modal.Section>
          <BlockStack gap="400">
            <Select
              label="Order"
              options={[
                { value: LATEST, label: 'Your latest order from an ad' },
                ...KINDS.map((kind) => ({
                  value: kind,
                  label: `Example: ${KIND_LABELS[kind].toLowerCase()}`,
                })),
              ]}
              value={of}
              onChange={show}
            />
            <div role="status">
              {answer === undefined && <SkeletonBodyText lines={8} />}
              {answer?.kind === 'invalid_settings' && (
                <Banner tone="critical" title="The settings are not right yet">
                  <List>
                    {Object.values(answer.problems).map((problem) => (
                      <List.Item key={problem}>{problem}</List.Item>
                    ))}
                  </List>
                </Banner>
              )}
              {answer?.kind === 'preview' && <PreviewDetails view={answer.view} />}
            </div>
          </BlockStack>
        </Modal.Section>
      </Modal>
    </Card>
  );
}

/** One previewed event: whether Meta is told, what Meta would refuse, and the JSON itself. */
export function PreviewDetails({ view }: { view: PreviewView }) {
  const { title, tone, sentence, fix, json, problems, notes } = view;
  return (
    <BlockStack gap="300">
      <Banner tone={bannerTone(tone)} title={title}>
        <p>
          {sentence} {fix}
        </p>
      </Banner>
      {problems.length > 0 && (
        <Banner tone="critical" title="Meta would refuse this event">
          <List>
            {problems.map((problem) => (
              <List.Item key={problem}>{problem}</List.Item>
            ))}
          </List>
        </Banner>
      )}
      {json !== null && <pre className="tb-raw">{json}</pre>}
      {notes.map((note) => (
        <Text key={note} as="p" tone="subdued" variant="bodySm">
          {note}
        </Text>
      ))}
    </BlockStack>
  );
}
