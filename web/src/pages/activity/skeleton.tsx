import { BoneRows } from '../../ui';

/** The list before it is read, as tall as a screenful of it. */
export function ActivitySkeleton() {
  return <BoneRows rows={14} label="Loading the log" />;
}
