// Starts the release binary on a fresh database, on a port of its own, and stops it again.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SANDBOX = resolve(process.env.WELLMET_SANDBOX_BIN ?? '../target/release/wellmet-sandbox');
const BINARY = resolve(process.env.WELLMET_BIN ?? '../target/release/wellmet');
const SITE_ROOT = resolve(process.env.LEPTOS_SITE_ROOT ?? '../target/site');
const START_MS = 20_000;
const STOP_MS = 10_000;

/** `sandbox` is the address of the stand-in for Google, Microsoft and Cal.com that this site is connected with. */
export type Server = { url: string; sandbox: string; log: () => string; stop: () => Promise<void> };

/** A running site, with the demo in it unless `empty`. E2E_DATABASE_URL names another database than a new SQLite file. */
export async function startServer(empty = false): Promise<Server> {
  if (!existsSync(BINARY)) throw new Error(`${BINARY} is missing: run make build first.`);
  const dir = mkdtempSync(join(tmpdir(), 'wellmet-e2e-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const sandbox = await startSandbox(url);
  const env = {
    ...process.env,
    ...sandbox.settings,
    SECRET_KEY: randomBytes(32).toString('base64'),
    // Calendars with an address of their own are served from here too.
    CALENDAR_NETWORKS: '127.0.0.0/8',
    ALLOW_HTTP_CALENDARS: 'yes',
    // And so are receivers of webhooks.
    WEBHOOK_NETWORKS: '127.0.0.0/8',
    ALLOW_HTTP_WEBHOOKS: 'yes',
    DATABASE_URL: process.env.E2E_DATABASE_URL ?? `sqlite://${join(dir, 'wellmet.sqlite3')}`,
    PUBLIC_URL: url,
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    LEPTOS_SITE_ROOT: SITE_ROOT,
    // Everybody in these tests comes from one address.
    LIMIT_HOLDS_PER_ADDRESS: '0',
    LIMIT_REGISTER_PER_ADDRESS: '0',
  };

  const first = empty ? ['migrate'] : ['demo', '--if-empty'];
  const prepared = spawnSync(BINARY, first, { cwd: dir, env, encoding: 'utf8' });
  if (prepared.status !== 0) throw new Error(`wellmet ${first[0]} failed (${prepared.status}):\n${prepared.stdout}${prepared.stderr}`);

  let output = '';
  const child = spawn(BINARY, ['serve'], { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));

  const stop = async () => {
    await end(child);
    await end(sandbox.child);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    await healthy(url, child);
  } catch (error) {
    await stop();
    throw new Error(`${error instanceof Error ? error.message : error}\n${output}`);
  }
  return { url, sandbox: sandbox.url, log: () => output, stop };
}

type Sandbox = { url: string; settings: Record<string, string>; child: ChildProcess };

/** A sandbox of the site's own, which lets people come back to the site at `origin`. */
async function startSandbox(origin: string): Promise<Sandbox> {
  if (!existsSync(SANDBOX)) throw new Error(`${SANDBOX} is missing: run make build first.`);
  const listen = `127.0.0.1:${await freePort()}`;
  const child = spawn(SANDBOX, ['--listen', listen, '--origin', origin], { stdio: 'ignore' });
  const printed = spawnSync(SANDBOX, ['--listen', listen, '--print-env'], { encoding: 'utf8' });
  const pairs = printed.stdout.split('\n').filter(Boolean).map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
  const until = Date.now() + START_MS;
  const up = () => fetch(`http://${listen}/_control/health`).then((r) => r.ok, () => false);
  while (!(await up())) {
    if (child.exitCode !== null || Date.now() > until) throw new Error('The sandbox did not start.');
    await new Promise((r) => setTimeout(r, 50));
  }
  return { url: `http://${listen}`, settings: Object.fromEntries(pairs), child };
}

async function healthy(url: string, child: ChildProcess): Promise<void> {
  const until = Date.now() + START_MS;
  while (Date.now() < until) {
    if (child.exitCode !== null) throw new Error(`wellmet serve ended with ${child.exitCode}.`);
    const status = await fetch(`${url}/healthz`).then((r) => r.status, () => 0);
    if (status === 200) return;
    await new Promise((r) => setTimeout(r, 50));
  }
  throw new Error(`${url}/healthz did not answer 200 within ${START_MS / 1000} s.`);
}

/** Asks the process to end, and insists if it does not. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((r) => child.once('exit', () => r()));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(late);
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer().once('error', fail);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === 'object' ? done(address.port) : fail(new Error('no port'))));
    });
  });
}
