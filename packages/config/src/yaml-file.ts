import { readFileSync, statSync } from 'node:fs';
import { messageOf } from '@stopgap/core';
import { isMap, isSeq, LineCounter, parseDocument, type Document } from 'yaml';
import { ConfigError, type KeyPath } from './problem.ts';

/** Far above any real configuration; a wrong file name must not fill the memory. */
const LARGEST_FILE_BYTES = 1_000_000;

export interface YamlFile {
  readonly content: unknown;
  /** The line, from 1, on which this key stands, or the nearest one around it that is written down. */
  lineOf(path: KeyPath): number | undefined;
}

/** Throws a ConfigError when it can not be read or is no YAML. */
export function readYamlFile(file: string): YamlFile {
  return parseYaml(readText(file), file);
}

/** @param file what it is called in sentences about it */
export function parseYaml(text: string, file: string): YamlFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings];
  if (faults.length > 0) {
    throw new ConfigError(faults.map((fault) => `${file}:${lines.linePos(fault.pos[0]).line}: is not valid YAML: ${fault.message}`));
  }
  return {
    content: contentOf(document, file),
    lineOf: (path) => {
      const offset = offsetOf(document, path);
      return offset === undefined ? undefined : lines.linePos(offset).line;
    },
  };
}

function readText(file: string): string {
  try {
    const bytes = statSync(file).size;
    if (bytes > LARGEST_FILE_BYTES) throw new ConfigError([`${file} has ${bytes} bytes; that is no configuration, name another file`]);
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    throw new ConfigError([`${file} can not be read (${messageOf(error)}); name a file that is there with --config or STOPGAP_CONFIG`]);
  }
}

function contentOf(document: Document, file: string): unknown {
  try {
    // An empty file, or one with comments only, asks for the defaults.
    return document.toJS() ?? {};
  } catch (error) {
    // Too many aliases, or an alias without its anchor.
    throw new ConfigError([`${file} is not valid YAML: ${messageOf(error)}`]);
  }
}

function offsetOf(document: Document, path: KeyPath): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => String(item.key) === String(part));
      offset = startOf(pair?.key) ?? offset;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      offset = startOf(node) ?? offset;
    } else {
      return offset;
    }
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range) ? Number(node.range[0]) : undefined;
}
