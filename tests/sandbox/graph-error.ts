import { randomBytes } from 'node:crypto';

export type Locale = 'en' | 'fr';
export type GraphAnswer = { status: number; body: unknown; headers?: Record<string, string> };
type Words = readonly [title: string, message: string];

/** A trace id in Meta's form: "A" and 22 url-safe characters. */
export function newTraceId(): string {
  return `A${randomBytes(17).toString('base64url').slice(0, 22)}`;
}

/** Graph's error envelope without the words for people (developers.facebook.com/docs/graph-api/guides/error-handling). */
export function graphError(error: {
  status: number;
  code: number;
  message: string;
  type?: string;
  subcode?: number | null;
  transient?: boolean;
  headers?: Record<string, string>;
}): GraphAnswer {
  return {
    status: error.status,
    ...(error.headers ? { headers: error.headers } : {}),
    body: {
      error: {
        message: error.message,
        type: error.type ?? 'OAuthException',
        code: error.code,
        ...(error.subcode ? { error_subcode: error.subcode } : {}),
        ...(error.transient === undefined ? {} : { is_transient: error.transient }),
        fbtrace_id: newTraceId(),
      },
    },
  };
}

/** Graph's answer for an object the token cannot see, or a verb the object does not know: both look alike. */
export function unsupportedRequest(method: string, objectId: string): GraphAnswer {
  return graphError({
    status: 400,
    code: 100,
    subcode: 33,
    type: 'GraphMethodException',
    message: `Unsupported ${method.toLowerCase()} request. Object with ID '${objectId}' does not exist, cannot be loaded due to missing permissions, or does not support this operation. Please read the Graph API documentation at https://developers.facebook.com/docs/graph-api`,
  });
}

/** A refused conversion event: code 100, its subcode, and words in the language of the token's owner. */
export function refusedEvent(
  refusal: { subcode: number | null; message: string },
  locale: Locale,
): GraphAnswer {
  const words = refusal.subcode === null ? null : WORDS[refusal.subcode];
  const [title, message] = words?.[locale] ?? [GENERIC_TITLE[locale], refusal.message];
  return {
    status: 400,
    body: {
      error: {
        message: words ? 'Invalid parameter' : refusal.message,
        type: 'OAuthException',
        code: 100,
        ...(refusal.subcode === null ? {} : { error_subcode: refusal.subcode }),
        is_transient: false,
        error_user_title: title,
        error_user_msg: message,
        fbtrace_id: newTraceId(),
      },
    },
  };
}

const GENERIC_TITLE: Record<Locale, string> = { en: 'Invalid Parameter', fr: 'Paramètre non valide' };

// Meta documents none of these subcodes; the English titles are those that integrators report.
const WORDS: Record<number, Record<Locale, Words>> = {
  2804003: {
    en: ['Event Timestamp Too Old', 'The timestamp for this event is too far in the past.'],
    fr: ['Horodatage de l’évènement trop ancien', 'L’horodatage de cet évènement est trop ancien.'],
  },
  2804004: {
    en: ['Event Timestamp In The Future', 'The timestamp for this event is in the future.'],
    fr: ['Horodatage de l’évènement dans le futur', 'L’horodatage de cet évènement est dans le futur.'],
  },
  2804008: {
    en: ['Missing Content ID', 'Every item of contents needs an id.'],
    fr: ['Identifiant de contenu manquant', 'Chaque élément de contents doit avoir un id.'],
  },
  2804009: {
    en: ['Missing Value for Purchase Event', 'Purchase events need a value, for example 1.99.'],
    fr: [
      'Valeur manquante pour l’achat',
      'Les évènements d’achat ont besoin d’une valeur, par exemple 1.99.',
    ],
  },
  2804023: {
    en: ['Missing Currency', 'An event with a value needs a currency.'],
    fr: ['Devise manquante', 'Un évènement avec une valeur a besoin d’une devise.'],
  },
  2804063: {
    en: ['Missing Messaging Channel Parameter', 'Messaging events need messaging_channel.'],
    fr: ['Paramètre de canal de messagerie manquant', 'Il manque messaging_channel à cet évènement.'],
  },
  2804064: {
    en: [
      'Messaging Event Invalid Argument',
      'This customer information cannot be sent with a messaging event.',
    ],
    fr: ['Argument non valide', 'Cette information ne peut pas accompagner un évènement de messagerie.'],
  },
  2804066: {
    en: ['Messaging Event Invalid Event Type', 'This event name is not supported for messaging events.'],
    fr: ['Type d’évènement non valide', 'Ce nom d’évènement n’est pas pris en charge pour la messagerie.'],
  },
  2804071: {
    en: ['Missing Click ID', 'A WhatsApp event needs ctwa_clid.'],
    fr: ['Identifiant de clic manquant', 'Un évènement WhatsApp a besoin de ctwa_clid.'],
  },
  2804087: {
    en: ['Messaging Event Invalid Ctwa Clid', 'The ctwa_clid of this event is not valid.'],
    fr: ['Ctwa Clid non valide', 'Le ctwa_clid de cet évènement n’est pas valide.'],
  },
  2804116: {
    en: ['Missing Business Identifier', 'Send whatsapp_business_account_id or page_id.'],
    fr: ['Identifiant d’entreprise manquant', 'Envoyez whatsapp_business_account_id ou page_id.'],
  },
  2804131: {
    en: ['No Page Associated To Dataset', 'There is no Page associated to this dataset.'],
    fr: ['Aucune Page associée', 'Aucune Page n’est associée à cet ensemble de données.'],
  },
  2804132: {
    en: ['No WhatsApp Business Account Linked to This Dataset', 'Link the WhatsApp Business Account first.'],
    fr: ['Aucun compte WhatsApp Business associé', 'Associez d’abord le compte WhatsApp Business.'],
  },
};
