// Uses a page with the keyboard alone: Tab until the wanted control has the focus, then type or press.
import assert from "node:assert/strict";

const STEPS = 80; // more stops than any page of ours has

/** Tabs to the control; fails when it cannot be reached or when the focus cannot be seen on it. */
export async function focusOn(page, locator) {
  await locator.waitFor();
  for (let step = 0; step <= STEPS; step++) {
    if (await locator.evaluate((element) => element === document.activeElement)) {
      assert.ok(await locator.evaluate(showsFocus), `no visible focus on ${locator}`);
      return;
    }
    await page.keyboard.press("Tab");
  }
  assert.fail(`the Tab key does not get to ${locator}`);
}

/** Tabs to a text control and types, in place of what stands there. */
export async function typeInto(page, locator, text) {
  await focusOn(page, locator);
  await page.keyboard.press("Control+A");
  await page.keyboard.type(text);
}

/** Tabs to a button or link and presses Enter. */
export async function press(page, locator) {
  await focusOn(page, locator);
  await page.keyboard.press("Enter");
}

/** Runs in the page: an outline, a shadow or a border that only the focus brings. */
function showsFocus(element) {
  const look = () => {
    const style = getComputedStyle(element);
    return [style.outlineStyle === "none" ? "" : `${style.outlineWidth}${style.outlineColor}`, style.boxShadow, style.borderColor].join();
  };
  const focused = look();
  element.blur();
  const plain = look();
  element.focus({ focusVisible: true });
  return focused !== plain;
}
