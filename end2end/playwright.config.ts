import { defineConfig } from '@playwright/test';

// Every spec runs three times: on a desk, on a phone, and with scripts switched off.
export default defineConfig({
  testDir: '.',
  workers: 2,
  // On CI a test that fails is tried once more; if it passes then, the report calls it flaky.
  retries: process.env.CI ? 1 : 0,
  expect: { timeout: 10_000 },
  fullyParallel: false,
  forbidOnly: !!process.env.CI,
  timeout: 60_000,
  reporter: process.env.CI ? [['list']] : [['list'], ['html', { open: 'never' }]],
  use: {
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM || undefined,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'scripts-on', use: { viewport: { width: 1280, height: 800 } } },
    { name: 'phone', use: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } },
    { name: 'scripts-off', use: { viewport: { width: 1280, height: 800 }, javaScriptEnabled: false } },
  ],
});
