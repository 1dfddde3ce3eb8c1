// What the forms are filled in for: a libvirt and an OpenStack of the tests' own, the bridge, a browser.

import { execFile, spawn } from 'node:child_process';
import { createRequire } from 'node:module';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const TOP = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const EXAMPLE = path.join(TOP, 'docs/examples/dashboard');
const { chromium } = createRequire(path.join(EXAMPLE, 'package.json'))('playwright-core');
const run = promisify(execFile);

/** Starts all of it; `end` stops it in any state. */
export class Beds {
  constructor() {
    this.directory = fs.mkdtempSync('/tmp/va.');
    fs.chmodSync(this.directory, 0o711); // whoever guests run as must get to their disks
    this.stops = [];
  }

  async start() {
    await Promise.all([this.startLibvirt(), this.startOpenStack(), this.startPage()]);
  }

  async end() {
    await this.browser?.close();
    await Promise.all(this.stops.map((stop) => stop()));
    fs.rmSync(this.directory, { recursive: true, force: true });
  }

  async startLibvirt() {
    const kind = process.getuid() === 0 ? 'start-system' : 'start-session';
    this.libvirt = await this.startBed('libvirtd', kind, path.join(this.directory, 'l'));
    fs.copyFileSync(process.env.VA_GUEST_IMAGE, path.join(this.libvirt.VA_POOL_DIR, 'guest.qcow2'));
  }

  async startOpenStack() {
    this.openstack = await this.startBed('openstack', 'start', path.join(this.directory, 'o'));
  }

  async startBed(program, command, directory) {
    const script = path.join(TOP, 'tests/bed', program);
    this.stops.push(() => run(script, ['stop', directory]).catch(console.error));
    const { stdout } = await run(script, [command, directory]);
    return Object.fromEntries(stdout.trim().split('\n').map((line) => line.split(/=(.*)/s, 2)));
  }

  async startPage() {
    const env = { ...process.env, VA_DRIVER_STATE_DIR: path.join(this.directory, 'state') };
    const bridge = spawn(path.join(EXAMPLE, 'bridge.py'), { env, stdio: ['ignore', 'pipe', 'inherit'] });
    this.stops.push(async () => bridge.kill());
    this.address = await new Promise((resolve, reject) => {
      bridge.stdout.once('data', (text) => resolve(String(text).trim()));
      bridge.once('exit', (code) => reject(new Error(`the bridge ended with ${code}`)));
    });
    this.browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      // it cannot make a sandbox of its own for root
      args: process.getuid() === 0 ? ['--no-sandbox'] : [],
      env: { ...process.env, HOME: this.directory, LANG: 'C.UTF-8' },
    });
  }

  /** The page, freshly opened. */
  async open() {
    const page = await this.browser.newPage();
    page.setDefaultTimeout(90_000);
    await page.goto(this.address);
    return page;
  }
}
