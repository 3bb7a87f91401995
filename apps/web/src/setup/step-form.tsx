import type { FormEvent, ReactNode } from 'react';

interface StepFormProps {
  readonly title: string;
  readonly lead: string;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

/** One step: what it is about, its fields, its buttons. */
export function StepForm({ title, lead, onSubmit, children }: StepFormProps): ReactNode {
  return (
    <form
      className="setup-form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h1 tabIndex={-1}>{title}</h1>
      <p className="lead">{lead}</p>
      {children}
    </form>
  );
}
