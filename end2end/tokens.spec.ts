// Personal tokens for the REST API: made in the settings, shown once, used by a program, revoked.
import { register } from './steps.ts';
import { expect, hydrated, test } from './test.ts';

for (const [role, settings] of [['client', '/settings?tab=security'], ['coach', '/dashboard/settings?tab=security']] as const) {
  test(`a ${role} makes a token, sees it once and revokes it`, async ({ page, axe, playwright, baseURL, javaScriptEnabled }) => {
    await register(page, `Tilda Token ${role}`, role);
    await page.goto(settings);
    await hydrated(page, javaScriptEnabled);
    const section = page.getByRole('region', { name: 'API tokens' });
    await expect(section.getByRole('list', { name: 'Your tokens' })).toHaveCount(0);
    await axe(page);
    await section.getByRole('textbox', { name: 'Name' }).fill('Reporting');
    await section.getByRole('radio', { name: /^Read only/ }).check();
    await section.getByRole('combobox', { name: 'How long does it work?' }).selectOption('30 days');
    await section.getByRole('button', { name: 'Make a token' }).click();

    const fresh = page.getByRole('textbox', { name: 'Your new token' });
    await expect(fresh).toBeVisible();
    const token = await fresh.inputValue();
    expect(token).toMatch(/^wm_[\w-]{43}$/);
    expect(page.url()).not.toContain(token);
    expect(JSON.stringify(await page.context().cookies())).not.toContain(token);
    await axe(page);

    // A program of theirs knows who it works for, and may not change anything.
    const program = await playwright.request.newContext({ baseURL, extraHTTPHeaders: { authorization: `Bearer ${token}` } });
    const me = await program.get('/api/auth/me');
    expect([me.status(), (await me.json()).role]).toEqual([200, role]);
    const refused = await program.delete('/api/coaches/me/session-types/01ARZ3NDEKTSV4RRFFQ69G5FAV');
    expect([refused.status(), (await refused.json()).code]).toEqual([403, 'read_only_token']);

    // Gone for good, whichever way one comes back: the form that is sent again makes nothing.
    await page.reload();
    await expect(fresh).toHaveCount(0);
    await page.goto(settings);
    await expect(section.getByRole('listitem')).toHaveCount(1);
    expect(await page.content()).not.toContain(token);
    await expect(section.getByRole('listitem')).toContainText(`Ends with ${token.slice(-4)}.`);
    await expect(section.getByRole('listitem')).toContainText('Last used');

    await section.getByRole('link', { name: 'Revoke Reporting' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Revoke this token?' })).toBeVisible();
    await axe(page);
    await page.getByRole('link', { name: 'Keep it' }).click();
    await section.getByRole('link', { name: 'Revoke Reporting' }).click();
    await page.getByRole('button', { name: 'Revoke it' }).click();
    await expect(page.getByText('The token is revoked.')).toBeVisible();
    await expect(section.getByRole('listitem')).toHaveCount(0);
    expect((await program.get('/api/auth/me')).status()).toBe(401);
    await program.dispose();
  });
}

test('a name is needed, and what was chosen is kept', async ({ page, problems, axe }) => {
  problems.allow(/status of 422/);
  await register(page, 'Nils Nameless');
  await page.goto('/settings?tab=security');
  const section = page.getByRole('region', { name: 'API tokens' });
  await section.getByRole('textbox', { name: 'Name' }).fill(' ');
  await section.getByRole('radio', { name: /^Read and write/ }).check();
  await section.getByRole('button', { name: 'Make a token' }).click();
  await expect(section.getByRole('link', { name: /^Name: This is needed/ })).toBeVisible();
  await expect(section.getByRole('radio', { name: /^Read and write/ })).toBeChecked();
  await axe(page);
});
