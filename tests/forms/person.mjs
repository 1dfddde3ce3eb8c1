// A person at the page: fields are found by their ids in either library's way, and seen as they are drawn.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';

export const LIBRARIES = ['react-jsonschema-form', 'JSON Forms'];

export class Person {
  constructor(page, library) {
    this.page = page;
    this.library = library;
    this.pictures = 0;
    this.complaints = [];
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && this.complaints.push(message.text()));
  }

  /** Chooses the library, and begins with the driver that has this name. */
  async begins(driver) {
    await this.page.locator('#library').selectOption(this.library);
    await this.page.getByRole('button', { name: `Add ${driver}`, exact: true }).click();
    await this.page.getByRole('heading', { name: 'step 1 of' }).waitFor();
  }

  /** The part of the page that is about the field `id`: label, input, description, errors. */
  field(id) {
    return this.library === 'JSON Forms'
      ? this.page.locator(`[id="#/properties/${id}"]`)
      : this.page.locator(`.rjsf-field:has(> #root_${id}), .rjsf-field:has(> div > #root_${id})`).last();
  }

  input(id) {
    return this.field(id).locator('input, select').first();
  }

  async fills(values) {
    for (const [id, value] of Object.entries(values)) {
      const input = this.input(id);
      if ((await input.evaluate((element) => element.tagName)) !== 'SELECT') await input.fill(value);
      else await input.selectOption({ index: await this.option(id, value) });
    }
  }

  /** Which choice has a title that begins so; the first, where that is empty. */
  async option(id, begin) {
    if (begin === '') return 0;
    const titles = await this.titles(id);
    const found = titles.findIndex((title) => title === begin || title.startsWith(`${begin},`) || title.startsWith(`${begin}:`));
    assert(found >= 0, `${id} has no ${begin}: ${titles}`);
    return found;
  }

  async titles(id) {
    return this.input(id).locator('option').evaluateAll((options) => options.map((option) => option.label));
  }

  /** Goes on. `to` is what shows that the page has. */
  async submits(button, to) {
    await this.page.getByRole('button', { name: button, exact: true }).click();
    await to.waitFor();
  }

  async next(step) {
    await this.submits('Next', this.page.getByRole('heading', { name: `step ${step} of` }));
  }

  /** Does all of `way`; where that fails a picture is left, and the browser's complaints are told. */
  async goes(way) {
    try {
      await way();
      assert.deepEqual(this.complaints, []);
    } catch (error) {
      await this.takesPicture('failed');
      console.error(this.complaints);
      throw error;
    } finally {
      await this.page.close();
    }
  }

  /** Goes on, and is told beside the field `id` what is wrong: `text`. */
  async isRefused(button, id, text) {
    const errors = this.field(id).locator('.error-detail, .validation_error');
    await this.submits(button, errors.filter({ hasText: text }));
  }

  /** The row of the server `name`. */
  row(name) {
    return this.page.locator('tbody').getByRole('row').filter({ hasText: name });
  }

  /** Fails where a choice was made for the person. */
  async seesNothingChosen() {
    for (const select of await this.page.locator('section select').all()) {
      const [id, index] = await select.evaluate((element) => [element.id, element.selectedIndex]);
      assert.equal(index, 0, `${id}: nothing is chosen for anybody`);
    }
  }

  async takesPicture(name) {
    const directory = process.env.VA_SCREENSHOTS;
    fs.mkdirSync(directory, { recursive: true });
    this.pictures += 1;
    const file = `${this.library.replaceAll(' ', '-')}-${String(this.pictures).padStart(2, '0')}-${name}.png`;
    await this.page.screenshot({ path: path.join(directory, file), fullPage: true });
  }
}
