import { defaultTreeAdapter, parse, type DefaultTreeAdapterTypes } from 'parse5';
import { readScriptAnswer, type Answer } from './answer.ts';

/** A page with more elements than this is not a page of Roundcube's that we asked for. */
const MOST_ELEMENTS = 200_000;

export interface Field {
  readonly name: string;
  readonly value: string;
}

export interface Select {
  readonly name: string;
  readonly options: readonly { readonly value: string; readonly text: string; readonly selected: boolean }[];
}

export interface Form {
  readonly action: string;
  readonly fields: readonly Field[];
  readonly selects: readonly Select[];
}

/** An item of a list, with the first checkbox in it: a row of the settings' folder list. */
export interface Item {
  readonly classes: readonly string[];
  readonly checkbox?: { readonly value: string; readonly isChecked: boolean; readonly isDisabled: boolean };
}

export interface Page extends Answer {
  readonly forms: readonly Form[];
  readonly items: readonly Item[];
  /** Also those outside of every form. */
  readonly selects: readonly Select[];
}

export function readPage(html: string): Page {
  const elements = elementsOf(parse(html));
  const scripts = elements.filter((element) => element.tagName === 'script').map(textOf);
  const selects = elements.filter((element) => element.tagName === 'select').map(selectOf);
  const forms = elements.filter((element) => element.tagName === 'form').map(formOf);
  const items = elements.filter((element) => element.tagName === 'li').map(itemOf);
  return { ...readScriptAnswer(scripts), forms, selects, items };
}

/** The form that asks for a user name and a password the way Roundcube does. */
export function loginForm(page: Page): Form | undefined {
  return page.forms.find((form) => {
    const names = new Set(form.fields.map((field) => field.name));
    return names.has('_user') && names.has('_pass') && names.has('_token');
  });
}

export function isLoginPage(page: Page): boolean {
  return loginForm(page) !== undefined || page.env['task'] === 'login';
}

export function findSelect(page: Page, name: string): Select | undefined {
  return page.selects.find((select) => select.name === name);
}

type Element = DefaultTreeAdapterTypes.Element;
type Parent = DefaultTreeAdapterTypes.ParentNode;

/** Without recursion: a page may nest as deep as it likes. */
function elementsOf(root: Parent): Element[] {
  const found: Element[] = [];
  const waiting: Parent[] = [root];
  for (let node = waiting.pop(); node !== undefined && found.length < MOST_ELEMENTS; node = waiting.pop()) {
    const children = node.childNodes.filter((child) => defaultTreeAdapter.isElementNode(child));
    if ('tagName' in node) found.push(node);
    for (const child of children.toReversed()) waiting.push(child);
  }
  return found;
}

function formOf(form: Element): Form {
  const inside = elementsOf(form);
  const fields = inside
    .filter((element) => element.tagName === 'input')
    .map((input) => ({ name: attribute(input, 'name') ?? '', value: attribute(input, 'value') ?? '' }))
    .filter((field) => field.name !== '');
  return {
    action: attribute(form, 'action') ?? '',
    fields,
    selects: inside.filter((element) => element.tagName === 'select').map(selectOf),
  };
}

function selectOf(select: Element): Select {
  const options = elementsOf(select)
    .filter((element) => element.tagName === 'option')
    .map((option) => ({
      value: attribute(option, 'value') ?? textOf(option),
      text: textOf(option).trim(),
      selected: attribute(option, 'selected') !== undefined,
    }));
  return { name: attribute(select, 'name') ?? '', options };
}

/** Items nest, and an item's own checkbox stands before those of the items in it; so nothing is looked for inside of a list in it. */
function itemOf(item: Element): Item {
  const classes = (attribute(item, 'class') ?? '').split(/\s+/).filter((name) => name !== '');
  const waiting = item.childNodes.filter((child) => defaultTreeAdapter.isElementNode(child)).toReversed();
  for (let element = waiting.pop(); element !== undefined; element = waiting.pop()) {
    if (element.tagName === 'input' && attribute(element, 'type') === 'checkbox') {
      const checkbox = {
        value: attribute(element, 'value') ?? '',
        isChecked: attribute(element, 'checked') !== undefined,
        isDisabled: attribute(element, 'disabled') !== undefined,
      };
      return { classes, checkbox };
    }
    if (element.tagName === 'ul') continue;
    waiting.push(...element.childNodes.filter((child) => defaultTreeAdapter.isElementNode(child)).toReversed());
  }
  return { classes };
}

function attribute(element: Element, name: string): string | undefined {
  return element.attrs.find((attr) => attr.name === name)?.value;
}

function textOf(element: Element): string {
  return element.childNodes
    .filter((node) => defaultTreeAdapter.isTextNode(node))
    .map((node) => node.value)
    .join('');
}
