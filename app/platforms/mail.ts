import { createTransport } from 'nodemailer';

export type Mail = { to: string; subject: string; text: string };
export type MailResult =
  | { kind: 'sent' }
  /** The server was not reached or said no: nobody will get it. */
  | { kind: 'refused'; problem: string }
  /** It broke off after the letter may have been taken. */
  | { kind: 'unknown'; problem: string };

/** Sends plain text. Never throws. */
export type Mailer = { send(mail: Mail): Promise<MailResult> };

const TIMEOUTS = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 20_000 };
const MAX_PROBLEM = 300;

/**
 * Mail through the operator's SMTP server. `url` is smtp://user:password@host:port, which takes up TLS when the server
 * offers it, or smtps:// for TLS from the start; `from` is an address, or a name with one.
 */
export function createMailer({ url, from }: { url: string; from: string }): Mailer {
  const transport = createTransport({ url, ...TIMEOUTS });
  return {
    async send({ to, subject, text }) {
      try {
        await transport.sendMail({
          from,
          to,
          subject: subject.replaceAll(/\s+/g, ' '),
          text,
          // Out-of-office programs do not answer it (https://www.rfc-editor.org/rfc/rfc3834).
          headers: { 'Auto-Submitted': 'auto-generated' },
        });
        return { kind: 'sent' };
      } catch (error) {
        return readFailure(error);
      }
    },
  };
}

// How nodemailer calls what happens before a letter's text is sent.
const NEVER_LEFT: ReadonlySet<string> = new Set(['EDNS', 'ETLS', 'EREQUIRETLS', 'EAUTH', 'EENVELOPE']);
// The one of its timeouts that ends a conversation which had begun.
const SILENCE = 'SOCKET_TIMEOUT';

/** What the server answered counts; without an answer, a connection that stood may have carried the letter. */
function readFailure(error: unknown): MailResult {
  const { code, syscall, timeoutType, responseCode, message } = error as {
    code?: string;
    syscall?: string;
    timeoutType?: string;
    responseCode?: number;
    message?: string;
  };
  const problem = String(message ?? error).slice(0, MAX_PROBLEM);
  const refused =
    responseCode !== undefined ||
    syscall === 'connect' ||
    NEVER_LEFT.has(code ?? '') ||
    (timeoutType !== undefined && timeoutType !== SILENCE);
  return { kind: refused ? 'refused' : 'unknown', problem };
}
