import { lazy, Suspense } from 'react';
import { Route, Routes, useNavigate } from 'react-router';
import { ActivityPage } from './pages/activity/page';
import { EntrySkeleton } from './pages/entry/skeleton';
import { LostPage } from './pages/lost/page';
import { RuleSkeleton } from './pages/rule/skeleton';
import { RulesSkeleton } from './pages/rules/skeleton';
import { Boundary } from './parts/boundary';
import { ShopProvider } from './parts/shop';
import { AppNavigation, useAdminLinks } from './shopify/admin';

// The log is the home and loads at once; the other pages come when they are asked for.
const EntryPage = lazy(() => import('./pages/entry/page').then((page) => ({ default: page.EntryPage })));
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
        ]}
      />
      <Boundary>
        <Routes>
          <Route index element={<ActivityPage />} />
          <Route
            path="activity/:id"
            element={
              <Suspense fallback={<EntrySkeleton />}>
                <EntryPage />
              </Suspense>
            }
          />
          <Route
            path="rules"
            element={
              <Suspense fallback={<RulesSkeleton />}>
                <RulesPage />
              </Suspense>
            }
          />
          <Route
            path="rules/:id"
            element={
              <Suspense fallback={<RuleSkeleton />}>
                <RulePage />
              </Suspense>
            }
          />
          <Route path="*" element={<LostPage />} />
        </Routes>
      </Boundary>
    </ShopProvider>
  );
}
