import { lazy, type ReactNode, Suspense } from 'react';
import { Route, Routes, useNavigate } from 'react-router';
import { ActivityPage } from './pages/activity/page';
import { EntrySkeleton } from './pages/entry/skeleton';
import { ExplainPageSkeleton } from './pages/explain/skeleton';
import { FailuresSkeleton } from './pages/failures/skeleton';
import { LostPage } from './pages/lost/page';
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
