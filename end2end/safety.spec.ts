// What must not be possible, seen from the browser.
import { book, nextMonth, PASSWORD, signIn, times } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

test('somebody else’s booking does not exist', async ({ page, another, problems }) => {
  problems.allow(/status of 404/);
  const owner = await another();
  await signIn(owner, 'jonas');
  const { path } = await book(owner, 'denise-walker/the-hard-conversation', 8);
  expect((await page.goto(path))?.status()).toBe(200);
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
  for (const stranger of ['lucia', 'maya']) {
    await signIn(page, stranger);
    for (const address of [path, `${path}/cancel`, `${path}/move`]) {
      expect((await page.goto(address))?.status(), `${stranger} ${address}`).toBe(404);
    }
    expect((await page.request.post(`${path}/cancel`, { form: { reason: 'because' } })).status()).toBe(404);
    await expect(page.getByRole('main')).not.toContainText('Jonas');
  }
  // Another coach cannot answer or finish it either.
  for (const word of ['confirm', 'completed', 'no-show']) {
    const answer = await page.request.post(`/dashboard${path}/${word}`, { form: {} });
    expect(answer.status(), word).toBe(404);
  }
  await owner.reload();
  await expect(owner.getByText('Confirmed', { exact: true })).toBeVisible();
});

test('each role has its own pages', async ({ page, problems }) => {
  problems.allow(/status of 403/);
  const coach = ['/dashboard', '/dashboard/availability', '/dashboard/availability/dates', '/dashboard/session-types', '/dashboard/settings'];
  const admin = ['/admin', '/admin/users', '/admin/bookings'];
  for (const path of [...coach, ...admin, '/bookings', '/settings']) {
    await page.goto(path);
    await expect(page, path).toHaveURL(new RegExp(`/login\\?next=${encodeURIComponent(path).replaceAll('%2F', '(%2F|/)')}`));
  }
  for (const [who, closed] of [['jonas', [...coach, ...admin]], ['maya', [...admin, '/bookings']]] as const) {
    await signIn(page, who);
    for (const path of closed) expect((await page.goto(path))?.status(), `${who} ${path}`).toBe(403);
    await expect(page.getByRole('heading', { level: 1, name: 'This page is not for this account' })).toBeVisible();
    await expect(page.getByRole('navigation', { name: 'Main' })).toBeVisible();
  }
});

test('a form from another site is refused', async ({ page, problems, javaScriptEnabled: scripts }) => {
  problems.allow(/status of 403/);
  await signIn(page, 'kenji');
  const form = { name: 'Owned', time_zone: 'Asia/Tokyo' };
  const sent = await page.request.post('/settings/account', { form, headers: { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' } });
  expect(sent.status()).toBe(403);
  const bare = await page.request.post('/settings/account', { form, headers: { origin: 'https://evil.example' } });
  expect(bare.status()).toBe(403);
  // The real thing: a page of another site that sends a form here.
  const target = new URL('/settings/account', await base(page)).href;
  const body = `<!doctype html><title>evil</title><form method="post" action="${target}"><input name="name" value="Owned"><input name="time_zone" value="Asia/Tokyo"><button>Win</button></form>`;
  await page.route('http://evil.example/', (route) => route.fulfill({ body, contentType: 'text/html' }));
  await page.goto('http://evil.example/');
  await page.getByRole('button', { name: 'Win' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'This form came from another site' })).toBeVisible();
  await page.goto('/settings');
  await expect(page.getByRole('textbox', { name: /^Name/ })).toHaveValue('Kenji Sato');
  expect(scripts).toBeDefined();
});

test('answers tell browsers what to refuse', async ({ page }) => {
  await signIn(page, 'maya');
  for (const path of ['/', '/coaches', '/coaches/maya-lindqvist', '/dashboard', '/nowhere']) {
    const answer = await page.request.get(path, { maxRedirects: 0 });
    const headers = answer.headers();
    const policy = headers['content-security-policy'] ?? '';
    expect(policy, path).toContain("default-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toContain('unsafe-inline');
    expect(policy).not.toMatch(/'unsafe-eval'/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(headers['cache-control']).toBe('no-store');
    expect(headers['set-cookie']).toBeUndefined();
    const html = await answer.text();
    expect(html, path).not.toMatch(/\sstyle="|\son\w+="/);
  }
});

test('cookies are closed to scripts and other sites, and signing out ends the sign-in', async ({ page, problems }) => {
  problems.allow(/status of 4/);
  await page.goto('/login?next=/settings');
  await page.getByRole('textbox', { name: 'Email' }).fill('lucia@wellmet.example');
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page).toHaveURL(/\/settings$/);
  const cookie = (await page.context().cookies()).find(({ name }) => name === 'wellmet');
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax', path: '/' });
  expect(page.url()).not.toContain(cookie?.value ?? 'x');

  await page.getByLabel('Account of Lucía Romero').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'You are signed out.' })).toBeVisible();
  expect((await page.context().cookies()).map(({ name }) => name)).not.toContain('wellmet');
  // The old cookie is worth nothing any more.
  const replay = await page.request.get('/settings', { headers: { cookie: `wellmet=${cookie?.value}` }, maxRedirects: 0 });
  expect(replay.status()).toBe(303);
  await page.goBack();
  await expect(page.getByRole('heading', { level: 1, name: 'Sign in' })).toBeVisible();
});

test('a sign-in page leads nowhere else', async ({ page }) => {
  for (const next of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:alert(1)']) {
    const form = { email: 'jonas@wellmet.example', password: PASSWORD, next };
    const answer = await page.request.post('/login', { form, maxRedirects: 0 });
    expect(answer.headers().location, next).toMatch(/^\/[^/\\]/);
  }
});

test('guessing a password ends in a pause, with words', async ({ page, problems }) => {
  problems.allow(/status of 4(22|29)/);
  for (let guess = 0; guess < 10; guess++) {
    await page.request.post('/login', { form: { email: 'noor@wellmet.example', password: `guess ${guess}` } });
  }
  await page.goto('/login');
  await page.getByRole('textbox', { name: 'Email' }).fill('noor@wellmet.example');
  await page.getByLabel('Password').fill('guess again');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText(/Too many attempts\. Try again in (a minute|\d+ minutes)\./);
  // Nobody else is kept out.
  await signIn(page, 'emily');
});

test('a form that no page of ours would send is answered in words', async ({ page, problems, javaScriptEnabled: scripts }) => {
  problems.allow(/status of 4/);
  await page.goto(`/coaches/maya-lindqvist/career-crossroads?month=${nextMonth()}`);
  await hydrated(page, scripts);
  const start = (await times(page).first().getAttribute('value')) ?? '';
  const path = '/book/maya-lindqvist/career-crossroads';
  const answer = await page.request.post(path, { form: { start, coach_id: 'x' } });
  expect(answer.status()).toBe(422);
  expect(await answer.text()).toContain('That form does not fit');
  expect((await page.request.post('/register', { form: { role: 'admin', name: 'Eve', email: 'eve@example.org', password: 'a long enough one', time_zone: 'Europe/Berlin' } })).status()).toBe(422);
  expect((await page.request.post(path, { data: 'x'.repeat(300_000), headers: { 'content-type': 'application/x-www-form-urlencoded' } })).status()).toBe(413);
  expect((await page.request.delete(path)).status()).toBe(405);
});

async function base(page: import('@playwright/test').Page): Promise<string> {
  await page.goto('/');
  return page.url();
}
