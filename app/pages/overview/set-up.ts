import { settingsUrl } from '../settings/places.ts';

/** One step of getting started, and whether the shop's own data shows that it is done. */
export type SetUpStep = {
  title: string;
  text: string;
  done: boolean;
  action: { content: string; url: string } | null;
};

export type SetUp =
  { kind: 'connected'; numbers: string[] } | { kind: 'in_progress'; steps: SetUpStep[]; dismissed: boolean };

export type SetUpFacts = {
  /** The WhatsApp numbers that are connected, and whether each works. */
  numbers: readonly { displayNumber: string; active: boolean }[];
  /** Whether somebody chose what Meta is told of which orders. */
  channelsChosen: boolean;
  adClick: boolean;
  paidOrder: boolean;
  accepted: boolean;
};

/** What is left to set up. Done is read from what really arrived, never from a click on "done". */
export function setUp(facts: SetUpFacts, dismissed: boolean): SetUp {
  const connected = facts.numbers.length > 0;
  if (connected && facts.channelsChosen && facts.adClick && facts.paidOrder && facts.accepted)
    return {
      kind: 'connected',
      numbers: facts.numbers.filter(({ active }) => active).map(({ displayNumber }) => displayNumber),
    };
  const steps: SetUpStep[] = [
    {
      title: 'Connect your WhatsApp number',
      text: 'Tieback then sees which chats begin with a tap on one of your ads.',
      done: connected,
      action: { content: 'Connect number', url: settingsUrl('numbers') },
    },
    {
      title: 'Choose what Meta is told',
      text: 'Another app may report your online store’s orders already, and Meta would then count a sale twice. Choose for each kind of order what Meta is told.',
      done: facts.channelsChosen,
      action: { content: 'Choose', url: settingsUrl('channels') },
    },
    {
      title: 'Receive the first chat from an ad',
      text: 'Someone taps a Click-to-WhatsApp ad and sends you a message. Tap your own ad to try it.',
      done: facts.adClick,
      action: null,
    },
    {
      title: 'See the first paid order',
      text: 'It is tied to the ad by a chat link, a discount code of its own, or the phone number that wrote to you.',
      done: facts.paidOrder,
      action: null,
    },
    {
      title: 'Have the first sale accepted by Meta',
      text: 'Tieback reports a tied sale by itself as soon as it is paid.',
      done: facts.accepted,
      action: null,
    },
  ];
  return { kind: 'in_progress', steps, dismissed };
}
