import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { type BrowserContext, chromium } from "playwright-core";

export interface TestBrowser {
  context: BrowserContext;
  close(): Promise<void>;
}

export interface BrowserLook {
  width: number;
  height: number;
  colorScheme?: "light" | "dark";
  /** A phone: touch, and no pointer that hovers. */
  touch?: boolean;
}

/**
 * Where Chromium is, or why the tests that need it are skipped. In CI they may not be skipped.
 * CHROMIUM_PATH names another one than Debian's.
 */
export function findChromium(): { path: string } | { skipped: string } {
  const named = process.env.CHROMIUM_PATH;
  const found = [...(named ? [named] : []), ...USUAL_PLACES].find((place) => existsSync(place));
  if (found !== undefined) return { path: found };
  if (process.env.CI) throw new Error("no Chromium found: run .ci/fetch-chromium, or set CHROMIUM_PATH");
  return { skipped: "skipped: no Chromium found. Run .ci/fetch-chromium, or set CHROMIUM_PATH." };
}

const USUAL_PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** A browser of its own, with a profile that nobody used and that is thrown away. */
export async function openBrowser(executablePath: string, look: BrowserLook): Promise<TestBrowser> {
  const profile = await mkdtemp(path.join(os.tmpdir(), "loghunter-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath,
    headless: true,
    args: FLAGS,
    viewport: { width: look.width, height: look.height },
    colorScheme: look.colorScheme ?? "light",
    hasTouch: look.touch ?? false,
    isMobile: look.touch ?? false,
    locale: "en-GB",
    timezoneId: "Europe/Prague",
  });
  context.setDefaultTimeout(60_000);
  return {
    context,
    async close() {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

/** No sandbox: CI runs as root in a container. The rest keeps it from calling anywhere. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
