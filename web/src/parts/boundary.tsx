import { Component, type ReactNode } from 'react';
import { Button, EmptyState, Page, Section } from '../ui';

/** Shows a way on where a page broke: by a mistake of ours, or because a newer version was installed meanwhile. */
export class Boundary extends Component<{ children: ReactNode }, { broken: boolean }> {
  override state = { broken: false };

  static getDerivedStateFromError() {
    return { broken: true };
  }

  override render() {
    if (!this.state.broken) return this.props.children;
    return (
      <Page heading="Something went wrong">
        <Section label="Something went wrong">
          <EmptyState
            heading="This page could not be shown"
            icon="alert-circle"
            actions={
              <Button variant="primary" onClick={() => location.reload()}>
                Load again
              </Button>
            }
          >
            Your data is safe. Tagtrail may have been updated while this page was open; loading it again helps
            then.
          </EmptyState>
        </Section>
      </Page>
    );
  }
}
