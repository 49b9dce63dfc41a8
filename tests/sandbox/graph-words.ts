/** The language of a token's owner, in which Meta words its refusals for people. */
export type Locale = 'en' | 'fr' | 'pt-BR';
type Words = readonly [title: string, message: string];

export const GENERIC_TITLE: Record<Locale, string> = {
  en: 'Invalid Parameter',
  fr: 'Paramètre non valide',
  'pt-BR': 'Parâmetro inválido',
};

/** Title and message of a refused event for people; null where Meta has no words of its own for the reason. */
export function wordsOf(subcode: number | null, locale: Locale): Words | null {
  const words = subcode === null ? undefined : WORDS[subcode];
  return words?.[locale] ?? null;
}

// Meta documents none of these subcodes; the English titles are those that integrators report.
const WORDS: Record<number, Record<Locale, Words>> = {
  2804003: {
    en: ['Event Timestamp Too Old', 'The timestamp for this event is too far in the past.'],
    fr: ['Horodatage de l’évènement trop ancien', 'L’horodatage de cet évènement est trop ancien.'],
    'pt-BR': ['Data do evento muito antiga', 'A data e a hora deste evento são muito antigas.'],
  },
  2804004: {
    en: ['Event Timestamp In The Future', 'The timestamp for this event is in the future.'],
    fr: ['Horodatage de l’évènement dans le futur', 'L’horodatage de cet évènement est dans le futur.'],
    'pt-BR': ['Data do evento no futuro', 'A data e a hora deste evento estão no futuro.'],
  },
  2804008: {
    en: ['Missing Content ID', 'Every item of contents needs an id.'],
    fr: ['Identifiant de contenu manquant', 'Chaque élément de contents doit avoir un id.'],
    'pt-BR': ['Identificação do conteúdo ausente', 'Cada item de contents precisa de um id.'],
  },
  2804009: {
    en: ['Missing Value for Purchase Event', 'Purchase events need a value, for example 1.99.'],
    fr: ['Valeur manquante pour l’achat', 'Un évènement d’achat a besoin d’une valeur, par exemple 1.99.'],
    'pt-BR': ['Valor da compra ausente', 'Os eventos de compra precisam de um valor, por exemplo 1.99.'],
  },
  2804023: {
    en: ['Missing Currency', 'An event with a value needs a currency.'],
    fr: ['Devise manquante', 'Un évènement avec une valeur a besoin d’une devise.'],
    'pt-BR': ['Moeda ausente', 'Um evento com valor precisa de uma moeda.'],
  },
  2804050: {
    en: [
      'Insufficient Customer Information',
      'This customer information is too little to tell people apart.',
    ],
    fr: [
      'Informations client insuffisantes',
      'Ces informations client ne désignent personne en particulier.',
    ],
    'pt-BR': [
      'Informações do cliente insuficientes',
      'Estas informações são poucas para identificar alguém.',
    ],
  },
  2804063: {
    en: ['Missing Messaging Channel Parameter', 'Messaging events need messaging_channel.'],
    fr: ['Paramètre de canal de messagerie manquant', 'Il manque messaging_channel à cet évènement.'],
    'pt-BR': ['Canal de mensagens ausente', 'Os eventos de mensagens precisam de messaging_channel.'],
  },
  2804064: {
    en: [
      'Messaging Event Invalid Argument',
      'This customer information cannot be sent with a messaging event.',
    ],
    fr: ['Argument non valide', 'Cette information ne peut pas accompagner un évènement de messagerie.'],
    'pt-BR': ['Argumento inválido', 'Esta informação não pode acompanhar um evento de mensagens.'],
  },
  2804066: {
    en: ['Messaging Event Invalid Event Type', 'This event name is not supported for messaging events.'],
    fr: ['Type d’évènement non valide', 'Ce nom d’évènement n’est pas pris en charge pour la messagerie.'],
    'pt-BR': ['Tipo de evento inválido', 'Este nome de evento não é aceito para mensagens.'],
  },
  2804069: {
    en: ['Missing Page ID', 'A Messenger event needs page_id.'],
    fr: ['Identifiant de Page manquant', 'Un évènement Messenger a besoin de page_id.'],
    'pt-BR': ['Identificação da Página ausente', 'Um evento do Messenger precisa de page_id.'],
  },
  2804071: {
    en: ['Missing Click ID', 'A messaging event needs ctwa_clid or a page-scoped user ID.'],
    fr: ['Identifiant de clic manquant', 'Un évènement de messagerie a besoin de ctwa_clid.'],
    'pt-BR': ['Identificação do clique ausente', 'Um evento de mensagens precisa de ctwa_clid.'],
  },
  2804073: {
    en: ['Mismatching Page Id and PSID', 'This page-scoped user ID is not one of the Page.'],
    fr: ['Page et PSID incompatibles', 'Ce PSID n’appartient pas à la Page.'],
    'pt-BR': ['Página e PSID incompatíveis', 'Este PSID não pertence à Página.'],
  },
  2804075: {
    en: ['Missing Instagram User ID', 'An Instagram event needs ig_sid.'],
    fr: ['Identifiant Instagram manquant', 'Un évènement Instagram a besoin de ig_sid.'],
    'pt-BR': ['Identificação do Instagram ausente', 'Um evento do Instagram precisa de ig_sid.'],
  },
  2804079: {
    en: ['Missing Instagram Account ID', 'An Instagram event needs instagram_business_account_id.'],
    fr: ['Compte Instagram manquant', 'Il manque instagram_business_account_id à cet évènement.'],
    'pt-BR': ['Conta do Instagram ausente', 'O evento precisa de instagram_business_account_id.'],
  },
  2804081: {
    en: ['OrderCreated event currency missing', 'OrderCreated events need a currency in custom_data.'],
    fr: ['Devise manquante pour OrderCreated', 'Les évènements OrderCreated ont besoin d’une devise.'],
    'pt-BR': [
      'Moeda ausente em OrderCreated',
      'Os eventos OrderCreated precisam de uma moeda em custom_data.',
    ],
  },
  2804087: {
    en: ['Messaging Event Invalid Ctwa Clid', 'The ctwa_clid of this event is not valid.'],
    fr: ['Ctwa Clid non valide', 'Le ctwa_clid de cet évènement n’est pas valide.'],
    'pt-BR': ['Ctwa Clid inválido', 'O ctwa_clid deste evento não é válido.'],
  },
  2804116: {
    en: ['Missing Business Identifier', 'Send whatsapp_business_account_id or page_id.'],
    fr: ['Identifiant d’entreprise manquant', 'Envoyez whatsapp_business_account_id ou page_id.'],
    'pt-BR': ['Identificação da empresa ausente', 'Envie whatsapp_business_account_id ou page_id.'],
  },
  2804131: {
    en: ['No Page Associated To Dataset', 'There is no Page associated to this dataset.'],
    fr: ['Aucune Page associée', 'Aucune Page n’est associée à cet ensemble de données.'],
    'pt-BR': ['Nenhuma Página associada', 'Não há uma Página associada a este conjunto de dados.'],
  },
  2804132: {
    en: ['No WhatsApp Business Account Linked to This Dataset', 'Link the WhatsApp Business Account first.'],
    fr: ['Aucun compte WhatsApp Business associé', 'Associez d’abord le compte WhatsApp Business.'],
    'pt-BR': ['Nenhuma conta do WhatsApp Business vinculada', 'Vincule antes a conta do WhatsApp Business.'],
  },
  2804133: {
    en: ['No Instagram Account Linked to This Dataset', 'Link the Instagram account first.'],
    fr: ['Aucun compte Instagram associé', 'Associez d’abord le compte Instagram.'],
    'pt-BR': ['Nenhuma conta do Instagram vinculada', 'Vincule antes a conta do Instagram.'],
  },
};
