// The readers of the API's document come from this site, work under its policy and ask nobody else.
import { expect, test } from './test.ts';

for (const path of ['/docs', '/redoc']) {
  test(`${path} shows the API`, async ({ page, baseURL, javaScriptEnabled }) => {
    const foreign: string[] = [];
    page.on('request', (request) => {
      const url = request.url();
      if (![`${baseURL}/`, 'data:', 'blob:'].some((start) => url.startsWith(start))) foreign.push(url);
    });
    await page.goto(path);
    const read = page.getByRole('heading', { name: /^Wellmet/ });
    await expect(javaScriptEnabled ? read : page.getByText('This page needs scripts.')).toBeVisible();
    if (javaScriptEnabled) await expect(page.getByText('Book a time').last()).toBeAttached();
    await expect(page.getByRole('link', { name: 'openapi.json' }).first()).toHaveAttribute('href', '/api/openapi.json');
    expect(foreign).toEqual([]);
  });
}
