package activity

import "context"

// counted returns how many of the shop's entries match the filter, where the counts can tell.
func (s *Service) counted(ctx context.Context, shop int64, filter *Filter) (count int64, known bool, err error) {
	return 0, false, nil
}
