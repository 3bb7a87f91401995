import { useEffect, useId, useRef, type FormEvent, type ReactNode } from 'react';

interface StepFormProps {
  readonly title: string;
  readonly lead: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** One step: what it is about, its fields, its buttons. */
export function StepForm({ title, lead, onSubmit, children }: StepFormProps): ReactNode {
  const titleId = useId();
  const form = useRef<HTMLFormElement>(null);
  const head = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const fields = [...(form.current?.querySelectorAll<HTMLElement>('input:not([readonly])') ?? [])];
    (fields.find((one) => one.checkVisibility()) ?? head.current)?.focus();
  }, []);
  return (
    <form
      ref={form}
      className="setup-form"
      // With the focus in its first field, who can not see it hears by this that there is another step.
      aria-labelledby={titleId}
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h1 ref={head} id={titleId} tabIndex={-1}>
        {title}
      </h1>
      <p className="lead">{lead}</p>
      {children}
    </form>
  );
}
