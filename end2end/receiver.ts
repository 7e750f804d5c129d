// Somebody else's system that takes webhooks. It refuses what is not signed and shaped as docs/webhooks.md promises.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';

type Event = { id: string; type: string; booking?: { id: string; ordinal: number; status: string } };

export class Receiver {
  /** What is answered to a request that is right. */
  status = 204;
  /** The secret it was given; without one nothing is right. */
  secret = '';
  /** The events that were answered with a 2xx, in order. */
  readonly accepted: Event[] = [];
  /** What was wrong with requests. */
  readonly complaints: string[] = [];
  readonly #server = createServer((request, response) => {
    void read(request).then((body) => {
      const complaint = this.#complaint(request, body);
      if (complaint) this.complaints.push(complaint);
      const status = complaint ? 400 : this.status;
      if (status < 300) this.accepted.push(JSON.parse(body.toString()) as Event);
      response.writeHead(status).end();
    });
  });

  /** Listens on a port of this machine. Gives its address. */
  start(): Promise<string> {
    return new Promise((done) => {
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        done(`http://127.0.0.1:${address && typeof address === 'object' ? address.port : 0}/bookings`);
      });
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #complaint(request: IncomingMessage, body: Buffer): string | undefined {
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json') return 'not a POST of JSON';
    const pairs = String(request.headers['wellmet-signature']).split(',').map((part) => part.split('='));
    const at = pairs.find(([name]) => name === 't')?.[1];
    if (!at || Math.abs(Date.now() / 1000 - Number(at)) > 300) return 'signed at another time';
    const ours = createHmac('sha256', this.secret).update(`${at}.`).update(body).digest();
    const theirs = pairs.filter(([name]) => name === 'v1').map(([, value]) => Buffer.from(value ?? '', 'hex'));
    if (!theirs.some((value) => value.length === ours.length && timingSafeEqual(value, ours))) return 'the signature is wrong';
    const event = JSON.parse(body.toString()) as Event;
    return event.id === request.headers['webhook-id'] ? undefined : 'the id is another';
  }
}

async function read(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
