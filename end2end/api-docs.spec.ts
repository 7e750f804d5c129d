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
    // Without scripts the way to the document itself is what there is.
    if (javaScriptEnabled) {
      await expect(page.getByRole('heading', { name: /^Wellmet/ })).toBeVisible();
      await expect(page.getByText('Book a time').last()).toBeAttached();
    }
    await expect(page.getByRole('link', { name: 'openapi.json' }).first()).toHaveAttribute('href', '/api/openapi.json');
    expect(foreign).toEqual([]);
  });
}
