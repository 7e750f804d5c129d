// Times that are not to be had: taken by somebody else, lost meanwhile, never on offer.
import { chooseDay, chooseTime, days, hold, nextMonth, signIn, times } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

const KIND = 'tomas-ferreira/portfolio-review';

test('two people want the same time: one gets it, the other an alternative', async ({ page, another, problems, javaScriptEnabled: scripts }) => {
  problems.allow(/status of 409/);
  const second = await another();
  await signIn(second, 'lucia');
  // A page that does not hear of it: one that does takes the time away before it can be pressed (live.spec.ts).
  await second.route('**/live/**', (route) => route.fulfill({ status: 204 }));
  for (const who of [page, second]) {
    await who.goto(`/coaches/${KIND}?month=${nextMonth()}&tz=Europe/Berlin`);
    await hydrated(who, scripts);
    await chooseDay(who, 2);
  }
  const { time } = await chooseTime(page, 1);

  const answer = second.waitForResponse((response) => response.request().method() === 'POST' && response.url().includes('/book/'));
  await times(second).nth(1).click();
  expect((await answer).status()).toBe(409);
  const note = second.getByRole('status').filter({ hasText: 'cannot be booked' });
  await expect(note).toContainText(`at ${time} cannot be booked. That time is not free any more.`);
  const alternatives = note.getByRole('button');
  await expect(alternatives.first()).toBeVisible();
  // Below it the picker itself, on the same day, without the lost time.
  await expect(times(second).filter({ hasText: time })).toHaveCount(0);
  const instead = (await alternatives.first().getAttribute('value')) ?? '';
  await alternatives.first().click();
  await second.waitForURL(/\/book\/h\//);
  await second.getByRole('button', { name: 'Book this session' }).click();
  await expect(second.getByRole('status').filter({ hasText: 'Booked.' })).toBeVisible();
  await expect(second.locator(`time[datetime="${instead}"]`)).toBeVisible();

  // The first has not lost anything.
  await page.reload();
  await expect(page.getByText('Held for you until')).toBeVisible();
});

test('a time lost while the form was filled in: nothing typed is lost', async ({ page, another, problems }) => {
  problems.allow(/status of 409/);
  await signIn(page, 'kenji');
  const lost = await hold(page, KIND, 6);
  await page.getByRole('textbox', { name: /^What should Tomás know/ }).fill('Prints & prices <3');
  // In another tab the same person chooses another time, which lets go of the first.
  const tab = await page.context().newPage();
  await hold(tab, KIND, 7);
  const other = await another();
  await hold(other, KIND, 6);

  await page.getByRole('button', { name: 'Book this session' }).click();
  const note = page.getByRole('status').filter({ hasText: 'Nothing you typed is lost.' });
  await expect(note).toContainText(`${lost.day} at ${lost.time} cannot be booked.`);
  await expect(page.getByRole('textbox', { name: /^What should Tomás know/ })).toHaveValue('Prints & prices <3');
  await expect(page.getByRole('button', { name: 'Book this session' })).toHaveCount(0);
  await note.getByRole('button').first().click();
  await expect(page.getByRole('status').filter({ hasText: 'Booked.' })).toBeVisible();
  await expect(page.getByText('Prints & prices <3')).toBeVisible();
});

test('addresses of holds that never were lead nowhere', async ({ page, problems }) => {
  problems.allow(/status of 404/);
  for (const secret of ['x', 'A'.repeat(43), '../../login']) {
    const answer = await page.goto(`/book/h/${encodeURIComponent(secret)}`);
    expect(answer?.status(), secret).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'There is nothing here' })).toBeVisible();
  }
  expect((await page.request.post(`/book/h/${'A'.repeat(43)}`, { form: { notes: '' } })).status()).toBe(404);
  for (const path of ['/coaches/nobody', '/coaches/maya-lindqvist/nothing', '/book/maya-lindqvist/nothing?start=2030-01-01T09:00:00Z']) {
    expect((await page.goto(path))?.status(), path).toBe(404);
  }
});

test('a link to one time shows it and asks first', async ({ page, another, javaScriptEnabled: scripts }) => {
  await page.goto(`/coaches/${KIND}?month=${nextMonth()}&tz=Europe/Berlin`);
  await hydrated(page, scripts);
  const day = await chooseDay(page, 9);
  const start = (await times(page).last().getAttribute('value')) ?? '';
  const time = (await times(page).last().textContent()) ?? '';
  const zone = await page.getByRole('combobox', { name: 'Times in' }).inputValue();
  const link = `/book/${KIND}?start=${encodeURIComponent(start)}&tz=${zone}`;
  await page.goto(link);
  await expect(page.getByRole('heading', { level: 1, name: 'Portfolio review with Tomás Ferreira' })).toBeVisible();
  await expect(page.getByText(new RegExp(`^${day} \\d{4}, ${time}–`))).toBeVisible();
  // Looking at it took nothing away from others.
  const other = await another();
  await other.goto(link);
  await other.getByRole('button', { name: 'Hold this time for ten minutes' }).click();
  await other.waitForURL(/\/book\/h\//);
  await page.getByRole('link', { name: 'See other times' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Portfolio review' })).toBeVisible();
});

test('a time that is not on offer is refused in words', async ({ page, problems, javaScriptEnabled: scripts }) => {
  problems.allow(/status of (409|422)/);
  await page.goto(`/coaches/${KIND}?month=${nextMonth()}&tz=Europe/Berlin`);
  await hydrated(page, scripts);
  const start = new Date((await times(page).first().getAttribute('value')) ?? '');
  const shifted = (minutes: number) => new Date(start.getTime() + minutes * 60_000).toISOString();
  const refused: [string, RegExp][] = [
    [shifted(7), /There is no session at that time\.|That time is not free any more\./],
    ['2020-01-01T09:00:00Z', /That time has passed\./],
    [new Date(Date.now() + 60 * 60_000).toISOString(), /That is too soon|There (is no session at that time|are no sessions on that day)/],
    ['2049-01-01T09:00:00Z', /That is too far ahead/],
  ];
  for (const [at, words] of refused) {
    const answer = await page.goto(`/book/${KIND}?start=${encodeURIComponent(at)}`);
    expect(answer?.status(), at).toBe(409);
    await expect(page.getByRole('status').filter({ hasText: words }).first()).toBeVisible();
    await expect(days(page).or(page.getByText('No free times', { exact: true })).first()).toBeVisible();
  }
  expect((await page.goto(`/book/${KIND}?start=tomorrow`))?.status()).toBe(422);
  await expect(page.getByRole('main')).toContainText('is not a time such as');
});
