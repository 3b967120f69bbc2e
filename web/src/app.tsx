import { lazy, type ReactNode, Suspense } from 'react';
import { Route, Routes, useNavigate } from 'react-router';
import { ActivityPage } from './pages/activity/page';
import { CleanerSkeleton } from './pages/cleaner/skeleton';
import { EntrySkeleton } from './pages/entry/skeleton';
import { ExplainPageSkeleton } from './pages/explain/skeleton';
import { ExportsSkeleton } from './pages/exports/skeleton';
import { FailuresSkeleton } from './pages/failures/skeleton';
import { LostPage } from './pages/lost/page';
import { NewOperationSkeleton } from './pages/new-operation/skeleton';
import { OperationSkeleton } from './pages/operation/skeleton';
import { OperationsSkeleton } from './pages/operations/skeleton';
import { RecordSkeleton } from './pages/record/skeleton';
import { RuleSkeleton } from './pages/rule/skeleton';
import { RulesSkeleton } from './pages/rules/skeleton';
import { SettingsSkeleton } from './pages/settings/skeleton';
import { Boundary } from './parts/boundary';
import { ShopProvider } from './parts/shop';
import { AppNavigation, useAdminLinks } from './shopify/admin';

// The log is the home and loads at once; the other pages come when they are asked for.
const EntryPage = lazy(() => import('./pages/entry/page').then((page) => ({ default: page.EntryPage })));
const RecordPage = lazy(() => import('./pages/record/page').then((page) => ({ default: page.RecordPage })));
const ExplainPage = lazy(() =>
  import('./pages/explain/page').then((page) => ({ default: page.ExplainPage })),
);
const FailuresPage = lazy(() =>
  import('./pages/failures/page').then((page) => ({ default: page.FailuresPage })),
);
const SettingsPage = lazy(() =>
  import('./pages/settings/page').then((page) => ({ default: page.SettingsPage })),
);
const RulesPage = lazy(() => import('./pages/rules/page').then((page) => ({ default: page.RulesPage })));
const OperationsPage = lazy(() =>
  import('./pages/operations/page').then((page) => ({ default: page.OperationsPage })),
);
const NewOperationPage = lazy(() =>
  import('./pages/new-operation/page').then((page) => ({ default: page.NewOperationPage })),
);
const OperationPage = lazy(() =>
  import('./pages/operation/page').then((page) => ({ default: page.OperationPage })),
);
const ExportsPage = lazy(() =>
  import('./pages/exports/page').then((page) => ({ default: page.ExportsPage })),
);
const CleanerPage = lazy(() =>
  import('./pages/cleaner/page').then((page) => ({ default: page.CleanerPage })),
);
const RulePage = lazy(() => import('./pages/rule/page').then((page) => ({ default: page.RulePage })));

/** The pages and their addresses. */
export function App() {
  const navigate = useNavigate();
  useAdminLinks((href) => navigate(href));
  return (
    <ShopProvider>
      <AppNavigation
        links={[
          { href: '/', name: 'Activity', home: true },
          { href: '/rules', name: 'Rules' },
          { href: '/operations', name: 'Operations' },
          { href: '/cleaner', name: 'Data cleaner' },
          { href: '/exports', name: 'Exports' },
          { href: '/settings', name: 'Settings' },
        ]}
      />
      <Boundary>
        <Routes>
          <Route index element={<ActivityPage />} />
          <Route path="activity/:id" element={later(<EntryPage />, <EntrySkeleton />)} />
          <Route path="record" element={later(<RecordPage />, <RecordSkeleton />)} />
          <Route path="explain" element={later(<ExplainPage />, <ExplainPageSkeleton />)} />
          <Route path="failures" element={later(<FailuresPage />, <FailuresSkeleton />)} />
          <Route path="settings" element={later(<SettingsPage />, <SettingsSkeleton />)} />
          <Route path="rules" element={later(<RulesPage />, <RulesSkeleton />)} />
          <Route path="rules/:id" element={later(<RulePage />, <RuleSkeleton />)} />
          <Route path="operations" element={later(<OperationsPage />, <OperationsSkeleton />)} />
          <Route path="operations/new" element={later(<NewOperationPage />, <NewOperationSkeleton />)} />
          <Route path="operations/:id" element={later(<OperationPage />, <OperationSkeleton />)} />
          <Route path="cleaner" element={later(<CleanerPage />, <CleanerSkeleton />)} />
          <Route path="exports" element={later(<ExportsPage />, <ExportsSkeleton />)} />
          <Route path="*" element={<LostPage />} />
        </Routes>
      </Boundary>
    </ShopProvider>
  );
}

/** A page whose code is still to come, with what stands there until it has. */
function later(page: ReactNode, skeleton: ReactNode): ReactNode {
  return <Suspense fallback={skeleton}>{page}</Suspense>;
}
