import type { BodyPart } from '../api/methods.ts';

const IMAGES = new Set(['image/png', 'image/jpeg', 'image/gif', 'image/webp']);
const LARGEST_IMAGE = 20 * 1024 * 1024;
const LARGEST_PDF = 50 * 1024 * 1024;

export type Preview = 'image' | 'pdf';

/** As what a file can be looked at here. SVG is a document that can do things, and stays a file; PDF where the browser has a viewer of its own. */
export function previewOf({ type, size, name }: Pick<BodyPart, 'type' | 'size' | 'name'>): Preview | undefined {
  const kind = type.toLowerCase();
  if (IMAGES.has(kind)) return size <= LARGEST_IMAGE ? 'image' : undefined;
  const isPdf = kind === 'application/pdf' || (kind === 'application/octet-stream' && /\.pdf$/i.test(name ?? ''));
  return isPdf && size <= LARGEST_PDF && navigator.pdfViewerEnabled ? 'pdf' : undefined;
}
