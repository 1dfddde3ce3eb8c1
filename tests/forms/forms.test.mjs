// The forms of every driver, filled in by either library: node --test tests/forms

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Beds } from './beds.mjs';
import { LIBRARIES, Person } from './person.mjs';

const beds = new Beds();

/** What a person does: it is done by each of the libraries. */
const ways = new Map();

ways.set('a libvirt host is described, a server made on it, acted on and deleted', async (me) => {
  const { libvirt } = beds;
  const name = `lab-${LIBRARIES.indexOf(me.library)}`;

  await me.begins('LibVirt');
  await me.seesNothingChosen();
  await me.takesPicture('libvirt-host');
  await me.fills({ provider_name: '../x', host_ip: '127.0.0.1:1', host_protocol: 'qemu+tcp' });
  await me.isRefused('Next', 'provider_name', 'Provider name');
  await me.fills({ provider_name: name });
  await me.isRefused('Next', 'host_ip', 'refuses connections');
  await me.takesPicture('libvirt-unreachable');
  // a whole URI is as good as host and protocol
  await me.fills({ host_ip: '', host_protocol: '', uri: libvirt.VA_URI_UNIX });
  await me.next(2);
  await me.seesNothingChosen();
  assert((await me.titles('pool')).includes('default (the default)'));
  await me.fills({ network: libvirt.VA_NETWORK ?? 'user' });
  await me.takesPicture('libvirt-network');
  await me.next(3);
  await me.seesNothingChosen();
  assert((await me.titles('size')).includes('va-small: 1 CPU, 1 GiB RAM, 5 GiB disk'));
  assert((await me.titles('image')).includes('guest.qcow2, 64 MiB'));
  await me.fills({ image: 'guest.qcow2', size: 'va-small' });
  await me.takesPicture('libvirt-image');
  await me.submits('Next', me.page.getByRole('heading', { name, exact: true }));

  await me.field('server_name').waitFor();
  await me.fills({ server_name: 'no/name', wait: 'defined' });
  await me.isRefused('Create', 'server_name', 'name');
  await me.takesPicture('server-refused');
  await me.fills({ server_name: name });
  await me.submits('Create', me.page.getByRole('status').getByText(name));
  const row = me.row(name);
  await row.waitFor();
  await me.takesPicture('server-made');
  await row.getByRole('button', { name: 'start' }).click();
  await row.getByRole('cell', { name: 'ACTIVE', exact: true }).waitFor();
  await me.takesPicture('server-started');
  await row.getByRole('button', { name: 'delete' }).click();
  await row.waitFor({ state: 'detached' });
  assert.match(await me.page.locator('.usage').innerText(), /Memory: \d+ of \d+ MiB used, \d+ free/);
});

ways.set('an OpenStack is described, and a server made on it', async (me) => {
  const { openstack } = beds;
  const name = `cloud-${LIBRARIES.indexOf(me.library)}`;

  await me.begins('OpenStack');
  await me.seesNothingChosen();
  assert.equal(await me.input('password').getAttribute('type'), 'password');
  await me.fills({
    provider_name: name,
    host_ip: openstack.VA_OS_AUTH_URL,
    username: openstack.VA_OS_USERNAME,
    password: 'not this one',
    tenant: openstack.VA_OS_PROJECT,
    region: openstack.VA_OS_REGION,
  });
  await me.isRefused('Next', 'password', 'password');
  await me.takesPicture('openstack-refused');
  // an application credential is as good as user, password and project
  await me.fills({
    username: '',
    password: '',
    tenant: '',
    application_credential_id: openstack.VA_OS_APP_CRED_ID,
    application_credential_secret: openstack.VA_OS_APP_CRED_SECRET,
  });
  await me.next(2);
  await me.seesNothingChosen();
  await me.fills({ network: 'private', sec_group: 'default' });
  await me.takesPicture('openstack-network');
  await me.next(3);
  await me.fills({ image: 'tiny', size: 'm1.tiny' });
  await me.takesPicture('openstack-image');
  await me.submits('Next', me.page.getByRole('heading', { name, exact: true }));

  await me.field('server_name').waitFor();
  await me.fills({ server_name: name });
  await me.submits('Create', me.page.getByRole('status').getByText(`${name} is active`));
  await me.takesPicture('openstack-server');
  const row = me.row(name);
  await row.getByRole('button', { name: 'delete' }).click();
  await row.waitFor({ state: 'detached' });
});

ways.set('the first form of every driver is drawn, with nothing chosen', async (me) => {
  const buttons = me.page.getByRole('button', { name: /^Add / });
  // they come all at once, when the drivers have been asked for
  await buttons.first().waitFor();
  const names = await buttons.allTextContents();
  assert(names.length >= 2, names.join());
  for (const name of names) {
    await me.begins(name.replace('Add ', ''));
    await me.seesNothingChosen();
    await me.isRefused('Next', 'provider_name', /required|filled/);
  }
});

describe('the forms', { concurrency: true }, () => {
  before(() => beds.start(), { timeout: 300_000 });
  after(() => beds.end());
  for (const [name, way] of ways) {
    for (const library of LIBRARIES) {
      test(`${name}, by ${library}`, { timeout: 400_000 }, async () => {
        const me = new Person(await beds.open(), library);
        await me.goes(() => way(me));
      });
    }
  }
});
