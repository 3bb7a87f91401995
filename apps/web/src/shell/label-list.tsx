import type { ReactNode } from 'react';
import { plainText } from '../list/address-text.ts';
import { labelColour } from '../list/labels.ts';
import { useLabels } from '../list/use-labels.ts';
import { useWords } from '../words/use-words.ts';
import { hashOf } from './place.ts';
import { useListPlace } from './use-place.ts';

/** The labels that are in use; each leads to what has it. */
export function LabelList(): ReactNode {
  const words = useWords();
  const place = useListPlace();
  const { keywords, nameOf } = useLabels();
  if (keywords.length === 0) return null;
  return (
    <section className="labels-list" aria-labelledby="labels-title">
      <h2 id="labels-title">{words.labels.all}</h2>
      <ul>
        {keywords.map((keyword) => {
          const name = nameOf(keyword);
          // The keyword itself names it, too.
          const text = name.includes('"') ? `label:${keyword}` : `label:"${name}"`;
          return (
            <li key={keyword}>
              <a
                className="label-link"
                href={hashOf({ kind: 'search', text })}
                aria-current={place.kind === 'search' && place.text === text ? 'page' : undefined}
              >
                <span className={`label label-${labelColour(keyword)}`}>{plainText(name)}</span>
              </a>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
