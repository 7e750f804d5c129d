// Calendars for the stories about connecting them: at the sandbox's providers, on a CalDAV server, in a feed.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';

export const TAB = '/dashboard/settings?tab=integrations';

/** Tells the sandbox to do something. */
export async function control(sandbox: string, path: string, body: unknown): Promise<void> {
  const answer = await fetch(`${sandbox}/_control${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.ok, `${path}: ${await answer.text()}`).toBe(true);
}

/** On the consent page that `press` leads to: chooses `person` and decides. */
export async function consent(page: Page, sandbox: string, press: () => Promise<void>, decision: 'Allow' | 'Refuse', person?: string): Promise<void> {
  await press();
  await page.waitForURL((url) => url.href.startsWith(sandbox));
  if (person) await page.getByRole('radio', { name: person }).check();
  await page.getByRole('button', { name: decision }).click();
  await page.waitForURL(/tab=integrations/);
}

/** The part of the page about one account. */
export function account(page: Page, label: string) {
  return page.getByRole('listitem').filter({ has: page.getByRole('button', { name: 'Save choice' }) }).filter({ hasText: label });
}

/** A feed with one event, on this machine. */
export async function feed(summary: string, start: Date, end: Date): Promise<{ url: string; stop: () => void }> {
  const utc = (at: Date) => `${at.toISOString().replace(/[-:]/g, '').slice(0, 15)}Z`;
  const event = ['BEGIN:VEVENT', `UID:${summary}@example.org`, `DTSTAMP:${utc(start)}`, `DTSTART:${utc(start)}`, `DTEND:${utc(end)}`, `SUMMARY:${summary}`, 'END:VEVENT'];
  const text = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//example//EN', ...event, 'END:VCALENDAR', ''].join('\r\n');
  const server = createServer((_, answer) => answer.writeHead(200, { 'content-type': 'text/calendar; charset=utf-8' }).end(text));
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/private-3f9a/calendar.ics`, stop: () => server.close() };
}

/** Radicale with the user `coach` and one calendar, or nothing where the calendar tools are not installed. */
export async function caldav(): Promise<{ url: string; password: string; change: (password: string) => void; stop: () => void } | undefined> {
  const tools = process.env.TEST_CALENDAR_TOOLS;
  const program = tools && join(tools, 'bin', 'radicale');
  if (!program || !existsSync(program)) {
    if (process.env.REQUIRE_CALDAV) throw new Error('The calendar tools are missing: see scripts/python-tools.sh.');
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), 'wellmet-caldav-'));
  const password = 'app-password-27';
  writeFileSync(join(folder, 'users'), `coach:${password}\n`);
  const port = await freePort();
  const options = ['--config', '', '--server-hosts', `127.0.0.1:${port}`, '--auth-type', 'htpasswd', '--auth-htpasswd-filename', join(folder, 'users')];
  const more = ['--auth-htpasswd-encryption', 'plain', '--auth-delay', '0', '--storage-filesystem-folder', join(folder, 'data')];
  const child: ChildProcess = spawn(program, [...options, ...more], { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}/`;
  const headers = { authorization: `Basic ${Buffer.from(`coach:${password}`).toString('base64')}`, 'content-type': 'application/xml' };
  const body = `<?xml version="1.0"?><C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop><D:displayname>Work</D:displayname></D:prop></D:set></C:mkcalendar>`;
  await expect
    .poll(() => fetch(`${url}coach/work/`, { method: 'MKCALENDAR', headers, body }).then((r) => r.status, () => 0), { timeout: 20_000 })
    .toBe(201);
  const stop = () => {
    child.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  };
  const change = (changed: string) => writeFileSync(join(folder, 'users'), `coach:${changed}\n`);
  return { url, password, change, stop };
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => done(port));
    });
  });
}
