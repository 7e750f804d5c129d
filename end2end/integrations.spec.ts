// A coach connects calendars, and what that does to the times that mentees see.
import { account, caldav, consent, control, feed, TAB } from './calendars.ts';
import { register } from './steps.ts';
import { expect, test } from './test.ts';

const PROVIDERS = [
  { button: 'Connect Google', name: 'Google Calendar', provider: 'google', person: 'Denise Walker', address: 'denise@google.example' },
  { button: 'Connect Microsoft 365', name: 'Microsoft 365', provider: 'microsoft', person: 'Denise Walker', address: 'denise@microsoft.example' },
  { button: 'Connect Cal.com', name: 'Cal.com', provider: 'cal', person: 'Denise Walker', address: 'denise@cal.example' },
] as const;

for (const { button, name, provider, person, address } of PROVIDERS) {
  test(`${name}: refuse, connect, choose, test, reconnect, disconnect`, async ({ page, server, axe, problems }) => {
    problems.allow(/status of 404/);
    await register(page, `Coach of ${provider}`, 'coach');
    await page.goto('/dashboard');
    await page.getByRole('link', { name: 'Connect your calendar' }).click();
    await expect(page.getByText('No calendar is connected yet')).toBeVisible();
    await axe(page);

    const press = () => page.getByRole('button', { name: button }).click();
    await consent(page, server.sandbox, press, 'Refuse');
    await expect(page.getByText('access was not allowed')).toBeVisible();
    await expect(page.getByText('No calendar is connected yet')).toBeVisible();

    await consent(page, server.sandbox, press, 'Allow', person);
    await expect(page.getByText('Connected. Your busy times')).toBeVisible();
    const row = account(page, address);
    await expect(row.getByText('Working')).toBeVisible();
    await axe(page);

    const boxes = row.getByRole('checkbox');
    await expect(boxes.first()).toBeChecked();
    await boxes.nth(1).check();
    await row.getByRole('button', { name: 'Save choice' }).click();
    await expect(page.getByText('Saved.')).toBeVisible();
    await expect(account(page, address).getByRole('checkbox').nth(1)).toBeChecked();

    await account(page, address).getByRole('button', { name: 'Test' }).click();
    await expect(page.getByRole('heading', { name: 'The connection works' })).toBeVisible();
    await axe(page);

    await control(server.sandbox, '/grants/revoke', { provider, account: address });
    await account(page, address).getByRole('button', { name: 'Test' }).click();
    await expect(page.getByRole('heading', { name: 'The connection does not work' })).toBeVisible();
    await page.goto(TAB);
    await expect(account(page, address).getByText('Needs you')).toBeVisible();
    await axe(page);
    await page.goto('/dashboard');
    await expect(page.getByRole('alert')).toContainText('cannot be read any more');

    await page.goto(TAB);
    const again = () => account(page, address).getByRole('button', { name: 'Reconnect' }).click();
    await consent(page, server.sandbox, again, 'Allow', 'Maya Lindqvist');
    await expect(page.getByText('another account than the one to reconnect')).toBeVisible();
    await consent(page, server.sandbox, again, 'Allow', person);
    await expect(account(page, address).getByText('Working')).toBeVisible();
    await expect(account(page, address).getByRole('checkbox').nth(1)).toBeChecked();

    await account(page, address).getByRole('link', { name: 'Disconnect' }).click();
    await axe(page);
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByText('The account is disconnected')).toBeVisible();
    await expect(page.getByText('No calendar is connected yet')).toBeVisible();
  });
}

test('Google behind Cal.com: refuse, connect, disconnect', async ({ page, server, axe, problems }) => {
  problems.allow(/status of 404/);
  const address = await register(page, 'Coach behind', 'coach');
  await page.goto(TAB);
  const press = () => page.getByRole('button', { name: 'Google with Cal.com' }).click();
  await consent(page, server.sandbox, press, 'Refuse');
  await expect(page.getByText('access was not allowed')).toBeVisible();
  await consent(page, server.sandbox, press, 'Allow');
  await expect(page.getByText('Connected. Your busy times')).toBeVisible();
  await expect(account(page, address).getByText('Working')).toBeVisible();
  await axe(page);
  await account(page, address).getByRole('button', { name: 'Test' }).click();
  await expect(page.getByRole('heading', { name: 'The connection works' })).toBeVisible();
  await account(page, address).getByRole('link', { name: 'Disconnect' }).click();
  await page.getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByText('The account is disconnected')).toBeVisible();
});

test('a way back that is forged leads nowhere', async ({ page, problems }) => {
  problems.allow(/status of 404/);
  await register(page, 'Coach forged', 'coach');
  await page.goto('/integrations/google/callback?state=forged&code=stolen');
  await expect(page.getByText('Nothing was connected: this way back')).toBeVisible();
});

test('a permission left unticked is named, and nothing is stored', async ({ page, server }) => {
  await register(page, 'Coach unticked', 'coach');
  await page.goto(TAB);
  const press = () => page.getByRole('button', { name: 'Connect Google' }).click();
  await press();
  await page.waitForURL((url) => url.href.startsWith(server.sandbox));
  // Someone who has granted nothing before: what was granted once comes along.
  await page.getByRole('radio', { name: 'Ananya Iyer' }).check();
  await page.getByRole('checkbox', { name: /availability/ }).uncheck();
  await page.getByRole('button', { name: 'Allow' }).click();
  await expect(page.getByText('a permission that is needed was left unticked')).toBeVisible();
  await expect(page.getByText('No calendar is connected yet')).toBeVisible();
});

test('a feed: what is wrong with an address, what is busy in it, and letting go of it', async ({ page, axe, problems }) => {
  problems.allow(/status of 4\d\d|status of 502/);
  await register(page, 'Coach feed', 'coach');
  const start = new Date(Date.now() + 3 * 86_400_000);
  const calendar = await feed('dentist', start, new Date(start.getTime() + 3_600_000));
  try {
    await page.goto(TAB);
    await page.getByRole('link', { name: 'Calendar feed' }).click();
    await axe(page);
    await page.getByLabel('Address').fill('not an address');
    await page.getByLabel('Name').fill('Family');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await expect(page.getByLabel('Name')).toHaveValue('Family');
    await axe(page);
    await page.getByLabel('Address').fill(calendar.url);
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(page.getByText('Connected. Your busy times')).toBeVisible();
    await expect(account(page, 'Family').getByText('Working')).toBeVisible();
    expect(await page.content()).not.toContain('private-3f9a');
    await account(page, 'Family').getByRole('button', { name: 'Test' }).click();
    await expect(page.getByRole('heading', { name: 'The connection works' })).toBeVisible();
    await account(page, 'Family').getByRole('link', { name: 'Disconnect' }).click();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByText('The account is disconnected')).toBeVisible();
  } finally {
    calendar.stop();
  }
});

test('CalDAV: a wrong password, the right one, reconnecting, and letting go of it', async ({ page, axe, problems }) => {
  problems.allow(/status of 4\d\d|status of 502/);
  const server = await caldav();
  test.skip(!server, 'the calendar tools are not installed');
  if (!server) return;
  try {
    await register(page, 'Coach caldav', 'coach');
    await page.goto(TAB);
    await page.getByRole('link', { name: 'CalDAV or iCloud' }).click();
    await axe(page);
    await page.getByLabel('Address').fill(server.url);
    await page.getByLabel('User name').fill('coach');
    await page.getByLabel('App password').fill('wrong');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(page.getByRole('alert').first()).toBeVisible();
    await expect(page.getByLabel('User name')).toHaveValue('coach');
    await page.getByLabel('App password').fill(server.password);
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(page.getByText('Connected. Your busy times')).toBeVisible();
    const row = account(page, 'coach');
    await expect(row.getByRole('checkbox', { name: /Work/ })).toBeChecked();
    await row.getByRole('button', { name: 'Test' }).click();
    await expect(page.getByRole('heading', { name: 'The connection works' })).toBeVisible();
    server.change('another-password-31');
    await account(page, 'coach').getByRole('button', { name: 'Test' }).click();
    await expect(page.getByRole('heading', { name: 'The connection does not work' })).toBeVisible();
    await account(page, 'coach').getByRole('link', { name: 'Reconnect' }).click();
    await expect(page.getByLabel('User name')).toHaveValue('coach');
    await page.getByLabel('App password').fill('another-password-31');
    await page.getByRole('button', { name: 'Connect' }).click();
    await expect(account(page, 'coach').getByText('Working')).toBeVisible();
    await account(page, 'coach').getByRole('link', { name: 'Disconnect' }).click();
    await page.getByRole('button', { name: 'Disconnect' }).click();
    await expect(page.getByText('The account is disconnected')).toBeVisible();
  } finally {
    server.stop();
  }
});

test('what mentees see while a calendar cannot be read is the coach’s decision', async ({ page }) => {
  await register(page, 'Coach policy', 'coach');
  await page.goto(TAB);
  await page.getByRole('radio', { name: /Offer on request only/ }).check();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('Saved.')).toBeVisible();
  await expect(page.getByRole('radio', { name: /Offer on request only/ })).toBeChecked();
});
