import { BlockStack, List, Text } from '@shopify/polaris';
import { CopyField } from '../conversation/copy-field.tsx';

/** Everything that Tieback reads of what Meta can send. */
const WEBHOOK_FIELDS = [
  'messages',
  'smb_message_echoes',
  'user_id_update',
  'automatic_events',
  'account_update',
  'phone_number_quality_update',
];

/** Where to find what the form asks for, before a number is connected. */
export function FindValues() {
  return (
    <BlockStack gap="200">
      <List type="number">
        <List.Item>
          Open developers.facebook.com, My Apps, and choose your app; make one of type Business, with the
          product WhatsApp, if you have none.
        </List.Item>
        <List.Item>
          Under WhatsApp, API Setup, copy the phone number ID and the WhatsApp Business Account ID.
        </List.Item>
        <List.Item>
          In Meta’s business settings, under Users, System users, add a system user, give it the app and the
          WhatsApp account, and generate a token that never expires with the permissions
          whatsapp_business_management, whatsapp_business_messaging and whatsapp_business_manage_events.
        </List.Item>
        <List.Item>Under App settings, Basic, copy the app secret.</List.Item>
      </List>
      <Text as="p" tone="subdued">
        A token from Events Manager (the dataset, Settings, Conversions API, Generate access token) can report
        sales too. It cannot look anything up or ask for your chats, so enter the phone number and the dataset
        ID by hand, and the secret of the app that receives your chats.
      </Text>
    </BlockStack>
  );
}

/** What is left to do in the merchant's own Meta app, so that its chats come here. */
export function PointWebhooks({
  address,
  verifyToken,
  of,
}: {
  address: string;
  /** Null when it was shown before: it is shown once. */
  verifyToken: string | null;
  of: string;
}) {
  return (
    <BlockStack gap="200">
      <List type="number">
        <List.Item>In your Meta app, open WhatsApp, Configuration, and press Edit beside Webhook.</List.Item>
        <List.Item>Enter the address and the verify token below, and press Verify and save.</List.Item>
        <List.Item>Under Webhook fields, subscribe to {WEBHOOK_FIELDS.join(', ')}.</List.Item>
        <List.Item>Switch the app to Live: in development mode Meta keeps chats back.</List.Item>
      </List>
      <CopyField label="Callback URL" of={of} text={address} copied="Address copied" />
      {verifyToken === null ? (
        <Text as="p" tone="subdued">
          The verify token was shown when the number was connected. Connect it again for a new one.
        </Text>
      ) : (
        <CopyField label="Verify token" of={of} text={verifyToken} copied="Verify token copied" />
      )}
      <Text as="p" tone="subdued">
        One address serves all numbers of that app in this store: if another of them was set up here already,
        leave the app as it is. Set the address for the whole app as above. An address that overrides it for
        one WhatsApp account or number gets chats only: Meta never sends account_update, automatic_events or
        user_id_update there.
      </Text>
    </BlockStack>
  );
}
